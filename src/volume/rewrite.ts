/** From one file to another, slab by slab: conversion, binning, cropping. Memory stays bounded whatever the volume's size. */
import { TomoflowError } from "../core/error.ts";
import { type BinMethod, binnedSampling, binnedShape, binVoxels, croppedSampling } from "./bin.ts";
import { type Box, checkBox, slabsOf } from "./box.ts";
import { createVolume, openVolume } from "./formats.ts";
import type {
  OmeZarrVersion,
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
    const rewriting = plan(reader.info);
    const spec = { ...rewriting.spec, ...overrides(options) };
    await copySlabs(reader, output, { ...rewriting, spec, options });
    return spec;
  } finally {
    await reader.close();
  }
}

async function copySlabs(
  reader: VolumeReader,
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

function overrides({ type, voxelSizeAngstrom }: RewriteOptions): Partial<VolumeSpec> {
  return { ...(type ? { type } : {}), ...(voxelSizeAngstrom ? { voxelSizeAngstrom } : {}) };
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
