/** From one file to another, slab by slab: conversion, binning, cropping. Memory stays bounded whatever the volume's size. */
import { TomoflowError } from "../core/error.ts";
import { type BinMethod, binnedSampling, binnedShape, binVoxels, croppedSampling } from "./bin.ts";
import { type Box, checkBox, slabsOf } from "./box.ts";
import { createVolume, openVolume } from "./formats.ts";
import { measureVolume } from "./statistics.ts";
import type {
  OmeZarrVersion,
  Shape3,
  Triple,
  VolumeInfo,
  VolumeReader,
  VolumeSpec,
  VoxelArray,
  VoxelType,
} from "./volume.ts";
import { isFloatType, typeOfArray } from "./voxel-type.ts";

/** Voxels read at once; sixteen planes at least where they fit, so that packed chunks are unpacked once. */
const slabVoxels = 16 << 20;

export interface RewriteOptions {
  /** On disk; that of the input where not given (float32 for densities that are binned). */
  readonly type?: VoxelType;
  /** (z, y, x), Å: what the output shall say instead of the input's. */
  readonly voxelSizeAngstrom?: Triple;
  /** Data set of an HDF5 input. */
  readonly dataset?: string;
  /** Data set of an HDF5 output. */
  readonly outputDataset?: string;
  /** The version of an OME-Zarr output. */
  readonly omeZarr?: OmeZarrVersion;
  /** (z, y, x), Å: what the output shall say instead of the input's. */
  readonly originAngstrom?: Triple;
  /** What takes the place of voxels that are infinite or not a number; they stay where not given. */
  readonly notFinite?: "mean";
  /** How bytes are to be understood where the file does not say. */
  readonly bytes?: "signed" | "unsigned";
  /** Called at the end with the number of voxels that were replaced by `notFinite`, if any, and what by. */
  readonly onReplaced?: (voxels: number, mean: number) => void;
  readonly signal?: AbortSignal;
  /** Called after each slab with the fraction that is done, 0…1. */
  readonly onProgress?: (fraction: number) => void;
  /** Called at the end if voxels that are no whole numbers were rounded, for a type of integers. */
  readonly onRounded?: (voxels: number, type: VoxelType) => void;
}

/** Copies a volume into another format, type or voxel size. Throws `voxel-out-of-range` where the type holds less. */
export const convertVolumeFile = (
  input: string,
  output: string,
  options: RewriteOptions = {},
): Promise<VolumeSpec> =>
  rewrite({ input, output, options }, (info) => ({
    spec: specOf(info, {}),
    boxes: slabsOf(info.shape, slabVoxels),
    transform: (voxels) => voxels,
  }));

/** Copies the part of a volume that lies in the box; its origin moves along. */
export const cropVolumeFile = (
  input: string,
  output: string,
  options: RewriteOptions & { readonly box: Box },
): Promise<VolumeSpec> =>
  rewrite({ input, output, options }, (info) => {
    const { box } = options;
    checkBox(box, info.shape);
    return {
      spec: specOf(info, { ...croppedSampling(info, box), shape: box.shape }),
      boxes: shiftBoxes(slabsOf(box.shape, slabVoxels), box.start),
      transform: (voxels) => voxels,
    };
  });

/** Bins a volume by a whole factor on every axis. */
export const binVolumeFile = (
  input: string,
  output: string,
  options: RewriteOptions & { readonly factor: number; readonly method: BinMethod },
): Promise<VolumeSpec> =>
  rewrite({ input, output, options }, (info) => {
    const { factor, method } = options;
    const shape = binnedShape(info.shape, factor);
    const type = method === "mean" ? "float32" : info.type;
    return {
      spec: specOf(info, { ...binnedSampling(info, factor), shape, type }),
      boxes: binBoxes(info, shape[0] * factor, factor),
      transform: (voxels, box) => binVoxels(voxels, { shape: box.shape, factor, method }),
    };
  });

interface Files {
  readonly input: string;
  readonly output: string;
  readonly options: RewriteOptions;
}

interface Rewriting {
  readonly spec: VolumeSpec;
  /** Of the input, in order of z. */
  readonly boxes: Iterable<Box>;
  /** The planes of the output that a box of the input becomes. */
  readonly transform: (voxels: VoxelArray, box: Box) => VoxelArray;
}

async function rewrite(
  { input, output, options }: Files,
  plan: (info: VolumeInfo) => Rewriting,
): Promise<VolumeSpec> {
  const { dataset, signal } = options;
  const reader = await openVolume(input, { dataset, signal });
  try {
    const source = await withoutDoubts(reader, options);
    const rewriting = plan(source.info);
    const spec = { ...rewriting.spec, ...overrides(options) };
    await copySlabs(source, output, { ...rewriting, spec, options });
    if (source.replaced > 0) options.onReplaced?.(source.replaced, source.mean);
    return spec;
  } finally {
    await reader.close();
  }
}

