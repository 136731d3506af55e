/** What an MRC header says, checked and in plain words. */
import { TomoflowError } from "../../core/error.ts";
import { toVolumeOrder } from "../axis-order.ts";
import type { Oddity, Shape3, VolumeInfo } from "../volume.ts";
import { lacksExtendedHeader, neededBytes, readOrderedFields } from "./byte-order.ts";
import { headerBytes, type MrcFields } from "./fields.ts";
import { type MrcLayout, readLayout } from "./layout.ts";
import { findMode } from "./mode.ts";
import { readSampling } from "./sampling.ts";

export interface MrcHeader {
  readonly info: VolumeInfo;
  readonly layout: MrcLayout;
}

/**
 * Interprets the first 1024 bytes of a file of `fileBytes` bytes. Throws the errors of `readLayout`, and `mrc-not-mrc` and
 * `mrc-truncated`; whatever is odd but readable is in `info.oddities`.
 */
export function readHeader(bytes: Uint8Array, file: { path: string; fileBytes: number }): MrcHeader {
  const { path, fileBytes } = file;
  if (bytes.length < headerBytes)
    throw new TomoflowError(
      "mrc-truncated",
      `${path} has ${fileBytes} bytes, less than the header of an MRC file`,
      {
        hint: "copy the file again, or wait until the program that writes it has finished",
      },
    );
  const { fields, littleEndian, oddities: stamp } = readOrderedFields(bytes, fileBytes, path);
  const { layout, oddities: storage } = readLayout(fields, { littleEndian, fileBytes, path });
  const { sampling, oddities: space } = readSampling(fields);
  const info: VolumeInfo = {
    ...sampling,
    path,
    format: `MRC mode ${fields.mode} (${modeName(fields, layout)})`,
    shape: toVolumeOrder(layout.fileShape, layout.order) as Shape3,
    type: layout.type,
    labels: fields.labels.filter((label) => label !== ""),
    properties: describe(fields),
    oddities: [...stamp, ...identity(fields), ...storage, ...space, ...contents(fields, fileBytes)],
  };
  return { info, layout };
}

const modeName = ({ mode }: MrcFields, { type, packed }: MrcLayout): string =>
  packed || mode !== 0 ? (packed ? "4-bit integers" : (findMode(mode)?.name ?? "")) : type;

/** Map id and version. */
function identity({ mapId, version }: MrcFields): Oddity[] {
  const oddities: Oddity[] = [];
  if (mapId === "")
    oddities.push({
      code: "map-id-missing",
      message: "the map id `MAP ` is missing, as in files from before 2000",
    });
  else if (mapId !== "MAP")
    oddities.push({ code: "map-id-wrong", message: `the map id is \`${mapId}\` instead of \`MAP \`` });
  if (![0, 20140, 20141].includes(version))
    oddities.push({
      code: "version-unknown",
      message: `${version} is no version of the MRC format; ignored`,
    });
  return oddities;
}

/** Space group, extended header, statistics, labels, length. */
function contents(fields: MrcFields, fileBytes: number): Oddity[] {
  const { spaceGroup, size, extendedHeaderBytes, extendedHeaderType, labelCount, labels } = fields;
  const oddities: Oddity[] = [];
  const report = (code: string, message: string) => void oddities.push({ code, message });
  if (spaceGroup === 0 && size[2] > 1)
    report("image-stack", `space group 0 says that this is a stack of ${size[2]} images; read as one volume`);
  if (lacksExtendedHeader(fields, fileBytes))
    report(
      "extended-header-absent",
      `the header counts an extended header of ${extendedHeaderBytes} bytes, but the file is that much shorter (cryoCARE copies headers so); the voxels are read from byte 1024 on`,
    );
  else if (extendedHeaderBytes > 0)
    report(
      "extended-header",
      `an extended header of ${extendedHeaderBytes} bytes (${extendedType(extendedHeaderType)}) is skipped`,
    );
  if (fields.maximum < fields.minimum || (fields.maximum === 0 && fields.minimum === 0))
    report("statistics-missing", "the header has no minimum and maximum; --stats computes them");
  const filled = labels.filter((label) => label !== "").length;
  if (labelCount !== filled)
    report("label-count", `the header says that it has ${labelCount} labels, but ${filled} are filled in`);
  const extra = fileBytes - neededBytes(fields);
  if (extra > 0) report("bytes-left-over", `${extra} bytes follow the last voxel; ignored`);
  return oddities;
}

const extendedTypes: Readonly<Record<string, string>> = {
  CCP4: "symmetry operators, CCP4",
  MRCO: "MRC",
  SERI: "SerialEM",
  AGAR: "Agard",
  FEI1: "Thermo Fisher, version 1",
  FEI2: "Thermo Fisher, version 2",
  HDF5: "HDF5",
};

const extendedType = (letters: string): string =>
  extendedTypes[letters] ?? (letters === "" ? "of no named type" : `of the unknown type ${letters}`);

/** What `volume info` shows besides shape, sampling and oddities. */
function describe(fields: MrcFields): Record<string, string> {
  const { minimum, maximum, mean, rms, spaceGroup, version, fromImod, imodFlags } = fields;
  return {
    "header statistics": `minimum ${short(minimum)}, maximum ${short(maximum)}, mean ${short(mean)}, rms ${short(rms)}`,
    "space group": String(spaceGroup),
    ...(version === 20140 || version === 20141 ? { version: `MRC2014 (${version})` } : {}),
    ...(fromImod ? { "written by": `IMOD (flags ${imodFlags})` } : {}),
  };
}

/** A float32 in the digits that it has. */
const short = (value: number): string => String(Number(value.toPrecision(7)));
