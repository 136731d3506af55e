/** What is said at the command line of the tomogram whose objects a list holds: formats that count in Å or from the centre ask for it. */
import { type Command, Option } from "commander";
import { TomoflowError } from "../../core/error.ts";
import type { KnownTomogram, ObjectFileOptions } from "../../objects/formats/object-format.ts";
import { unreadable } from "../../objects/formats.ts";
import { findListed, type ListedTomogram, readTomogramTable } from "../../objects/tomogram-table.ts";
import type { Shape3, Triple } from "../../volume/volume.ts";
import { voxelSize } from "../amounts.ts";
import { parseNumber, parsePositive, parseShape } from "./flags.ts";

export interface KnowledgeFlags {
  readonly voxelSize?: Triple;
  readonly size?: Shape3;
  readonly volume?: string;
  readonly binned?: number;
  readonly tomogram?: string;
  readonly tomogramIndex?: number;
  readonly tomograms?: string;
}

export const withKnowledge = (command: Command): Command =>
  command
    .addOption(new Option("--voxel-size <Å>", "of the tomogram: one number, or z,y,x").argParser(voxelSize))
    .addOption(new Option("--size <z,y,x>", "of the tomogram, in voxels").argParser(parseShape))
    .addOption(
      new Option("--volume <file>", "the tomogram, whose header says both").conflicts(["voxelSize", "size"]),
    )
    .addOption(
      new Option(
        "--binned <n>",
        "the tomogram is binned by n against the pixels that the list of another program counts in",
      ).argParser(parsePositive),
    )
    .option("--tomogram <id>", "name of the tomogram, for a list that does not say it")
    .option("--tomogram-index <number>", "its number, likewise", parseNumber)
    .addOption(
      new Option(
        "--tomograms <file>",
        "RELION's tomograms.star, which says size, voxel size and binning of each tomogram",
      ).conflicts(["voxelSize", "size", "volume"]),
    );

/** @throws TomoflowError where the volume or the table of tomograms cannot be read, or the volume has no voxel size */
export async function knowledgeOf(
  flags: KnowledgeFlags,
): Promise<
  Pick<ObjectFileOptions, "tomogram" | "tomogramOf"> & { readonly listed?: readonly ListedTomogram[] }
> {
  const { tomogram: id, tomogramIndex: index, binned: binning } = flags;
  const header = flags.volume === undefined ? undefined : await headerOf(flags.volume);
  const voxelSizeAngstrom = flags.voxelSize ?? header?.voxelSizeAngstrom ?? undefined;
  const shape = flags.size ?? header?.shape;
  const tomogram: KnownTomogram = {
    ...((id !== undefined || index !== undefined) && { row: { id, index } }),
    ...(voxelSizeAngstrom && { voxelSizeAngstrom }),
    ...(shape && { shape }),
    ...(binning !== undefined && { binning }),
  };
  if (flags.tomograms === undefined) return { tomogram };
  const table = await readTomogramTable(flags.tomograms);
  if (!table.ok) throw unreadable(flags.tomograms, table.diagnostics);
  const tomogramOf = (name: string): KnownTomogram | undefined => {
    const found = findListed(table.value, name);
    if (!found)
      throw new TomoflowError("objects-other-tomogram", `${flags.tomograms}: there is no tomogram ${name}`, {
        hint: `it lists ${table.value
          .slice(0, 8)
          .map((one) => one.id)
          .join(", ")}${table.value.length > 8 ? " …" : ""}`,
      });
    return { ...found, ...(binning !== undefined && { binning }), row: { id: found.id } };
  };
  return { tomogram, tomogramOf, listed: table.value };
}

async function headerOf(path: string) {
  const { readVolumeInfo } = await import("../../volume/formats.ts");
  const info = await readVolumeInfo(path);
  if (!info.voxelSizeAngstrom)
    throw new TomoflowError("voxel-size-missing", `${path}: the header has no voxel size`, {
      hint: "give --voxel-size and --size instead of --volume",
    });
  return info;
}