interface Mended extends Pick<VolumeReader, "info" | "readBox"> {
  /** Voxels that were replaced so far, and what by. */
  readonly replaced: number;
  readonly mean: number;
}

/** The volume with its bytes as they are meant, and numbers alone. Throws `no-finite-voxel`. */
async function withoutDoubts(
  reader: VolumeReader,
  { bytes, notFinite, signal }: RewriteOptions,
): Promise<Mended> {
  const asked = bytes && (bytes === "signed" ? "int8" : "uint8");
  const type = /^u?int8$/.test(reader.info.type) ? asked : undefined;
  const measured =
    notFinite && isFloatType(reader.info.type) ? await measureVolume(reader, signal) : undefined;
  if (measured?.count === 0)
    throw new TomoflowError("no-finite-voxel", `${reader.info.path} has no voxel that is a number`);
  const mended: { -readonly [K in keyof Mended]: Mended[K] } = {
    info: type ? { ...reader.info, type } : reader.info,
    replaced: 0,
    mean: measured?.mean ?? 0,
    readBox: async (start: Triple, shape: Shape3, stop?: AbortSignal): Promise<VoxelArray> => {
      const voxels = await reader.readBox(start, shape, stop);
      if (type === "int8") return new Int8Array(voxels);
      if (type === "uint8") return new Uint8Array(voxels);
      if (measured?.notFinite) mended.replaced += replaceNotFinite(voxels, measured.mean);
      return voxels;
    },
  };
  return mended;
}

/** How many there were. */
function replaceNotFinite(voxels: VoxelArray, mean: number): number {
  let replaced = 0;
  for (let i = 0; i < voxels.length; i++)
    // of what is no number this alone is never 0
    if (voxels[i]! - voxels[i]! !== 0) {
      voxels[i] = mean;
      replaced++;
    }
  return replaced;
}

async function copySlabs(
  reader: Pick<VolumeReader, "readBox">,
  output: string,
  { spec, boxes, transform, options }: Rewriting & { readonly options: RewriteOptions },
): Promise<void> {
  const { signal, outputDataset, omeZarr, onProgress, onRounded } = options;
  const writer = await createVolume(output, spec, { dataset: outputDataset, omeZarr });
  let planes = 0;
  let rounded = 0;
  try {
    for (const box of boxes) {
      const made = transform(await reader.readBox(box.start, box.shape, signal), box);
      if (onRounded && !isFloatType(spec.type)) rounded += countFractions(made);
      await writer.append(made);
      planes += made.length / (spec.shape[1] * spec.shape[2]);
      onProgress?.(planes / spec.shape[0]);
    }
    signal?.throwIfAborted();
    await writer.close();
    if (rounded > 0) onRounded?.(rounded, spec.type);
  } catch (error) {
    await writer.abort();
    throw adviseType(error, output);
  }
}

/** How many voxels are no whole numbers. */
function countFractions(voxels: VoxelArray): number {
  if (!isFloatType(typeOfArray(voxels))) return 0;
  let fractions = 0;
  for (let i = 0; i < voxels.length; i++) if (!Number.isInteger(voxels[i])) fractions++;
  return fractions;
}

function overrides({ type, voxelSizeAngstrom, originAngstrom }: RewriteOptions): Partial<VolumeSpec> {
  return {
    ...(type ? { type } : {}),
    ...(voxelSizeAngstrom ? { voxelSizeAngstrom } : {}),
    ...(originAngstrom ? { originAngstrom } : {}),
  };
}

const specOf = (info: VolumeInfo, changes: Partial<VolumeSpec>): VolumeSpec => ({
  shape: info.shape,
  type: info.type,
  voxelSizeAngstrom: info.voxelSizeAngstrom,
  originAngstrom: info.originAngstrom,
  labels: info.labels,
  ...changes,
});

function* shiftBoxes(boxes: Iterable<Box>, by: Triple): Generator<Box> {
  for (const { start, shape } of boxes)
    yield { start: [start[0] + by[0], start[1] + by[1], start[2] + by[2]], shape };
}

/** Slabs whose depth is a multiple of the factor, over the first `depth` planes. */
function* binBoxes({ shape }: VolumeInfo, depth: number, factor: number): Generator<Box> {
  const layer = factor * shape[1] * shape[2];
  const planes = factor * Math.max(1, Math.floor(slabVoxels / layer));
  for (let z = 0; z < depth; z += planes)
    yield { start: [z, 0, 0], shape: [Math.min(planes, depth - z), shape[1], shape[2]] };
}

function adviseType(error: unknown, output: string): unknown {
  if (!(error instanceof TomoflowError) || error.code !== "voxel-out-of-range") return error;
  return new TomoflowError(error.code, `${output} was not written: ${error.message}`, {
    hint: "choose a type that holds every voxel, for example --type float32",
    cause: error,
  });
}
