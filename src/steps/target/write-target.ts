/** The work of `target`: paints slab by slab, so that memory stays bounded whatever the size of the tomogram. */
import { TomoflowError } from "../../core/error.ts";
import type { ObjectList } from "../../objects/object-list.ts";
import { type Box, slabsOf } from "../../volume/box.ts";
import { createVolume, openVolume, readVolume, readVolumeInfo } from "../../volume/formats.ts";
import { labelBytes } from "../../volume/labels.ts";
import { type LabelBox, labelType, paintShapes, paintSpheres } from "../../volume/painting.ts";
import { prepareMask, type TurnableMask } from "../../volume/turned-mask.ts";
import {
  formatShape,
  type Sampling,
  type Shape3,
  type VolumeReader,
  voxelCount,
} from "../../volume/volume.ts";
import { readRowObjects } from "../row-objects.ts";
import type { RunContext } from "../step-kind.ts";
import type { TargetParameters } from "../target.ts";
import { masksByLabel, radiiByLabel } from "./class-values.ts";

type Context = RunContext<TargetParameters>;

/** Voxels painted at a time. */
const slabVoxels = 64 << 20;

/** Paints every object of its box. */
type Painter = (box: LabelBox) => void;

export async function writeTarget(context: Context): Promise<void> {
  const [row] = context.rows;
  const { files } = row;
  const objects = await readRowObjects(row, "objects", { shape: context.parameters.size });
  checkLabels(objects);
  const paint = await createPainter(context, objects);
  const initial = files.initial ? await openVolume(files.initial) : undefined;
  try {
    const { shape, sampling } = await findGeometry(context, initial);
    await writeSlabs(context, { shape, sampling, objects, paint, initial });
  } finally {
    await initial?.close();
  }
}

function checkLabels(objects: ObjectList): void {
  const wrong = objects.find(({ label }) => !Number.isInteger(label) || label < 1 || label > 255);
  if (!wrong) return;
  const { label, x, y, z } = wrong;
  throw new TomoflowError(
    "label-unknown",
    `the object at x ${x}, y ${y}, z ${z} has label ${label}; a label map holds 1 to 255`,
    { hint: "give the objects labels of the class table" },
  );
}

async function createPainter(context: Context, objects: ObjectList): Promise<Painter> {
  const { rounding, strategy } = context.parameters;
  if (strategy === "spheres") {
    const radii = radiiByLabel(context);
    return (box) => paintSpheres(box, objects, { radii, rounding });
  }
  const masks = await readMasks(masksByLabel(context), objects, context.signal);
  return (box) => paintShapes(box, objects, { masks, rounding });
}

/** Reads the masks of the classes that occur. */
async function readMasks(
  paths: ReadonlyMap<number, string>,
  objects: ObjectList,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, TurnableMask>> {
  const masks = new Map<number, TurnableMask>();
  for (const label of new Set(objects.map((object) => object.label))) {
    const path = paths.get(label);
    if (path === undefined) continue;
    masks.set(label, prepareMask(await readVolume(path, { signal }), `the mask of class ${label}, ${path},`));
  }
  return masks;
}

/** The target's size, and where it sits in space: as the tomogram, else as the initial label map. */
async function findGeometry(
  { parameters, rows }: Context,
  initial: VolumeReader | undefined,
): Promise<{ shape: Shape3; sampling: Sampling }> {
  const { tomogram } = rows[0].files;
  const known = parameters.size ? initial?.info : await readVolumeInfo(tomogram);
  const shape = parameters.size ?? known!.shape;
  if (initial && formatShape(initial.info.shape) !== formatShape(shape))
    throw new TomoflowError(
      "shape-mismatch",
      `the initial label map is ${formatShape(initial.info.shape)} voxels, the target ${formatShape(shape)} (z, y, x)`,
      { hint: "give the label map of this very tomogram, or bin both alike" },
    );
  return {
    shape,
    sampling: {
      voxelSizeAngstrom: known?.voxelSizeAngstrom ?? null,
      originAngstrom: known?.originAngstrom ?? [0, 0, 0],
    },
  };
}

interface Work {
  readonly shape: Shape3;
  readonly sampling: Sampling;
  readonly objects: ObjectList;
  readonly paint: Painter;
  readonly initial: VolumeReader | undefined;
}

async function writeSlabs(context: Context, work: Work): Promise<void> {
  const { shape, sampling, objects, paint, initial } = work;
  const { signal, outputs, report } = context;
  const painted = objects.reduce((greatest, { label }) => Math.max(greatest, label), 0);
  const greatest = Math.max(painted, initial ? await greatestLabel(initial, signal) : 0);
  const writer = await createVolume(outputs.target, { ...sampling, shape, type: labelType(greatest) });
  try {
    for (const slab of slabsOf(shape, slabVoxels)) {
      signal.throwIfAborted();
      const data = initial ? await readLabels(initial, slab, signal) : new Uint8Array(voxelCount(slab.shape));
      paint({ ...slab, data });
      await writer.append(data);
      report({ type: "progress", done: slab.start[0] + slab.shape[0], total: shape[0], unit: "plane" });
    }
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function greatestLabel(initial: VolumeReader, signal: AbortSignal): Promise<number> {
  let greatest = 0;
  for (const slab of slabsOf(initial.info.shape, slabVoxels))
    for (const label of await readLabels(initial, slab, signal)) if (label > greatest) greatest = label;
  return greatest;
}

/** Labels of a slab, as a copy of its own. */
async function readLabels(initial: VolumeReader, slab: Box, signal: AbortSignal): Promise<Uint8Array> {
  const { shape, path } = initial.info;
  const first = slab.start[0] * shape[1] * shape[2];
  return labelBytes(await initial.readBox(slab.start, slab.shape, signal), first, { shape, source: path });
}
