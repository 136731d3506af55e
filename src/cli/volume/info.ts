/** `tomoflow volume info`: what a file holds, and whatever is odd about it, in plain words. */
import type { Command } from "commander";
import { isRemoteAddress } from "../../core/remote-address.ts";
import { openVolume } from "../../volume/formats.ts";
import { measureVolume, type VoxelStatistics } from "../../volume/statistics.ts";
import { countNotFinite } from "../../volume/survey.ts";
import { formatShape, type VolumeInfo, voxelCount } from "../../volume/volume.ts";
import { bytesPerVoxel } from "../../volume/voxel-type.ts";
import { listenForInterruption } from "../interruption.ts";
import { formatTable, paint, writeErrorLine, writeJson, writeLine } from "../output.ts";

interface InfoFlags {
  readonly json?: boolean;
  readonly stats?: boolean;
  readonly dataset?: string;
}

export function registerVolumeInfo(volume: Command): void {
  volume
    .command("info")
    .description("Explain volumes: format, size, voxel size, origin, and every oddity.")
    .argument("<files...>", "files, OME-Zarr folders, or addresses (https://…, s3://…)")
    .option("--stats", "read the voxels too, and print their statistics")
    .option("--dataset <name>", "data set of an HDF5 file, level or image of a Zarr folder")
    .option("--json", "print JSON: an object, or a list of them for several files")
    .addHelpText("after", "\nExample:\n  tomoflow volume info tomogram.mrc --stats")
    .action(explainFiles);
}

async function explainFiles(files: readonly string[], flags: InfoFlags): Promise<void> {
  const explained: Explained[] = [];
  for (const [index, file] of files.entries()) {
    const one = await explain(file, flags);
    explained.push(one);
    if (flags.json) continue;
    if (index > 0) writeLine();
    writeLine(formatExplained(one));
  }
  if (flags.json) writeJson(files.length === 1 ? toJson(explained[0]) : explained.map(toJson));
}

interface Explained {
  readonly info: VolumeInfo;
  readonly statistics?: VoxelStatistics;
}

async function explain(file: string, { stats, dataset }: InfoFlags): Promise<Explained> {
  using interruption = listenForInterruption(writeErrorLine, { advice: "stopping" });
  const signal = interruption.stop;
  const reader = await openVolume(file, { dataset, signal });
  try {
    const statistics = stats ? await measureVolume(reader, signal) : undefined;
    // for one look at its header a volume elsewhere is not fetched as a whole
    const unread = isRemoteAddress(file) ? 0 : await countNotFinite(file, { dataset, signal });
    const notFinite = statistics?.notFinite ?? unread;
    return { info: withNotFinite(reader.info, notFinite), ...(statistics && { statistics }) };
  } finally {
    await reader.close();
  }
}

/** Voxels that are no numbers spoil every mean, and with it a normalised tomogram. */
function withNotFinite(info: VolumeInfo, count: number): VolumeInfo {
  if (count === 0) return info;
  const message = `${count === 1 ? "1 voxel is" : `${count} voxels are`} not finite (NaN or infinite): training and segmentation refuse the file`;
  return { ...info, oddities: [...info.oddities, { code: "not-finite", message }] };
}

function formatExplained({ info, statistics }: Explained): string {
  const rows: [string, string][] = [
    ["format", info.format],
    ["size", `${formatShape(info.shape)} voxels (z, y, x), ${formatBytes(info)} of ${info.type}`],
    ["voxel size", formatVoxelSize(info)],
    ["origin", `${info.originAngstrom.map(formatLength).join(", ")} Å (z, y, x)`],
    ...Object.entries(info.properties ?? {}),
    ...info.labels.map((label, i): [string, string] => [i === 0 ? "labels" : "", label]),
    ...(statistics ? statisticsRows(statistics) : []),
  ];
  const table = formatTable(rows.map(([name, value]) => [`  ${paint("dim", name)}`, value]));
  return [paint("bold", info.path), table, ...oddityLines(info)].join("\n");
}

const formatLength = (length: number): string => String(Number(length.toPrecision(7)));

function formatVoxelSize({ voxelSizeAngstrom: size, shape }: VolumeInfo): string {
  if (!size) return "unknown";
  const cube = size.every((length) => length === size[0]);
  const voxel = cube ? `${formatLength(size[0])} Å` : `${size.map(formatLength).join(" × ")} Å (z, y, x)`;
  const extent = shape.map((length, axis) => ((length * size[axis]) / 10).toFixed(1)).join(" × ");
  return `${voxel}; the volume measures ${extent} nm`;
}

function formatBytes({ shape, type }: VolumeInfo): string {
  const bytes = voxelCount(shape) * bytesPerVoxel(type);
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(2)} GB`;
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e3).toFixed(1)} kB`;
}

function statisticsRows(statistics: VoxelStatistics): [string, string][] {
  const { minimum, maximum, mean, standardDeviation, notFinite, count } = statistics;
  const range = count > 0 ? `minimum ${minimum}, maximum ${maximum}` : "no finite voxel";
  const shape = `mean ${Number(mean.toPrecision(7))}, standard deviation ${Number(standardDeviation.toPrecision(7))}`;
  const bad = notFinite > 0 ? `; ${notFinite} voxels are infinite or not a number` : "";
  return [["statistics", `${range}, ${shape}${bad}`]];
}

function oddityLines({ oddities }: VolumeInfo): string[] {
  if (oddities.length === 0) return [`  ${paint("green", "nothing odd")}`];
  const title = oddities.length === 1 ? "one oddity:" : `${oddities.length} oddities:`;
  return [
    `  ${paint("yellow", title)}`,
    ...oddities.map(({ code, message }) => `    ${message} ${paint("dim", `[${code}]`)}`),
  ];
}

const toJson = ({ info, statistics }: Explained) => ({ ...info, ...(statistics ? { statistics } : {}) });
