/** What a step alone is given, checked before any work: parameters, files, classes, names of outputs, contents. */
import { resolve } from "node:path";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { type Result, resultOf } from "../../core/result.ts";
import { checkShape } from "../../schema/shape/check-shape.ts";
import type { ClassDefinition, OutputPort, Parameters, Ports } from "../../schema/step-description.ts";
import { withDefaults } from "../../schema/values/input-ports.ts";
import type { StepContext, StepKind, StepRow } from "../../steps/step-kind.ts";
import { checkOutputNames } from "./outputs.ts";
import { type PlacedDiagnostic, placedAt } from "./placed.ts";

export interface SingleStepRequest {
  readonly kind: StepKind<Parameters>;
  /** As written; those with a default may be left out, and files are relative to `folder`. */
  readonly parameters: Parameters;
  /** Absolute. */
  readonly folder: string;
  /** The rows for these inputs. */
  readonly rows: (ports: Ports) => Result<readonly StepRow[]> | Promise<Result<readonly StepRow[]>>;
  readonly classes: Result<readonly ClassDefinition[]>;
  /** Path by output port, where the user chose one. */
  readonly outputs: ReadonlyMap<string, string>;
  /** How to find a parameter where it is given, e.g. `the flag is --patch-size`. */
  readonly parameterHint?: (name: string) => string;
}

export interface SingleStep {
  readonly kind: StepKind<Parameters>;
  readonly context: StepContext;
  readonly outputs: readonly OutputPort[];
}

/** Every mistake at once, with its place in the request where it has one. Reads headers and lists, and runs nothing. */
export async function checkSingleStep(request: SingleStepRequest): Promise<Result<SingleStep>> {
  const { kind, classes } = request;
  const diagnostics: Diagnostic[] = [];
  const parameters = await readParameters(request, diagnostics);
  const ports = diagnostics.length === 0 ? filePorts(kind, parameters) : undefined;
  const rows = ports && (await request.rows(ports));
  diagnostics.push(...(rows?.diagnostics ?? []), ...classes.diagnostics);
  diagnostics.push(...checkOutputNames(ports?.outputs ?? [], request.outputs));
  const context: StepContext = {
    parameters,
    rows: rows?.ok ? rows.value : [],
    classes: classes.ok ? classes.value : [],
  };
  const isSound = diagnostics.every(({ severity }) => severity !== "error");
  if (isSound && kind.preflight) diagnostics.push(...(await kind.preflight(context)));
  return resultOf({ kind, context, outputs: ports?.outputs ?? [] }, diagnostics);
}

/** The kind's ports without the inputs that are parameters: those are given as such. */
export function filePorts(kind: StepKind<Parameters>, parameters: Parameters): Ports {
  const ports = kind.ports(parameters);
  return { ...ports, inputs: ports.inputs.filter(({ name }) => !(name in kind.parameters.properties)) };
}

async function readParameters(
  { kind, parameters: written, folder, parameterHint }: SingleStepRequest,
  diagnostics: PlacedDiagnostic[],
): Promise<Parameters> {
  const parameters = withDefaults(kind, written);
  const problems = await checkShape({ ...kind.parameters }, parameters, `step ${kind.name}`);
  diagnostics.push(
    ...problems.map(({ code, message, path, hint }) => ({
      ...errorDiagnostic(code, message, {
        hint: hint ?? (path[0] ? parameterHint?.(String(path[0])) : undefined),
      }),
      ...placedAt("parameters", ...path),
    })),
  );
  const mistakes = problems.length === 0 ? (kind.check?.(parameters) ?? []) : [];
  diagnostics.push(
    ...mistakes.map(({ message, hint, path, code = "wrong-parameters" }) => ({
      ...errorDiagnostic(code, message, { hint }),
      ...placedAt("parameters", ...path),
    })),
  );
  return withAbsoluteFiles(kind, parameters, folder);
}

/** `x-file` parameters are paths from where the user is. */
function withAbsoluteFiles(kind: StepKind<Parameters>, parameters: Parameters, folder: string): Parameters {
  const entries = Object.entries(parameters).map(([name, value]) => {
    if (!kind.parameters.properties[name]?.["x-file"]) return [name, value];
    return [name, absolutePaths(value, folder)];
  });
  return Object.fromEntries(entries);
}

function absolutePaths(value: unknown, folder: string): unknown {
  if (typeof value === "string") return resolve(folder, value);
  if (Array.isArray(value)) return value.map((item) => absolutePaths(item, folder));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, path]) => [name, absolutePaths(path, folder)]));
}
