/** Reads one step of the file: its fields, its kind, and what its `with` says. */
import { isAbsolute, resolve } from "node:path";
import { checkShape } from "./check-shape.ts";
import { asMap, isMap, type Path, type PlainMap, startsWith } from "./data-path.ts";
import { listReferences, resolveExpressions } from "./expression.ts";
import type { JsonSchema } from "./field-schemas.ts";
import { type FileValues, reportExpression } from "./file-values.ts";
import { type Findings, report, type Spot } from "./findings.ts";
import { portsOrNothing, possiblePorts, withDefaults } from "./input-ports.ts";
import { parseMemory, parseTime } from "./quantity.ts";
import { stepSchema } from "./schema.ts";
import type { ShapeProblem } from "./shape-problem.ts";
import type { Ports, StepCatalog, StepDescription } from "./step-description.ts";
import { didYouMeanOrList } from "./suggest.ts";
import { tableName } from "./table-flow.ts";
import type { Resources, WorkflowStep } from "./workflow.ts";

/** A step as far as it could be read. */
export interface StepDraft {
  readonly id: string;
  /** Complete enough to bind its inputs; absent when its kind or parameters are wrong. */
  readonly step?: WorkflowStep;
  readonly kind?: StepDescription;
  /** Its parameters with params and env resolved, right or wrong. */
  readonly given: PlainMap;
  /** Names of its outputs; absent where they cannot be told. */
  readonly outputs?: readonly string[];
  readonly from: string;
  readonly enabled: boolean;
  /** Ids of the steps it names, with the place of each. */
  readonly references: readonly { readonly step: string; readonly output?: string; readonly spot: Spot }[];
}

export interface StepSurroundings {
  readonly findings: Findings;
  readonly values: FileValues;
  readonly catalog: StepCatalog;
  readonly loadStepKind?: (path: string) => Promise<StepDescription>;
  readonly folder: string;
  /** Name of the workflow. */
  readonly name: string;
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
    location: findings.source.locate(path, "key"),
  };
  return { ...draft, step };
}

/** Fields without which a step cannot be followed any further. */
const decisiveFields = ["from", "where", "out", "enabled"];

function outputNames(kind: StepDescription, ports: Ports | undefined): readonly string[] | undefined {
  if (ports) return ports.outputs.map(({ name }) => name);
  const { outputs, open } = possiblePorts(kind);
  return open ? undefined : outputs;
}

/** Notes what is wrong with the shape of the value at `path`; nothing below the paths of `skip`. */
export function reportShape(
  findings: Findings,
  problems: readonly ShapeProblem[],
  { path, skip = [] }: { path: Path; skip?: readonly Path[] },
): void {
  for (const problem of problems) {
    const place = [...path, ...problem.path];
    if (problem.part === "value" && skip.some((start) => startsWith(place, start))) continue;
    report(findings, problem, { path: place, part: problem.part });
  }
}

async function findKind(
  uses: unknown,
  around: StepSurroundings,
  path: Path,
): Promise<StepDescription | undefined> {
  const { findings, catalog, loadStepKind, folder } = around;
  if (typeof uses !== "string") return undefined;
  const spot = { path: [...path, "uses"] };
  if (!/^\.{0,2}\//.test(uses)) {
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
    return await loadStepKind(isAbsolute(uses) ? uses : resolve(folder, uses));
  } catch (error) {
    const message = `${uses} cannot be loaded: ${(error as Error).message}`;
    report(findings, { code: "bad-step-kind", message }, spot);
    return undefined;
  }
}

/** A kind's own object, so that it is compiled once. */
export const schemaOf = (kind: StepDescription): JsonSchema => kind.parameters as unknown as JsonSchema;

interface CheckedParameters {
  /** As written, with defaults; a wrong one is left out, so that the rest of the step can be checked all the same. */
  readonly parameters: PlainMap;
  readonly given: PlainMap;
  readonly overrides: PlainMap;
  /** Absent when they cannot be told. */
  readonly ports?: Ports;
}

