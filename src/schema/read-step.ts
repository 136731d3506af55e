/** Reads one step of the file: its fields, its kind, and what its `with` says. */
import { isAbsolute, resolve } from "node:path";
import { TomoflowError } from "../core/error.ts";
import { wrongOut } from "./checks/outputs.ts";
import { checkParameters } from "./checks/parameters.ts";
import { importedFiles } from "./imported-files.ts";
import { checkShape } from "./shape/check-shape.ts";
import { stepSchema } from "./shape/schema.ts";
import type { Ports, StepCatalog, StepDescription } from "./step-description.ts";
import type { StepDraft } from "./step-draft.ts";
import { asMap, isMap, type Path, startsWith } from "./text/data-path.ts";
import { type Findings, report, reportShape, warn } from "./text/findings.ts";
import { parseMemory, parseTime } from "./text/quantity.ts";
import { didYouMeanOrList } from "./text/suggest.ts";
import { listReferences } from "./values/expression.ts";
import type { FileValues } from "./values/file-values.ts";
import { possiblePorts } from "./values/input-ports.ts";
import { tableName } from "./values/table-flow.ts";
import { variantSuffix } from "./variant.ts";
import type { Resources, WorkflowStep } from "./workflow.ts";

export interface StepSurroundings {
  readonly findings: Findings;
  readonly values: FileValues;
  readonly catalog: StepCatalog;
  readonly loadStepKind?: (path: string) => Promise<StepDescription>;
  readonly folder: string;
  /** Name of the workflow. */
  readonly name: string;
  /** The name given with `--variant`. */
  readonly variant?: string;
}

export async function readStep(id: string, around: StepSurroundings): Promise<StepDraft> {
  const { findings, values } = around;
  const path: Path = ["steps", id];
  const given = asMap(values.resolved.steps)[id];
  const fields = asMap(given);
  const shape = await checkShape(stepSchema, given, `step ${id}`);
  reportShape(findings, shape, { path, skip: [...values.unresolved, [...path, "with"]] });
  const kind = await findKind(fields.uses, around, path);
  const written = asMap(fields.with);
  if (kind && fields.engine !== undefined) checkEngineIsUsed(findings, kind, { id, uses: fields.uses });
  if (fields.with !== undefined && fields.with !== null && !isMap(fields.with))
    report(
      findings,
      { code: "wrong-type", message: `with of step ${id} must be a map of parameters` },
      { path: [...path, "with"] },
    );
  const checked = kind && (await checkParameters(kind, written, { around, path }));
  const from = typeof fields.from === "string" ? fields.from : tableName;
  const enabled = fields.enabled !== false;
  const draft = {
    given: checked?.given ?? {},
    uncertain: checked?.uncertain ?? true,
    id,
    kind,
    outputs: kind && outputNames(kind, checked?.ports),
    from,
    enabled,
    references: referencesOf(path, from, fields.with),
  };
  const lost = [...shape.map((problem) => [...path, ...problem.path]), ...values.unresolved];
  if (
    !kind ||
    !checked?.ports ||
    lost.some((place) => decisiveFields.some((field) => startsWith(place, [...path, field])))
  )
    return draft;
  const step: WorkflowStep = {
    id,
    kind,
    source: { from, where: whereOf(fields.where) },
    parameters: checked.parameters,
    inputOverrides: checked.overrides,
    dependsOn: [...new Set(draft.references.map((reference) => reference.step))],
    outputFolder: outputFolderOf(fields.out, id, around),
    resources: resourcesOf(fields.resources),
    retries: Number(fields.retries ?? 0),
    enabled,
    checkpoint: fields.checkpoint !== false,
    engine: String(fields.engine ?? values.resolved.engine ?? "auto"),
    executor: String(fields.executor ?? values.resolved.executor ?? "local"),
    location: findings.source.locate(path, "key"),
  };
  return { ...draft, step };
}

