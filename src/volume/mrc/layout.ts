/** Where the voxels of an MRC file lie, and how they are stored. Checked against the size of the file. */
import { TomoflowError } from "../../core/error.ts";
import type { AxisOrder } from "../axis-order.ts";
import type { RawLayout } from "../raw-box.ts";
import type { Oddity, VoxelType } from "../volume.ts";
import { readAxisOrder } from "./axes.ts";
import { lacksExtendedHeader, neededBytes } from "./byte-order.ts";
import { headerBytes, type MrcFields } from "./fields.ts";
import { readableMode } from "./mode.ts";

/** IMOD's flags. */
const signedBytesFlag = 1;
const packedBytesFlag = 16;

export interface MrcLayout extends RawLayout {
  readonly order: AxisOrder;
}

/**
 * The layout that a header describes. Throws `mrc-header`, `mrc-mode`, `mrc-complex`, `mrc-colour`, `mrc-volume-stack` or
 * `mrc-truncated`, before anything is allocated.
 */
export function readLayout(
  fields: MrcFields,
  file: { readonly littleEndian: boolean; readonly fileBytes: number; readonly path: string },
): { layout: MrcLayout; oddities: Oddity[] } {
  const { path, littleEndian, fileBytes } = file;
  checkSizes(fields, path);
  const mode = readableMode(fields.mode, path);
  refuseVolumeStack(fields, path);
  checkFileSize(fields, fileBytes, path);
  const { order, oddities } = readAxisOrder(fields.axes);
  const voxels = readVoxelStorage(fields, mode.type);
  const [columns, rows, sections] = fields.size;
  const layout: MrcLayout = {
    dataStart: headerBytes + (lacksExtendedHeader(fields, fileBytes) ? 0 : fields.extendedHeaderBytes),
    littleEndian,
    fileShape: [sections, rows, voxels.halfWidth ? columns * 2 : columns],
    order,
    type: voxels.type,
    packed: voxels.packed,
    rowBytes: voxels.halfWidth ? columns : Math.ceil((columns * mode.bitsPerVoxel) / 8),
  };
  return { layout, oddities: [...oddities, ...voxels.oddities] };
}

function checkSizes({ size, extendedHeaderBytes }: MrcFields, path: string): void {
  if (size.some((length) => length <= 0))
    throw new TomoflowError("mrc-header", `${path} says it has ${size.join("×")} voxels (x, y, z)`, {
      hint: "the header is damaged, or the program that writes the file has not finished",
    });
  if (extendedHeaderBytes < 0)
    throw new TomoflowError(
      "mrc-header",
      `${path} says its extended header has ${extendedHeaderBytes} bytes`,
      {
        hint: "the header is damaged; IMOD's alterheader can repair it",
      },
    );
}

/** Space groups 401 to 630 say that a file holds several volumes, MZ sections each. */
function refuseVolumeStack({ spaceGroup, size, intervals }: MrcFields, path: string): void {
  if (spaceGroup < 401 || spaceGroup > 630) return;
  const sections = intervals[2] > 0 ? intervals[2] : size[2];
  const volumes = Math.floor(size[2] / sections);
  throw new TomoflowError(
    "mrc-volume-stack",
    `${path} is a stack of ${volumes} volumes of ${sections} sections each (space group ${spaceGroup}), not one volume`,
    {
      hint: `write each volume to a file of its own, for example with IMOD: newstack -secs 0-${sections - 1} in.mrc first.mrc`,
    },
  );
}

function checkFileSize(fields: MrcFields, fileBytes: number, path: string): void {
  const needed = neededBytes(fields);
  if (needed <= fileBytes || lacksExtendedHeader(fields, fileBytes)) return;
  const { size, extendedHeaderBytes } = fields;
  const extended = extendedHeaderBytes > 0 ? `, an extended header of ${extendedHeaderBytes} bytes` : "";
  throw new TomoflowError(
    "mrc-truncated",
    `${path} is cut off: its header promises ${size.join("×")} voxels (x, y, z)${extended} and so ${needed} bytes, but there are ${fileBytes}`,
    { hint: "copy the file again, or wait until the program that writes it has finished" },
  );
}

interface VoxelStorage {
  readonly type: VoxelType;
  readonly packed: boolean;
  /** The header counts bytes where it should count voxels, two a byte. */
  readonly halfWidth: boolean;
  readonly oddities: readonly Oddity[];
}

function readVoxelStorage(fields: MrcFields, type: VoxelType): VoxelStorage {
  const plain = { type, packed: false, halfWidth: false, oddities: [] };
  if (fields.mode === 101)
    return { ...plain, packed: true, oddities: [{ code: "packed-voxels", message: packedMessage }] };
  if (fields.mode !== 0) return plain;
  if (fields.imodFlags & packedBytesFlag)
    return {
      type: "uint8",
      packed: true,
      halfWidth: true,
      oddities: [{ code: "packed-bytes", message: halfMessage }],
    };
  return { ...plain, ...readSignedness(fields) };
}

const packedMessage = "two voxels share a byte (mode 101); they are handed out as uint8, 0 to 15";
const halfMessage =
  "IMOD's flags say that each byte of mode 0 holds two 4-bit voxels; the volume is twice as wide as the header says";

/** MRC2014 says that bytes are signed; IMOD's stamp, or a maximum that no signed byte reaches, can say otherwise. */
function readSignedness(fields: MrcFields): { type: VoxelType; oddities: Oddity[] } {
  const { fromImod, imodFlags, minimum, maximum } = fields;
  if (fromImod && !(imodFlags & signedBytesFlag))
    return {
      type: "uint8",
      oddities: [
        { code: "unsigned-bytes", message: "IMOD's flags say that the bytes are unsigned; read as 0 to 255" },
      ],
    };
  if (fromImod || !(maximum > 127 && maximum <= 255)) return { type: "int8", oddities: [] };
  if (minimum >= 0) {
    const message = `the header's maximum is ${maximum}, which no signed byte reaches; read as unsigned, 0 to 255`;
    return { type: "uint8", oddities: [{ code: "unsigned-bytes", message }] };
  }
  const message = `the header's range ${minimum} to ${maximum} fits neither signed nor unsigned bytes; read as signed`;
  return { type: "int8", oddities: [{ code: "bytes-ambiguous", message }] };
}
