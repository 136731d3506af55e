/** The tomograms a network is trained on, with their label maps and objects. */
import { TomoflowError } from "../core/error.ts";
import type { ObjectList, TomogramObject } from "../objects/object-list.ts";
import { openVolume, readVolume } from "../volume/formats.ts";
import { isLabel } from "../volume/labels.ts";
import { readPatchInto } from "../volume/patches.ts";
import {
  formatShape,
  type Shape3,
  type Triple,
  type Volume,
  type VolumeReader,
  type VoxelArray,
  voxelCount,
} from "../volume/volume.ts";
import { markUnknown } from "./unknown-voxels.ts";

/** A tomogram as patches are drawn from it: in memory, or read box by box from its files. */
export interface TrainingTomogram {
  readonly id: string;
  readonly shape: Shape3;
  readonly objects: ObjectList;
  readonly density: Volume | VolumeReader;
  readonly labels: Volume | VolumeReader;
  /** Where only some objects are listed: how far around one background is known, by label, voxels; everywhere when not given. */
  readonly knownWithin?: Readonly<Record<number, number>>;
}

/** Files of one tomogram. */
export interface TrainingFiles {
  readonly id: string;
  readonly tomogram: string;
  readonly target: string;
  readonly objects: ObjectList;
  /** As of a `TrainingTomogram`. */
  readonly knownWithin?: Readonly<Record<number, number>>;
}

export interface TrainingSet {
  readonly tomograms: readonly TrainingTomogram[];
  /** Whether patches are read from the files rather than from memory. */
  readonly directRead: boolean;
  close(): Promise<void>;
}

export interface OpenTrainingSetOptions {
  /** Background included: a target may hold the labels 0 … classes − 1. */
  readonly classes: number;
  readonly directRead: boolean | "auto";
  readonly memoryBytes: number;
  /** Whether volumes are loaded into memory that threads share. */
  readonly isShared?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Opens the files. `directRead: "auto"` loads the volumes when they fit in `memoryBytes`.
 *
 * @throws TomoflowError `shape-mismatch` when a target and its tomogram differ in shape, `label-unknown` when a target that is
 * loaded holds other labels, and what the codecs throw
 */
export async function openTrainingSet(
  files: readonly TrainingFiles[],
  options: OpenTrainingSetOptions,
): Promise<TrainingSet> {
  const readers: VolumeReader[] = [];
  const open = async (path: string) => {
    const reader = await openVolume(path);
    readers.push(reader);
    return reader;
  };
  const close = async () => {
    await Promise.all(readers.splice(0).map((reader) => reader.close()));
  };
  try {
    const opened = [];
    for (const file of files)
      opened.push({ file, density: await open(file.tomogram), labels: await open(file.target) });
    for (const { file, density, labels } of opened) checkShapes(file, density.info.shape, labels.info.shape);
    const bytes = readers.reduce((sum, { info }) => sum + voxelCount(info.shape) * bytesOf(info.type), 0);
    const directRead = options.directRead === "auto" ? bytes > options.memoryBytes : options.directRead;
    const tomograms: TrainingTomogram[] = [];
    for (const { file, density, labels } of opened) {
      const { id, objects, knownWithin } = file;
      const common = { id, objects, shape: density.info.shape, ...(knownWithin && { knownWithin }) };
      tomograms.push(
        directRead ? { ...common, density, labels } : { ...common, ...(await load(file, options)) },
      );
    }
    if (!directRead) await close();
    return { tomograms, directRead, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function load(
  { id, tomogram, target }: TrainingFiles,
  { classes, isShared = false, signal }: OpenTrainingSetOptions,
): Promise<Pick<TrainingTomogram, "density" | "labels">> {
  const placed = (volume: Volume) => (isShared ? { ...volume, data: sharedCopy(volume.data) } : volume);
  const labels = await readVolume(target, { signal });
  checkLabels(id, labels.data, classes);
  return { density: placed(await readVolume(tomogram, { signal })), labels: placed(labels) };
}

function sharedCopy(data: VoxelArray): VoxelArray {
  const Voxels = data.constructor as Float32ArrayConstructor;
  const copy = new Voxels(new SharedArrayBuffer(data.byteLength));
  copy.set(data);
  return copy;
}

/** @throws TomoflowError `labels-invalid` for what is no whole number, `label-unknown` for labels that are not 0 … classes − 1 */
export function checkLabels(id: string, labels: VoxelArray, classes: number): void {
  for (let i = 0; i < labels.length; i++)
    if (!isLabel(labels[i]!))
      throw new TomoflowError("labels-invalid", `${id}: the target holds ${labels[i]}, which is no label`, {
        hint: "a label map holds whole numbers from 0 (background) on: nothing is rounded",
      });
    else if (labels[i]! >= classes)
      throw new TomoflowError(
        "label-unknown",
        `${id}: the target holds the label ${labels[i]}, the class table ends at ${classes - 1}`,
        { hint: "add the class to `classes`, or make the target anew" },
      );
}

/** A cube of density and labels; the same place in both. */
export interface LabelledPatch {
  /** (z, y, x), patchSize³, as stored in the file. */
  readonly density: Float32Array;
  readonly labels: Uint8Array;
}

/**
 * Reads the cube of `patchSize` voxels around `centre` (z, y, x), pushed inside the tomogram, into `target`, where
 * background that is not known gets the label of unknown voxels. Returns its first voxel.
 *
 * @throws TomoflowError `label-unknown`, `patch-too-large`
 */
export async function readLabelledPatch(
  { id, density, labels, objects, knownWithin }: TrainingTomogram,
  { centre, patchSize, classes, target }: PatchOfTomogram,
): Promise<Triple> {
  const check = (voxels: VoxelArray) => checkLabels(id, voxels, classes);
  const [start] = await Promise.all([
    readPatchInto(target.density, density, { centre, size: patchSize }),
    readPatchInto(target.labels, labels, { centre, size: patchSize, check }),
  ]);
  if (knownWithin) markUnknown(target.labels, { start, side: patchSize, objects, within: knownWithin });
  return start;
}

interface PatchOfTomogram {
  readonly centre: Triple;
  readonly patchSize: number;
  readonly classes: number;
  readonly target: LabelledPatch;
}

/** Position of an object as (z, y, x). */
export const positionOf = ({ x, y, z }: TomogramObject): Triple => [z, y, x];

function checkShapes({ id }: TrainingFiles, density: Shape3, labels: Shape3): void {
  if (density.join() === labels.join()) return;
  throw new TomoflowError(
    "shape-mismatch",
    `${id}: the target is ${formatShape(labels)} but the tomogram is ${formatShape(density)} (z, y, x)`,
    { hint: "make the target from this tomogram" },
  );
}

const bytesOf = (type: string): number => Number(/\d+/.exec(type)?.[0] ?? 32) / 8;
