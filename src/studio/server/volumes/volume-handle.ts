/** One open volume: its tiles from the file, from a preview, and from its cache as soon as there is one. */
import { basename } from "node:path";
import { splitDataset } from "../../../core/dataset-path.ts";
import { TomoflowError } from "../../../core/error.ts";
import { openVolume } from "../../../volume/formats.ts";
import type { Triple, VolumeInfo, VolumeReader } from "../../../volume/volume.ts";
import type { Position } from "../../protocol/coordinates.ts";
import { encodeTile } from "../../protocol/slices.ts";
import type { OpenVolumeRequest, VolumeAnswer } from "../../protocol/volumes.ts";
import { explainError } from "../mistakes.ts";
import { type Coding, codingOf, labelCoding } from "../slices/coding.ts";
import { levelsOf } from "../slices/cubes.ts";
import { type DirectOptions, readDirectTile } from "../slices/direct.ts";
import { makePreview, type Preview } from "../slices/preview.ts";
import { openPyramid, type Pyramid } from "../slices/pyramid.ts";
import type { OpenedVolume, OpenedVolumesOptions } from "./opened-volumes.ts";
import { sampleVolume, type VoxelSample } from "./sample.ts";

export interface VolumeHandle extends OpenedVolume {
  close(): Promise<void>;
}

interface OpenHandleOptions extends OpenedVolumesOptions {
  readonly request: OpenVolumeRequest;
}

/** Throws what `openVolume` throws, and `labels-invalid`. */
export async function openHandle(
  id: string,
  path: string,
  options: OpenHandleOptions,
): Promise<VolumeHandle> {
  const { dataset } = options.request;
  const reader = await openVolume(path, {
    ...(dataset !== undefined && { dataset }),
    signal: options.signal,
  });
  try {
    const sample = await sampleVolume(reader, options.signal);
    return await prepareTiles(reader, sample, { ...options, id, path });
  } catch (error) {
    await reader.close();
    throw error;
  }
}

interface Place {
  readonly id: string;
  readonly path: string;
}

async function prepareTiles(
  reader: VolumeReader,
  sample: VoxelSample,
  { id, path, request, memory, store, signal, tell }: OpenHandleOptions & Place,
): Promise<VolumeHandle> {
  const isLabels = request.as === "labels";
  if (isLabels && sample.labels.length === 0) throw notLabels(path);
  const coding = isLabels ? labelCoding : codingOf(reader.info.type, sample);
  const ways = { coding, isLabels, signal };
  const first = isLabels ? undefined : await firstTile(reader, id, ways);
  let preview: Preview | undefined;
  let pyramid: Pyramid | undefined;
  const finer = (): void => tell({ channel: "slices", type: "finer", volume: id });
  const look = firstLook(signal);
  const prepare = async (): Promise<void> => {
    await look.happened;
    preview = await makePreview(reader, ways);
    finer();
    const { shape } = reader.info;
    let told = 0;
    const onProgress = (done: number): void => {
      if (done - told < 0.02 && done < 1) return;
      told = done;
      tell({ channel: "slices", type: "progress", volume: id, done });
    };
    const dataset = request.dataset === undefined ? {} : { dataset: request.dataset };
    const folder = await (await store()).provide({ path, ...dataset, ...ways, shape, onProgress });
    if (folder === undefined || signal.aborted) return;
    pyramid = await openPyramid(folder, shape, { memory, name: id });
    preview = undefined;
    finer();
  };
  const prepared = prepare().catch((error: unknown) => {
    if (!signal.aborted) tell({ channel: "slices", type: "failed", volume: id, error: explainError(error) });
  });
  return {
    reader,
    answer: () => {
      const labels = pyramid?.labels ?? sample.labels;
      const answer = answerOf(id, {
        path: request.path,
        info: reader.info,
        sample,
        coding,
        isLabels,
        labels,
      });
      return { ...answer, ...(first !== undefined && { first }) };
    },
    async readTile(address, wanted) {
      const exact = await pyramid?.readTile(address);
      if (exact) return { ...exact, rough: false };
      if (pyramid) return undefined;
      const coarse = preview?.readTile(address);
      if (coarse) return { ...coarse, rough: true };
      const direct = await readDirectTile(reader, address, { ...ways, signal: wanted });
      if (direct && address.level < levelsOf(reader.info.shape) - 1) look.happens();
      return direct;
    },
    async close() {
      await prepared;
      await pyramid?.close();
      await reader.close();
    },
  };
}

/** The middle XY slice at its coarsest, as a frame in base64: it travels with the answer, so that there is something to see at once. */
async function firstTile(reader: VolumeReader, id: string, way: DirectOptions): Promise<string | undefined> {
  const { shape } = reader.info;
  const level = levelsOf(shape) - 1;
  const slice = ((shape[0] - 1) >> 1) >> level;
  const address = { volume: id, plane: "xy", level, slice, row: 0, column: 0 } as const;
  const tile = await readDirectTile(reader, address, way);
  return tile && Buffer.from(encodeTile({ address, ...tile, rough: true })).toString("base64");
}

/** Somebody may wait for a picture: it comes before all that is prepared; ms. */
const longestWait = 300;

/** The first tile that is more than the coarsest was given; or nobody asked for one. */
function firstLook(signal: AbortSignal): { readonly happened: Promise<void>; happens(): void } {
  let happens = (): void => undefined;
  const happened = new Promise<void>((resolve) => {
    happens = resolve;
    setTimeout(resolve, longestWait).unref();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  return { happened, happens: () => happens() };
}

const notLabels = (path: string): TomoflowError =>
  new TomoflowError("labels-invalid", `${basename(path)} is not a label map: it holds other values too`, {
    hint: "a label map holds whole numbers from 0 (background) on; open the file as a tomogram",
  });

interface Answered {
  readonly path: string;
  readonly info: VolumeInfo;
  readonly sample: VoxelSample;
  readonly coding: Coding;
  readonly isLabels: boolean;
  readonly labels: readonly number[];
}

function answerOf(id: string, { path, info, sample, coding, isLabels, labels }: Answered): VolumeAnswer {
  return {
    id,
    path,
    name: basename(splitDataset(path).file),
    format: info.format,
    type: info.type,
    shape: turned(info.shape),
    voxelSizeAngstrom: info.voxelSizeAngstrom && turned(info.voxelSizeAngstrom),
    originAngstrom: turned(info.originAngstrom),
    levels: levelsOf(info.shape),
    code: coding,
    yUp: info.format.startsWith("MRC"),
    isLabels,
    contrast: sample.contrast,
    histogram: sample.histogram,
    labels,
    oddities: [...info.oddities.map(({ message }) => message), ...farVoxels(sample, info.type)],
  };
}

/** Values that the codes do not reach are said. */
function farVoxels({ minimum, maximum, range }: VoxelSample, type: VolumeInfo["type"]): readonly string[] {
  const isCut = range.low > minimum || range.high < maximum;
  if (!isCut || /^u?int(8|16)$/.test(type)) return [];
  return [
    `a few voxels lie far from all others (${minimum.toPrecision(4)} to ${maximum.toPrecision(4)}): they are shown like the ends of the range; the value under the pointer is exact`,
  ];
}

const turned = ([z, y, x]: Triple): Position => [x, y, z];