/** A kind of the user's own may use the engine without saying so. */
function checkEngineIsUsed(
  findings: Findings,
  { usesEngine }: StepDescription,
  { id, uses }: { readonly id: string; readonly uses: unknown },
): void {
  if (usesEngine || isModulePath(String(uses))) return;
  const message = `step ${id} computes no network: \`engine\` changes nothing here`;
  const hint = "take it out, or give it to the steps that train and segment";
  warn(findings, { code: "engine-unused", message, hint }, { path: ["steps", id, "engine"], part: "key" });
}

const isModulePath = (uses: string): boolean => /^\.{0,2}\//.test(uses);

/** Fields without which a step cannot be followed any further. */
const decisiveFields = ["from", "where", "out", "enabled"];

function outputNames(kind: StepDescription, ports: Ports | undefined): readonly string[] | undefined {
  if (ports) return ports.outputs.map(({ name }) => name);
  const { outputs, open } = possiblePorts(kind);
  return open ? undefined : outputs;
}

async function findKind(
  uses: unknown,
  around: StepSurroundings,
  path: Path,
): Promise<StepDescription | undefined> {
  const { findings, catalog, loadStepKind, folder } = around;
  if (typeof uses !== "string") return undefined;
  const spot = { path: [...path, "uses"] };
  if (!isModulePath(uses)) {
    const kind = catalog.get(uses);
    const hint = didYouMeanOrList(uses, catalog.keys(), "the kinds are");
    if (!kind)
      report(findings, { code: "unknown-kind", message: `there is no step kind ${uses}`, hint }, spot);
    return kind;
  }
  if (!loadStepKind) {
    const hint = `the kinds are ${[...catalog.keys()].join(", ")}`;
    const message = `step kinds of your own (${uses}) cannot be used here`;
    report(findings, { code: "user-step-unsupported", message, hint }, spot);
    return undefined;
  }
  try {
    const module = isAbsolute(uses) ? uses : resolve(folder, uses);
    const [loaded, imports] = await Promise.all([loadStepKind(module), importedFiles(module)]);
    // the runner finds the module again by what `uses` says
    return { ...loaded, name: uses, ...(Object.keys(imports).length > 0 && { imports }) };
  } catch (error) {
    const known = error instanceof TomoflowError;
    const message = known ? error.message : `${uses} cannot be loaded: ${(error as Error).message}`;
    report(findings, { code: "bad-step-kind", message, ...(known && { hint: error.hint }) }, spot);
    return undefined;
  }
}

function referencesOf(path: Path, from: string, parameters: unknown): StepDraft["references"] {
  const inWith = listReferences(parameters).flatMap(({ path: inside, reference }) => {
    if (reference.scope !== "step") return [];
    const { step, output } = reference;
    return [{ step, output, spot: { path: [...path, "with", ...inside], text: `${step}.${output}` } }];
  });
  const source = from === tableName ? [] : [{ step: from, spot: { path: [...path, "from"] } }];
  return [...source, ...inWith];
}

const whereOf = (where: unknown): Readonly<Record<string, readonly unknown[]>> =>
  Object.fromEntries(
    Object.entries(asMap(where)).map(([column, wanted]) => [
      column,
      Array.isArray(wanted) ? wanted : [wanted],
    ]),
  );

/** A variant must not overwrite the results of another. */
function outputFolderOf(out: unknown, id: string, { folder, name, variant }: StepSurroundings): string {
  const suffix = variantSuffix(variant);
  return typeof out === "string" && !wrongOut(out, folder)
    ? resolve(folder, out) + suffix
    : resolve(folder, "results", name + suffix, id);
}

function resourcesOf(value: unknown): Resources {
  const { gpu, cpus, memory, time } = asMap(value);
  return {
    ...(gpu !== undefined && { gpu: Number(gpu) }),
    ...(cpus !== undefined && { cpus: Number(cpus) }),
    ...(memory !== undefined && { memoryBytes: parseMemory(memory as number | string) }),
    ...(time !== undefined && { timeSeconds: parseTime(time as number | string) }),
  };
}
