/** The preflight of `simulate`: every class to be placed has something to draw, and it fits. */
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import type { ClassDefinition } from "../../schema/step-description.ts";
import { didYouMeanOrList } from "../../schema/text/suggest.ts";
import { isShapeName, shapeDescriptions } from "../../simulation/shapes.ts";
import { formatShape } from "../../volume/volume.ts";
import { checkFinite } from "../check-voxels.ts";
import { knownFile } from "../known-file.ts";
import { checkRowObjects } from "../row-objects.ts";
import type { SimulateParameters } from "../simulate.ts";
import type { PreflightContext } from "../step-kind.ts";
import { findHeader } from "../volume-header.ts";
import { countsByLabel, defaultRadius, seedOf, tomogramOf } from "./settings.ts";

type Context = PreflightContext<SimulateParameters>;

export async function checkSimulation(context: Context): Promise<readonly Diagnostic[]> {
  const diagnostics = [...checkSeed(context)];
  const labels = await labelsToPlace(context, diagnostics);
  for (const definition of context.classes)
    if (labels.has(definition.label)) diagnostics.push(...(await checkClass(definition, context)));
  return diagnostics;
}

function checkSeed({ rows: [row], parameters }: Context): Diagnostic[] {
  if (seedOf(row, parameters) !== undefined) return [];
  return [
    errorDiagnostic("bad-seed", `the seed of row ${row.id} is ${JSON.stringify(row.values.seed)}`, {
      hint: "a seed is a whole number",
    }),
  ];
}

async function labelsToPlace(context: Context, diagnostics: Diagnostic[]): Promise<ReadonlySet<number>> {
  const { classes, parameters, rows } = context;
  const known = classes.map(({ label }) => label);
  if (rows[0].files.objects) {
    const checked = await checkRowObjects(context, rows[0], {
      port: "objects",
      maySharePlaces: true,
      labels: known,
      ...tomogramOf(parameters),
    });
    diagnostics.push(...checked.diagnostics);
    return new Set(checked.list?.map(({ label }) => label));
  }
  const labels = new Set(countsByLabel(parameters, classes).keys());
  for (const label of labels)
    if (!known.includes(label))
      diagnostics.push(
        errorDiagnostic("label-unknown", `counts names class ${label}, which the class table does not list`, {
          hint: `add ${label} to \`classes\`, or take it out of counts`,
        }),
      );
  if (classes.length === 0)
    diagnostics.push(
      errorDiagnostic("no-classes", "there are no classes, so there is nothing to simulate", {
        hint: "list them: classes: {1: {name: ribosome, shape: two-lobed, radius: 9}}",
      }),
    );
  return labels;
}

async function checkClass(definition: ClassDefinition, context: Context): Promise<Diagnostic[]> {
  const { label, name, density, shape } = definition;
  const diagnostics: Diagnostic[] = [];
  if (density) {
    const path = knownFile(context, density);
    const header = await findHeader(path, diagnostics);
    const skewed = header?.oddities.find(({ code }) => code === "cell-angles");
    if (skewed)
      return [
        errorDiagnostic("density-skewed", `class ${label} (${name}): ${density}: ${skewed.message}`, {
          location: { file: density },
          hint: "resample the map on a rectangular grid first, for example with ChimeraX: volume resample; or set its angles to 90° if they are wrong",
        }),
      ];
    diagnostics.push(...(await checkFinite({ path, what: `class ${label} (${name}): the density map` })));
    return diagnostics;
  }
  const title = `class ${label} (${name})`;
  const names = Object.keys(shapeDescriptions);
  if (!shape)
    return [
      errorDiagnostic("shape-missing", `${title} has neither a shape nor a density map to simulate it from`, {
        hint: `give classes.${label}.shape (${names.join(", ")}) or classes.${label}.density`,
      }),
    ];
  if (!isShapeName(shape))
    return [
      errorDiagnostic("shape-unknown", `${title} has the shape ${shape}, which there is not`, {
        hint: didYouMeanOrList(shape, names, "the shapes are"),
      }),
    ];
  return checkFit(title, definition.radius ?? defaultRadius, context);
}

function checkFit(title: string, radius: number, { parameters: { size }, rows }: Context): Diagnostic[] {
  const diameter = 2 * Math.ceil(radius) + 1;
  if (rows[0].files.objects || diameter <= Math.min(...size)) return [];
  const message = `${title} has a diameter of ${diameter} voxels, more than the volume of ${formatShape(size)} holds`;
  return [errorDiagnostic("no-room", message, { hint: "make the size larger or the radius smaller" })];
}
