/** Reads boxes of a Zarr array: only the chunks that they touch are fetched and unpacked. */
import { TomoflowError } from "../../core/error.ts";
import { toFileOrder, turnVoxels } from "../axis-order.ts";
import { type Box, checkBox } from "../box.ts";
import type { ByteFolder } from "../byte-folder.ts";
import { findAxes, fromDatasetAxes, keptAxes, namesFrom, type StoredAxes } from "../stored-axes.ts";
import {
  type Oddity,
  type OpenOptions,
  type Shape3,
  type Triple,
  type VolumeInfo,
  type VolumeReader,
  type VoxelArray,
  voxelCount,
} from "../volume.ts";
import { allocateVoxels } from "../voxel-type.ts";
import { ChunkMemory } from "./chunk-memory.ts";
import { ChunkStore, product } from "./chunk-store.ts";
import { type FoundArray, findArray } from "./find-array.ts";
import { omeSampling } from "./ome.ts";

/** Chunks that are fetched and unpacked at a time, and what they may take together. */
const mostAtOnce = 8;
const bytesAtOnce = 256 << 20;
const largestChunk = 2 ** 31 - 1;

/** Of all readers together. */
const memory = new ChunkMemory(512 << 20);
let readers = 0;

/**
 * Opens a volume in a Zarr store (OME-Zarr 0.4 and 0.5, and plain arrays of Zarr 2 and 3): the finest level, or what `dataset` names.
 * Throws `zarr-not-volume`, `zarr-missing`, `zarr-metadata`, `zarr-codec`; reading throws `zarr-damaged`.
 */
export async function openZarr(
  store: ByteFolder,
  { dataset, signal }: OpenOptions = {},
): Promise<VolumeReader> {
  const found = await findArray(store, dataset, signal);
  const { shape, chunk, numbers, axisNames } = found.array;
  const bytes = product(chunk) * numbers.bytes;
  if (bytes > largestChunk) throw hugeChunks(found, bytes);
  const names = found.image?.axes?.map(({ name }) => name) ?? axisNames ?? arrayDimensions(found);
  const turned = findAxes(
    shape,
    names?.length === shape.length ? namesFrom(names, "as the file says") : null,
  );
  if ("refusal" in turned) throw notAVolume(store, found, turned.refusal);
  const info = describe(store, found, turned);
  return new ZarrReader(store, found, { axes: turned.axes, info });
}

const hugeChunks = ({ array }: FoundArray, bytes: number): TomoflowError =>
  new TomoflowError(
    "zarr-chunk-too-large",
    `${array.shown}: a chunk of ${array.chunk.join("×")} has ${bytes} bytes`,
    {
      hint: "write the array again in smaller chunks, such as 128×128×128",
    },
  );

const notAVolume = (store: ByteFolder, { path }: FoundArray, refusal: string): TomoflowError =>
  new TomoflowError("zarr-not-volume", `${store.name}: the array \`${path || "/"}\` ${refusal}`, {
    hint: "a volume has three axes z, y, x, of integers or floating-point numbers; write one channel or time as an array of its own",
  });

/** As xarray names the axes of arrays of version 2. */
function arrayDimensions({ attributes }: FoundArray): readonly string[] | undefined {
  const names = attributes._ARRAY_DIMENSIONS;
  return Array.isArray(names) ? names.map((name) => (typeof name === "string" ? name : "")) : undefined;
}

function describe(
  store: ByteFolder,
  found: FoundArray,
  { axes, oddities }: { readonly axes: StoredAxes; readonly oddities: readonly Oddity[] },
): VolumeInfo {
  const { array, image, level, path, version } = found;
  const { numbers, chunk, codecs, sharding } = array;
  const toTriple = (values: readonly number[], filler: number) => fromDatasetAxes(axes, values, filler);
  const sampling =
    image && level
      ? omeSampling(image, level, toTriple)
      : { voxelSizeAngstrom: null, originAngstrom: [0, 0, 0] as const, oddities: [noImage] };
  const wide = numbers.wide && `${numbers.wide === "signed" ? "" : "u"}int64`;
  const packing = codecs.packing.join(" and ") || "not compressed";
  const kind = image ? `OME-Zarr ${image.version}` : `Zarr ${version}`;
  return {
    path: store.name,
    format: `${kind}, array \`${path || "/"}\` (${wide ?? numbers.type})`,
    shape: axes.shape,
    type: numbers.type,
    voxelSizeAngstrom: sampling.voxelSizeAngstrom,
    originAngstrom: sampling.originAngstrom,
    labels: labelsOf(found),
    properties: {
      ...(image?.name && { name: image.name }),
      ...(image && { levels: image.levels.map((one) => one.path).join(", ") }),
      storage: `chunks of ${chunk.join("×")}${sharding ? ` in shards of ${sharding.shape.join("×")}` : ""}, ${packing}`,
    },
    oddities: [...found.oddities, ...oddities, ...(wide ? [wideIntegers] : []), ...sampling.oddities],
  };
}

/** Texts that travel with a volume, as `createZarr` keeps them. */
function labelsOf({ texts }: FoundArray): readonly string[] {
  return Array.isArray(texts) && texts.every((text) => typeof text === "string") ? texts : [];
}

const noImage: Oddity = {
  code: "voxel-size-missing",
  message:
    "the array is in no OME-Zarr image that tells its voxel size; set one with tomoflow volume convert --voxel-size",
};

const wideIntegers: Oddity = {
  code: "wide-integers",
  message: "the voxels are 64-bit integers; they are handed out as float64",
};

