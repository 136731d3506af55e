/** One open volume: its tiles from the file, from a preview, and from its cache as soon as there is one. */
import { basename } from "node:path";
import { splitDataset } from "../../../core/dataset-path.ts";
import { TomoflowError } from "../../../core/error.ts";
import { openVolume } from "../../../volume/formats.ts";
import type { Triple, VolumeInfo, VolumeReader } from "../../../volume/volume.ts";
import type { Position } from "../../protocol/coordinates.ts";
import type { OpenVolumeRequest, VolumeAnswer } from "../../protocol/volumes.ts";
import { explainError } from "../mistakes.ts";
import { type Coding, codingOf, labelCoding } from "../slices/coding.ts";
import { levelsOf } from "../slices/cubes.ts";
import { readDirectTile } from "../slices/direct.ts";
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
    return prepareTiles(reader, sample, { ...options, id, path });
  } catch (error) {
    await reader.close();
    throw error;
  }
}

interface Place {
  readonly id: string;
  readonly path: string;
}

function prepareTiles(
  reader: VolumeReader,
  sample: VoxelSample,
  { id, path, request, memory, store, signal, tell }: OpenHandleOptions & Place,
): VolumeHandle {
  const isLabels = request.as === "labels";
  if (isLabels && sample.labels.length === 0) throw notLabels(path);
  const coding = isLabels ? labelCoding : codingOf(reader.info.type, sample);
  const ways = { coding, isLabels, signal };
  let preview: Preview | undefined;
  let pyramid: Pyramid | undefined;
  const finer = (): void => tell({ channel: "slices", type: "finer", volume: id });
  const prepare = async (): Promise<void> => {
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
      return answerOf(id, { path: request.path, info: reader.info, sample, coding, isLabels, labels });
    },
    async readTile(address, wanted) {
      const exact = await pyramid?.readTile(address);
      if (exact) return { ...exact, rough: false };
      if (pyramid) return undefined;
      const coarse = preview?.readTile(address);
      if (coarse) return { ...coarse, rough: true };
      return readDirectTile(reader, address, { ...ways, signal: wanted });
    },
    async close() {
      await prepared;
      await pyramid?.close();
      await reader.close();
    },
  };
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
