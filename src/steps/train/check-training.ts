/** The preflight of `train`: the split, the headers, the object lists, the memory. */
import { totalmem } from "node:os";
import { type Diagnostic, errorDiagnostic, warningDiagnostic } from "../../core/diagnostic.ts";
import type { Architecture } from "../../network/networks.ts";
import type { ObjectList, TomogramObject } from "../../objects/object-list.ts";
import { isInside } from "../../objects/operations/region.ts";
import { readSampleWeight } from "../../training/sample-weights.ts";
import { formatShape, type VolumeInfo } from "../../volume/volume.ts";
import { checkFinite } from "../check-voxels.ts";
import { knownFile } from "../known-file.ts";
import { checkRowObjects } from "../row-objects.ts";
import type { PreflightContext, StepRow } from "../step-kind.ts";
import type { TrainParameters } from "../train.ts";
import { findHeader } from "../volume-header.ts";
import { findNetwork } from "../weights-file.ts";
import { checkAnnotation } from "./annotation.ts";
import { checkEmptyRows } from "./check-objects.ts";
import { checkRegions } from "./check-regions.ts";
import { checkVoxelSizes } from "./check-voxel-sizes.ts";
import { patchSizeMistakes } from "./network-parameters.ts";
import { checkPaste } from "./pasted-radii.ts";
import { rowsOfSplit } from "./rows-of-split.ts";
import { networkOf, otherNetwork, planTraining } from "./training-plan.ts";

type Context = PreflightContext<TrainParameters>;

export async function checkTraining(context: Context): Promise<readonly Diagnostic[]> {
  const diagnostics: Diagnostic[] = [...checkSplit(context.rows)];
  const lists = new Map<string, ObjectList>();
  const usable = new Map<string, ObjectList>();
  const labels = context.classes.map(({ label }) => label);
  const headers = new Map<string, VolumeInfo>();
  for (const row of context.rows) {
    const tomogram = await findHeader(knownFile(context, row.files.tomogram), diagnostics);
    if (tomogram) headers.set(row.id, tomogram);
    const target = await findHeader(knownFile(context, row.files.target), diagnostics);
    const readable = knownFile(context, row.files.tomogram);
    diagnostics.push(...(await checkFinite({ path: readable, what: `${row.id}: the tomogram` })));
    diagnostics.push(...checkHeaders(row, { tomogram, target, side: context.parameters.patchSize }));
    const { list, diagnostics: found } = await checkRowObjects(context, row, {
      port: "objects",
      labels,
      shape: tomogram?.shape,
    });
    diagnostics.push(...found);
    if (!list) continue;
    lists.set(row.id, list);
    const isUsable = (object: TomogramObject) =>
      labels.includes(object.label) && (tomogram === undefined || isInside(object, tomogram.shape));
    usable.set(row.id, list.filter(isUsable));
  }
  const { training, validation } = rowsOfSplit(context.rows);
  diagnostics.push(...checkVoxelSizes([...training, ...validation], headers));
  diagnostics.push(...checkAnnotation(context), ...checkEmptyRows(context, usable));
  diagnostics.push(...checkPaste(context, usable, headers));
  diagnostics.push(...checkSharedObjects(context.rows, lists), ...checkClasses(context, lists));
  diagnostics.push(...checkSampleWeights(context, lists), ...(await checkRegions(context)));
  const { initialWeights } = context.parameters;
  const initial = await findNetwork(knownFile(context, initialWeights), context.classes, diagnostics);
  const network = initial ?? networkOf(context);
  const otherwise = initial && otherNetwork(context.parameters, initial);
  if (otherwise !== undefined) {
    const { message, hint } = otherwise;
    diagnostics.push(
      errorDiagnostic("weights-differ", message, { location: { file: initialWeights! }, hint }),
    );
  }
  const misfits = patchSizeMistakes({
    ...context.parameters,
    filters: network.filters,
    network: network.name,
  });
  diagnostics.push(
    ...misfits.map(({ message, hint }) => errorDiagnostic("wrong-parameters", message, { hint })),
  );
  if (misfits.length === 0) diagnostics.push(...checkMemory(context, network));
  return diagnostics;
}

function checkSplit(rows: readonly StepRow[]): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const { training, validation } = rowsOfSplit(rows);
  if (training.length === 0)
    diagnostics.push(
      errorDiagnostic("split-missing", "no tomogram to train on: no row has `split: train`", {
        hint: "give each tomogram a `split`: train, valid or test",
      }),
    );
  if (validation.length === 0)
    diagnostics.push(
      errorDiagnostic("split-missing", "no tomogram to validate on: no row has `split: valid`", {
        hint: "set `split: valid` for a tomogram that is not trained on",
      }),
    );
  return diagnostics;
}

function checkHeaders(
  { id, files }: StepRow,
  { tomogram, target, side }: { tomogram?: VolumeInfo; target?: VolumeInfo; side: number },
): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  if (tomogram && target && tomogram.shape.join() !== target.shape.join())
    diagnostics.push(
      errorDiagnostic(
        "shape-mismatch",
        `${id}: the target is ${formatShape(target.shape)} voxels, the tomogram ${formatShape(tomogram.shape)} (z, y, x)`,
        { location: { file: files.target! }, hint: "make the target from this very tomogram" },
      ),
    );
  if (tomogram && target && differ(tomogram.voxelSizeAngstrom, target.voxelSizeAngstrom))
    diagnostics.push(
      warningDiagnostic(
        "voxel-size-differs",
        `${id}: the target says ${target.voxelSizeAngstrom?.join(" × ")} Å a voxel, the tomogram ${tomogram.voxelSizeAngstrom?.join(" × ")}`,
        {
          location: { file: files.target! },
          hint: "the target may belong to another binning of the tomogram",
        },
      ),
    );
  if (tomogram?.shape.some((length) => length < side))
    diagnostics.push(
      errorDiagnostic(
        "patch-too-large",
        `${id}: patches of ${side}³ voxels do not fit the tomogram of ${formatShape(tomogram.shape)} (z, y, x)`,
        { location: { file: files.tomogram! }, hint: `use a patchSize of at most ${largestSide(tomogram)}` },
      ),
    );
  return diagnostics;
}

