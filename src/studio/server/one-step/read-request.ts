/** A request for one step made into what `session/` checks and runs: paths made absolute and held to the project. */
import { type Diagnostic, errorDiagnostic } from "../../../core/diagnostic.ts";
import { TomoflowError } from "../../../core/error.ts";
import { type Result, resultOf } from "../../../core/result.ts";
import { checkSingleStep, type SingleStep } from "../../../session/single-step/check.ts";
import { type ClassMap, checkClasses, withAbsoluteFiles } from "../../../session/single-step/classes.ts";
import { singleStepKind } from "../../../session/single-step/kind.ts";
import { type PlacedDiagnostic, placedAt } from "../../../session/single-step/placed.ts";
import { type InputWords, rowsOfFiles } from "../../../session/single-step/rows.ts";
import type { StepMistake, StepRequest } from "../../protocol/one-step.ts";

export interface RequestPlace {
  /** Absolute. */
  readonly root: string;
  /** The absolute path of one in the project; throws a TomoflowError for one that leads out of it. */
  readonly resolve: (path: string) => Promise<string>;
}

const words: InputWords = { name: (port) => port, give: () => "choose its file" };

/** Throws `unknown-kind`; everything else that is wrong is a diagnostic with its place in the request. */
export async function readRequest(request: StepRequest, place: RequestPlace): Promise<Result<SingleStep>> {
  const refused: PlacedDiagnostic[] = [];
  const allow = (path: string, ...at: (string | number)[]) => allowed(path, place, { at, refused });
  const classes = await Promise.all(
    Object.entries(request.classes).map(async ([label, fields]) => {
      for (const field of ["mask", "density"])
        if (typeof fields[field] === "string") await allow(fields[field], "classes", label, field);
      return [label, withAbsoluteFiles(fields, place.root)] as const;
    }),
  );
  await allow(request.folder, "folder");
  const kind = await singleStepKind(request.uses);
  for (const [name, schema] of Object.entries(kind.parameters.properties))
    if (schema["x-file"])
      for (const path of textsIn(request.parameters[name])) await allow(path, "parameters", name);
  for (const [index, row] of request.rows.entries())
    for (const [port, path] of Object.entries(row.inputs)) await allow(path, "rows", index, "inputs", port);
  if (refused.length > 0) return resultOf(undefined as never, refused);
  return checkSingleStep({
    kind,
    parameters: request.parameters,
    folder: place.root,
    rows: ({ inputs }) => rowsOfFiles(request.rows, inputs, { folder: place.root, words }),
    classes: await checkClasses(Object.fromEntries(classes) as ClassMap),
    outputs: new Map(),
  });
}

async function allowed(
  path: string,
  place: RequestPlace,
  { at, refused }: { readonly at: (string | number)[]; readonly refused: PlacedDiagnostic[] },
): Promise<void> {
  try {
    if (path !== "") await place.resolve(path);
  } catch (error) {
    if (!(error instanceof TomoflowError)) throw error;
    const { code, message, hint } = error;
    refused.push({
      ...errorDiagnostic(code, message, hint === undefined ? {} : { hint }),
      ...placedAt(...at),
    });
  }
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** For the browser: paths of this machine are left in messages as the step words them. */
export const mistakesOf = (diagnostics: readonly Diagnostic[]): readonly StepMistake[] =>
  diagnostics.map(({ code, severity, message, hint, ...more }) => {
    const { path } = more as PlacedDiagnostic;
    return { code, severity, message, ...(hint !== undefined && { hint }), ...(path && { path }) };
  });