class ZarrReader implements VolumeReader {
  readonly info: VolumeInfo;
  readonly #store: ByteFolder;
  readonly #found: FoundArray;
  readonly #axes: StoredAxes;
  readonly #chunks: ChunkStore;
  /** Of its chunks in the memory that readers share. */
  readonly #prefix = `${readers++}:`;
  readonly #underWay = new Map<string, Promise<VoxelArray | undefined>>();

  constructor(
    store: ByteFolder,
    found: FoundArray,
    { axes, info }: { readonly axes: StoredAxes; readonly info: VolumeInfo },
  ) {
    this.#store = store;
    this.#found = found;
    this.#axes = axes;
    this.#chunks = new ChunkStore(store, found.path, found.array);
    this.info = info;
  }

  async readBox(start: Triple, shape: Shape3, signal?: AbortSignal): Promise<VoxelArray> {
    checkBox({ start, shape }, this.info.shape);
    signal?.throwIfAborted();
    const { order } = this.#axes;
    const box = { start: toFileOrder(start, order), shape: toFileOrder(shape, order) };
    const target = allocateVoxels(this.info.type, voxelCount(shape));
    const layout = layoutOf(this.#found, this.#axes);
    const places = placesOf(box, layout.chunk);
    const worker = async () => {
      for (const place of places) {
        signal?.throwIfAborted();
        const chunk = await untilAborted(this.#load(place), signal);
        copyChunk(chunk ?? this.#found.array.fill, place, { layout, box, target });
      }
    };
    const bytes = product(layout.chunk) * this.#found.array.numbers.bytes;
    const workers = Math.max(1, Math.min(mostAtOnce, Math.floor(bytesAtOnce / bytes)));
    const results = await Promise.allSettled(Array.from({ length: workers }, worker));
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
    return turnVoxels(target, box.shape, order);
  }

  async close(): Promise<void> {
    memory.forget(this.#prefix);
    await this.#store.close();
  }

  /** The chunk at a place (planes, rows, columns) of the grid, once for all who ask for it. */
  #load(place: Triple): Promise<VoxelArray | undefined> {
    const { array } = this.#found;
    const whole = new Array<number>(array.shape.length).fill(0);
    for (const [index, axis] of this.#axes.kept.entries())
      whole[axis] = place[3 - this.#axes.kept.length + index]!;
    const key = `${this.#prefix}${whole.join("/")}`;
    const known = memory.get(key);
    if (known) return Promise.resolve(known);
    const loading = this.#underWay.get(key) ?? this.#fetch(key, whole);
    this.#underWay.set(key, loading);
    return loading;
  }

  async #fetch(key: string, place: readonly number[]): Promise<VoxelArray | undefined> {
    try {
      const chunk = await this.#chunks.load(place);
      if (chunk) memory.put(key, chunk);
      return chunk;
    } finally {
      this.#underWay.delete(key);
    }
  }
}

/** Others may wait for the same chunk: the work goes on, and this one waits no longer. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  let give: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    give = () => reject(signal.reason);
    signal.addEventListener("abort", give, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (give) signal.removeEventListener("abort", give);
  }
}

/** A chunk by planes, rows and columns of the file. */
interface ChunkLayout {
  readonly chunk: Shape3;
  /** Numbers from one plane, row, column to the next in an unpacked chunk. */
  readonly strides: Triple;
}

function layoutOf({ array: { chunk, codecs } }: FoundArray, axes: StoredAxes): ChunkLayout {
  const strides = new Array<number>(chunk.length).fill(0);
  let stride = 1;
  for (const axis of codecs.order.toReversed()) {
    strides[axis] = stride;
    stride *= chunk[axis]!;
  }
  return { chunk: keptAxes(axes, chunk, 1), strides: keptAxes(axes, strides, 0) };
}

/** Places in the grid of the chunks that hold a voxel of the box. */
function* placesOf({ start, shape }: Box, chunk: Shape3): Generator<Triple> {
  const first = (axis: 0 | 1 | 2) => Math.floor(start[axis] / chunk[axis]);
  const end = (axis: 0 | 1 | 2) => Math.ceil((start[axis] + shape[axis]) / chunk[axis]);
  for (let z = first(0); z < end(0); z++)
    for (let y = first(1); y < end(1); y++) for (let x = first(2); x < end(2); x++) yield [z, y, x];
}

interface Destination {
  readonly layout: ChunkLayout;
  readonly box: Box;
  readonly target: VoxelArray;
}

/** Copies what a chunk and a box share; a number stands for a chunk that is all that. */
function copyChunk(chunk: VoxelArray | number, place: Triple, { layout, box, target }: Destination): void {
  const origin = [0, 1, 2].map((axis) => place[axis]! * layout.chunk[axis]!) as unknown as Triple;
  const from = (axis: 0 | 1 | 2) => Math.max(origin[axis], box.start[axis]);
  const to = (axis: 0 | 1 | 2) =>
    Math.min(origin[axis] + layout.chunk[axis], box.start[axis] + box.shape[axis]);
  const width = to(2) - from(2);
  const [strideZ, strideY, strideX] = layout.strides;
  for (let z = from(0); z < to(0); z++)
    for (let y = from(1); y < to(1); y++) {
      const row =
        ((z - box.start[0]) * box.shape[1] + y - box.start[1]) * box.shape[2] + from(2) - box.start[2];
      if (typeof chunk === "number") {
        if (chunk !== 0) target.fill(chunk, row, row + width);
        continue;
      }
      let source = (z - origin[0]) * strideZ + (y - origin[1]) * strideY + (from(2) - origin[2]) * strideX;
      if (strideX === 1) target.set(chunk.subarray(source, source + width), row);
      else for (let x = 0; x < width; x++, source += strideX) target[row + x] = chunk[source]!;
    }
}