const largestSide = ({ shape }: VolumeInfo): number => Math.floor(Math.min(...shape) / 4) * 4;

const differ = (a: readonly number[] | null, b: readonly number[] | null): boolean =>
  a !== null && b !== null && a.some((size, axis) => Math.abs(size - b[axis]!) > 0.01 * size);

/** Validating on objects that are trained on says nothing about new tomograms. */
function checkSharedObjects(rows: readonly StepRow[], lists: ReadonlyMap<string, ObjectList>): Diagnostic[] {
  const { training, validation } = rowsOfSplit(rows);
  const haveSame = sharingOf(training, lists);
  return validation.flatMap((valid) => {
    const same = haveSame(lists.get(valid.id) ?? []);
    const twin = training.find((row) => row.files.tomogram === valid.files.tomogram || same.has(row.id));
    if (twin === undefined) return [];
    const shared = twin.files.tomogram === valid.files.tomogram ? "the tomogram" : "the objects";
    return [
      errorDiagnostic(
        "validation-is-training",
        `${valid.id} validates on ${shared} that ${twin.id} trains on`,
        {
          location: { file: valid.files.objects! },
          hint: "validate on a tomogram of its own: scores on training objects say nothing about new ones",
        },
      ),
    ];
  });
}

/**
 * Tells for a list the ids of the rows of which it shares more than half of its objects, or of theirs. Goes by an index of
 * all objects, since hundreds of lists are compared with hundreds.
 */
function sharingOf(
  rows: readonly StepRow[],
  lists: ReadonlyMap<string, ObjectList>,
): (list: ObjectList) => ReadonlySet<string> {
  const rowsWith = new Map<string, Set<string>>();
  for (const { id } of rows)
    for (const object of lists.get(id) ?? []) {
      const key = keyOf(object);
      const known = rowsWith.get(key);
      if (known) known.add(id);
      else rowsWith.set(key, new Set([id]));
    }
  return (list) => {
    const shared = new Map<string, number>();
    for (const object of list)
      for (const id of rowsWith.get(keyOf(object)) ?? []) shared.set(id, (shared.get(id) ?? 0) + 1);
    const isMost = ([id, number]: [string, number]) =>
      number > 0.5 * Math.min(lists.get(id)!.length, list.length);
    return new Set([...shared].filter(isMost).map(([id]) => id));
  };
}

const keyOf = ({ label, x, y, z }: TomogramObject): string => `${label} ${x} ${y} ${z}`;

function checkClasses(
  { rows, classes, parameters: { regions = [] } }: Context,
  lists: ReadonlyMap<string, ObjectList>,
): Diagnostic[] {
  const { training, validation } = rowsOfSplit(rows);
  const known = [...training, ...validation].filter(({ id }) => lists.has(id));
  const missing = (part: readonly StepRow[]) => {
    if (part.length === 0 || !part.every((row) => known.includes(row))) return [];
    // no objects at all are told row by row
    if (part.every(({ id }) => lists.get(id)!.length === 0)) return [];
    const seen = new Set(part.flatMap(({ id }) => lists.get(id)!.map(({ label }) => label)));
    return classes.filter(({ label }) => !seen.has(label) && !regions.includes(label));
  };
  return [
    ...missing(training).map(({ label, name }) =>
      errorDiagnostic(
        "class-without-objects",
        `no training tomogram has an object of class ${label} (${name})`,
        {
          hint: `annotate some, or take the class out of \`classes\`; one that the label maps have without objects (a membrane) is named by regions: [${label}]`,
        },
      ),
    ),
    ...missing(validation).map(({ label, name }) =>
      warningDiagnostic(
        "class-without-objects",
        `no validation tomogram has an object of class ${label} (${name})`,
        {
          hint: "its F1 during training will be 0",
        },
      ),
    ),
  ];
}

/** Every object that is trained on needs its weight, where weights are asked for. */
function checkSampleWeights(
  { rows, parameters: { sampleWeight } }: Context,
  lists: ReadonlyMap<string, ObjectList>,
): Diagnostic[] {
  if (sampleWeight === undefined) return [];
  return rowsOfSplit(rows).training.flatMap(({ id, files }) => {
    const list = lists.get(id) ?? [];
    const without = list.filter((object) => readSampleWeight(object, sampleWeight) === undefined).length;
    if (without === 0) return [];
    return [
      errorDiagnostic(
        "sample-weight",
        `${id}: ${without} of ${list.length} objects have no \`${sampleWeight}\` to be drawn by`,
        {
          location: { file: files.objects! },
          hint: "give every object a number of at least 0 there, or leave `sampleWeight` out",
        },
      ),
    ];
  });
}

function checkMemory(context: Context, network: Architecture): Diagnostic[] {
  const { bytes, batch } = planTraining(context, totalmem(), { network });
  if (bytes <= totalmem()) return [];
  const size = (amount: number) => `${(amount / 1e9).toFixed(1)} GB`;
  return [
    errorDiagnostic(
      "memory-too-small",
      `a step with ${batch === 1 ? "1 patch" : `${batch} patches`} of ${context.parameters.patchSize}³ takes about ${size(bytes)}, this machine has ${size(totalmem())}`,
      { hint: "use a smaller batchSize or patchSize, or batchSize: auto" },
    ),
  ];
}
