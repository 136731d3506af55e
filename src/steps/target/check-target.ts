/** The preflight of `target`: looks at the object list and at the headers of the volumes. */
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { warnIfEmpty } from "../../objects/check.ts";
import { hasAngles, type ObjectList } from "../../objects/object-list.ts";
import { formatShape, type Shape3 } from "../../volume/volume.ts";
import { checkFinite, checkMask } from "../check-voxels.ts";
import { knownFile } from "../known-file.ts";
import { checkRowObjects } from "../row-objects.ts";
import type { PreflightContext } from "../step-kind.ts";
import type { TargetParameters } from "../target.ts";
import { findHeader } from "../volume-header.ts";
import { masksByLabel, radiiByLabel } from "./class-values.ts";

type Context = PreflightContext<TargetParameters>;

export async function checkTarget(given: Context): Promise<readonly Diagnostic[]> {
  const context = { ...given, classes: classesOf(given) };
  const diagnostics: Diagnostic[] = [];
  const shape = await findShape(context, diagnostics);
  await checkInitial(context, shape, diagnostics);
  const [row] = context.rows;
  const source = row.files.objects;
  const { list, diagnostics: found } = await checkRowObjects(context, row, {
    port: "objects",
    labels: context.classes.map(({ label }) => label),
    shape,
  });
  diagnostics.push(...found);
  diagnostics.push(...checkOverrides(context));
  if (!list) return diagnostics;
  diagnostics.push(...warnIfEmpty(list, source));
  if (context.parameters.strategy === "spheres") diagnostics.push(...checkRadii(context, list));
  else diagnostics.push(...(await checkMasks(context, list)), ...checkAngles(list, source));
  return diagnostics;
}

/** Without a class table, as in a step on its own, the classes are those that are given something to paint with. */
function classesOf({ classes, parameters }: Context): Context["classes"] {
  if (classes.length > 0) return classes;
  const { strategy, radii = {}, masks = {} } = parameters;
  const labels = Object.keys(strategy === "spheres" ? radii : masks).map(Number);
  return labels.map((label) => ({ label, name: `class ${label}` }));
}

async function findShape(context: Context, diagnostics: Diagnostic[]): Promise<Shape3 | undefined> {
  const { size } = context.parameters;
  if (size) return size;
  return (await findHeader(knownFile(context, context.rows[0].files.tomogram), diagnostics))?.shape;
}

async function checkInitial(
  context: Context,
  shape: Shape3 | undefined,
  diagnostics: Diagnostic[],
): Promise<void> {
  const { initial } = context.rows[0].files;
  const header = await findHeader(knownFile(context, initial), diagnostics);
  const readable = knownFile(context, initial);
  diagnostics.push(...(await checkFinite({ path: readable, what: "the initial label map" })));
  if (!header || !shape || formatShape(header.shape) === formatShape(shape)) return;
  const message = `the initial label map is ${formatShape(header.shape)} voxels, the target ${formatShape(shape)} (z, y, x)`;
  diagnostics.push(
    errorDiagnostic("shape-mismatch", message, {
      location: { file: initial },
      hint: "give the label map of this very tomogram, or bin both alike",
    }),
  );
}

/** Labels named in `radii` and `masks` must be in the class table. */
function checkOverrides({ parameters, classes }: Context): Diagnostic[] {
  const known = new Set(classes.map(({ label }) => String(label)));
  return (["radii", "masks"] as const).flatMap((name) =>
    Object.keys(parameters[name] ?? {})
      .filter((label) => !known.has(label))
      .map((label) =>
        errorDiagnostic(
          "label-unknown",
          `${name} names class ${label}, which the class table does not list`,
          {
            hint: `add ${label} to \`classes\`, or take it out of ${name}`,
          },
        ),
      ),
  );
}

function checkRadii(context: Context, list: ObjectList): Diagnostic[] {
  const radii = radiiByLabel(context);
  return lackingClasses(context, list, radii).map(({ label, title, count }) =>
    errorDiagnostic("radius-missing", `class ${title} has no radius, but ${count} in the list`, {
      hint: `give classes.${label}.radius, or radii: {${label}: …}, in voxels`,
    }),
  );
}

async function checkMasks(context: Context, list: ObjectList): Promise<Diagnostic[]> {
  const masks = masksByLabel(context);
  const diagnostics = lackingClasses(context, list, masks).map(({ label, title, count }) =>
    errorDiagnostic("mask-missing", `class ${title} has no mask, but ${count} in the list`, {
      hint: `give classes.${label}.mask, or masks: {${label}: …}, or use strategy: spheres`,
    }),
  );
  const present = new Set(list.map(({ label }) => label));
  for (const [label, path] of masks) {
    if (!present.has(label)) continue;
    const shape = (await findHeader(knownFile(context, path), diagnostics))?.shape;
    if (!shape) continue;
    if (shape[0] === shape[1] && shape[0] === shape[2]) {
      const looked = { path, what: `the mask of class ${label}:`, use: "particle" } as const;
      diagnostics.push(...(await checkMask(looked)));
      continue;
    }
    const message = `the mask of class ${label} is ${formatShape(shape)} voxels, not a cube`;
    const hint = "pad the mask with zeros to a cube around its particle";
    diagnostics.push(errorDiagnostic("mask-not-cubic", message, { location: { file: path }, hint }));
  }
  return diagnostics;
}

/** Classes of the table that objects have and `values` lacks. */
function lackingClasses({ classes }: Context, list: ObjectList, values: ReadonlyMap<number, unknown>) {
  return classes
    .filter(({ label }) => !values.has(label))
    .map(({ label, name }) => ({
      label,
      title: `${label} (${name})`,
      number: list.filter((object) => object.label === label).length,
    }))
    .filter(({ number }) => number > 0)
    .map(({ label, title, number }) => ({
      label,
      title,
      count: number === 1 ? "1 object of it is" : `${number} objects of it are`,
    }));
}

function checkAngles(list: ObjectList, source: string): Diagnostic[] {
  const lacking = list.filter((object) => !hasAngles(object));
  if (lacking.length === 0) return [];
  const [{ x, y, z }] = lacking;
  const message = `${lacking.length} of ${list.length} objects lack phi, psi or the, which shapes are turned by; the first is at x ${x}, y ${y}, z ${z}`;
  const hint = "give all three angles of every object, or use strategy: spheres";
  return [errorDiagnostic("angles-missing", message, { location: { file: source }, hint })];
}