/** Checks the parameters as far as they are the same for all rows, then the inputs that `with` redirects. */
async function checkParameters(
  kind: StepDescription,
  written: PlainMap,
  { around, path: stepPath }: { around: StepSurroundings; path: Path },
): Promise<CheckedParameters> {
  const { findings, values } = around;
  const path = [...stepPath, "with"];
  const isParameter = ([name]: readonly [string, unknown]) => Object.hasOwn(kind.parameters.properties, name);
  const own = Object.fromEntries(Object.entries(written).filter(isParameter));
  const others = Object.fromEntries(Object.entries(written).filter((entry) => !isParameter(entry)));
  const scope = { params: values.params, env: values.environment };
  const resolution = resolveExpressions(own, scope);
  for (const problem of resolution.problems)
    reportExpression(findings, problem, { path, params: values.params });
  const open = [...resolution.problems.map((problem) => problem.path), ...resolution.pending];
  const resolved = asMap(resolution.value);
  const owner = `with of step ${stepPath[1]}`;
  const shape = (await checkShape(schemaOf(kind), resolved, owner)).filter(
    (problem) => problem.part === "key" || !open.some((start) => startsWith(problem.path, start)),
  );
  reportShape(findings, shape.map(viaExpression(own)), { path });
  const wrong = new Set([...shape, ...resolution.problems].map(({ path: [name] }) => String(name)));
  const withoutWrong = (parameters: PlainMap) =>
    withDefaults(kind, Object.fromEntries(Object.entries(parameters).filter(([name]) => !wrong.has(name))));
  const ports = portsOrNothing(kind, withoutWrong(resolved));
  const overridesFine = checkOverrides(kind, others, { around, path, ports });
  return {
    parameters: withoutWrong(own),
    given: resolved,
    overrides: others,
    ports: overridesFine ? ports : undefined,
  };
}

/** Says which expression gave the wrong value. */
const viaExpression =
  (written: PlainMap) =>
  (problem: ShapeProblem): ShapeProblem => {
    const text = problem.path.reduce<unknown>(
      (value, step) => (value as PlainMap | undefined)?.[step],
      written,
    );
    if (problem.part === "key" || typeof text !== "string" || listReferences(text).length === 0)
      return problem;
    return { ...problem, message: `${problem.message} (${text})` };
  };

function checkOverrides(
  kind: StepDescription,
  overrides: PlainMap,
  { around, path, ports }: { around: StepSurroundings; path: Path; ports?: Ports },
): boolean {
  const { findings, values } = around;
  const possible = possiblePorts(kind);
  const inputs = (ports?.inputs ?? possible.inputs).map(({ name }) => name);
  const known = [...Object.keys(kind.parameters.properties), ...inputs];
  let fine = true;
  for (const [name, value] of Object.entries(overrides)) {
    const spot = { path: [...path, name] };
    const before = findings.diagnostics.length;
    if (!inputs.includes(name) && (ports || !possible.open)) {
      const message = `unknown key ${name} in with of step ${path[1]}`;
      report(
        findings,
        { code: "unknown-key", message, hint: didYouMeanOrList(name, known, "its keys are") },
        { ...spot, part: "key" },
      );
    } else if (typeof value !== "string" || value === "") {
      const hint = `leave it out to read the column ${name}, or write "\${row.COLUMN}"`;
      report(
        findings,
        { code: "wrong-type", message: `${name} must be the path of a file or an expression`, hint },
        spot,
      );
    }
    const { problems } = resolveExpressions(value, { params: values.params, env: values.environment });
    for (const problem of problems)
      reportExpression(findings, problem, { path: spot.path, params: values.params });
    if (findings.diagnostics.length > before || problems.length > 0) fine = false;
  }
  return fine;
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

const outputFolderOf = (out: unknown, id: string, { folder, name }: StepSurroundings): string =>
  typeof out === "string" ? resolve(folder, out) : resolve(folder, "results", name, id);

function resourcesOf(value: unknown): Resources {
  const { gpu, cpus, memory, time } = asMap(value);
  return {
    ...(gpu !== undefined && { gpu: Number(gpu) }),
    ...(cpus !== undefined && { cpus: Number(cpus) }),
    ...(memory !== undefined && { memoryBytes: parseMemory(memory as number | string) }),
    ...(time !== undefined && { timeSeconds: parseTime(time as number | string) }),
  };
}
