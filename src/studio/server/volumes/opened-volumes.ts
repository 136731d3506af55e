/** The volumes that windows look at: each file is opened once, and its cache made in the background. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { explainSystemError, TomoflowError } from "../../../core/error.ts";
import { sha256 } from "../../../core/hash.ts";
import { openVolume } from "../../../volume/formats.ts";
import type { Triple, VolumeInfo, VolumeReader } from "../../../volume/volume.ts";
import type { Position } from "../../protocol/coordinates.ts";
import type { SliceNews, TileAddress } from "../../protocol/slices.ts";
import type { OpenVolumeRequest, VolumeAnswer } from "../../protocol/volumes.ts";
import { explainError } from "../mistakes.ts";
import { type Coding, codingOf, labelCoding } from "../slices/coding.ts";
import type { CubeMemory } from "../slices/cube-memory.ts";
import { levelsOf } from "../slices/cubes.ts";
import { type DirectTile, readDirectTile } from "../slices/direct.ts";
import { makePreview, type Preview } from "../slices/preview.ts";
import { openPyramid, type Pyramid } from "../slices/pyramid.ts";
import type { PyramidStore } from "../slices/pyramid-store.ts";
import { sampleVolume, type VoxelSample } from "./sample.ts";

export interface OpenedVolume {
  readonly answer: VolumeAnswer;
  readonly reader: VolumeReader;
  /** Undefined where there is nothing yet, or nothing at all, at the address. */
  readTile(address: TileAddress, signal: AbortSignal): Promise<DirectTile | undefined>;
}

export interface OpenedVolumes {
  /** Throws what `openVolume` throws. @param path absolute */
  open(path: string, request: OpenVolumeRequest): Promise<VolumeAnswer>;
  /** Throws `not-open`. */
  find(id: string): Promise<OpenedVolume>;
  close(): Promise<void>;
}

export interface OpenedVolumesOptions {
  readonly memory: CubeMemory;
  readonly store: () => Promise<PyramidStore>;
  readonly signal: AbortSignal;
  readonly tell: (news: SliceNews) => void;
}

export function openedVolumes(options: OpenedVolumesOptions): OpenedVolumes {
  const opened = new Map<string, Promise<Handle>>();
  return {
    async open(path, request) {
      const id = await idOf(path, request);
      const opening = opened.get(id) ?? openHandle(id, path, { request, ...options });
      opened.set(id, opening);
      opening.catch(() => opened.delete(id));
      return { ...(await opening).answer, path: request.path };
    },
    async find(id) {
      const volume = opened.get(id);
      if (volume) return volume;
      throw new TomoflowError("not-open", "this volume is not open any more", { hint: "open it again" });
    },
    async close() {
      const all = await Promise.allSettled(opened.values());
      await Promise.all(all.map((each) => each.status === "fulfilled" && each.value.close()));
    },
  };
}

/** The same for a file that has not changed: what is written anew is another volume. */
async function idOf(path: string, { dataset = "", as = "density" }: OpenVolumeRequest): Promise<string> {
  const stats = await stat(path, { bigint: true }).catch((error: unknown) => {
    throw explainSystemError(error, path);
  });
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return sha256([path, dev, ino, size, mtimeNs, ctimeNs, dataset, as].join("\0")).slice(0, 20);
}

interface Handle extends OpenedVolume {
  close(): Promise<void>;
}

interface OpenHandleOptions extends OpenedVolumesOptions {
  readonly request: OpenVolumeRequest;
}

async function openHandle(
  id: string,
  path: string,
  { request, memory, store, signal, tell }: OpenHandleOptions,
): Promise<Handle> {
  const dataset = request.dataset === undefined ? {} : { dataset: request.dataset };
  const isLabels = request.as === "labels";
  const reader = await openVolume(path, { ...dataset, signal });
  const sample = await sampleVolume(reader, signal);
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
    const folder = await (await store()).provide({ path, ...dataset, ...ways, shape, onProgress });
    if (folder === undefined || signal.aborted) return;
    pyramid = await openPyramid(folder, shape, { memory, name: id });
    finer();
  };
  const prepared = prepare().catch((error: unknown) => {
    if (!signal.aborted) tell({ channel: "slices", type: "failed", volume: id, error: explainError(error) });
  });
  return {
    reader,
    answer: answerOf(id, { path: request.path, info: reader.info, sample, coding, isLabels }),
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

interface Answered {
  readonly path: string;
  readonly info: VolumeInfo;
  readonly sample: VoxelSample;
  readonly coding: Coding;
  readonly isLabels: boolean;
}

const answerOf = (id: string, { path, info, sample, coding, isLabels }: Answered): VolumeAnswer => ({
  id,
  path,
  name: basename(path),
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
  labels: sample.labels,
  oddities: info.oddities.map(({ message }) => message),
});

const turned = ([z, y, x]: Triple): Position => [x, y, z];
