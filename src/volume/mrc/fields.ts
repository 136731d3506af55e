/**
 * The fields of an MRC2014 header as they stand in the file, nothing interpreted.
 * Source: Cheng et al., J. Struct. Biol. 192 (2015) 146; IMOD's fields as in its own format description.
 */
export const headerBytes = 1024;

export const imodStamp = 1146047817;

/** (x, y, z) as in the file. */
export type FileTriple = readonly [x: number, y: number, z: number];

export interface MrcFields {
  /** Columns, rows, sections. */
  readonly size: FileTriple;
  readonly mode: number;
  /** First column, row, section. */
  readonly start: FileTriple;
  /** Intervals along the cell's x, y, z. */
  readonly intervals: FileTriple;
  /** Å. */
  readonly cell: FileTriple;
  /** Degrees. */
  readonly cellAngles: FileTriple;
  /** Axis (1 x, 2 y, 3 z) of columns, rows, sections. */
  readonly axes: FileTriple;
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  readonly rms: number;
  readonly spaceGroup: number;
  readonly extendedHeaderBytes: number;
  /** Four letters. */
  readonly extendedHeaderType: string;
  readonly version: number;
  /** True when IMOD wrote the file. */
  readonly fromImod: boolean;
  /** IMOD's flags; 0 where IMOD did not write the file. */
  readonly imodFlags: number;
  /** Å. */
  readonly origin: FileTriple;
  /** Four characters, `MAP ` in every valid file. */
  readonly mapId: string;
  readonly machineStamp: readonly [number, number];
  readonly labelCount: number;
  /** All ten, 80 characters each, trailing blanks removed. */
  readonly labels: readonly string[];
}

/** Reads the fields of the first 1024 bytes in the given byte order. */
export function readFields(bytes: Uint8Array, littleEndian: boolean): MrcFields {
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  const integer = (position: number) => view.getInt32(position, littleEndian);
  const real = (position: number) => view.getFloat32(position, littleEndian);
  const integers = (at: number): FileTriple => [integer(at), integer(at + 4), integer(at + 8)];
  const reals = (at: number): FileTriple => [real(at), real(at + 4), real(at + 8)];
  const text = (start: number, length: number) => decodeText(bytes.subarray(start, start + length));
  const fromImod = integer(152) === imodStamp;
  return {
    size: integers(0),
    mode: integer(12),
    start: integers(16),
    intervals: integers(28),
    cell: reals(40),
    cellAngles: reals(52),
    axes: integers(64),
    minimum: real(76),
    maximum: real(80),
    mean: real(84),
    spaceGroup: integer(88),
    extendedHeaderBytes: integer(92),
    extendedHeaderType: text(104, 4),
    version: integer(108),
    fromImod,
    imodFlags: fromImod ? integer(156) : 0,
    origin: reals(196),
    mapId: text(208, 4),
    machineStamp: [bytes[212], bytes[213]],
    rms: real(216),
    labelCount: integer(220),
    labels: Array.from({ length: 10 }, (_, i) => text(224 + 80 * i, 80)),
  };
}

/** ASCII; what cannot be printed reads as a blank; blanks at the end are dropped. */
const decodeText = (bytes: Uint8Array): string =>
  Array.from(bytes, (code) => (code >= 32 && code < 127 ? String.fromCharCode(code) : " "))
    .join("")
    .trimEnd();
