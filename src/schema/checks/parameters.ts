/** Checks what `with` says: the parameters of the kind, and inputs that are read from elsewhere than their column. */
import { checkShape } from "../shape/check-shape.ts";
import type { JsonSchema } from "../shape/field-schemas.ts";
import type { ParameterMistake, Ports, StepDescription } from "../step-description.ts";
import { asMap, type Path, type PlainMap, startsWith } from "../text/data-path.ts";
import { type Findings, report, reportShape, warn } from "../text/findings.ts";
import type { ShapeProblem } from "../text/shape-problem.ts";
import { didYouMeanOrList } from "../text/suggest.ts";
import { listReferences, resolveExpressions } from "../values/expression.ts";
import { type FileValues, reportExpression, tellOrigins } from "../values/file-values.ts";
import { portsOrNothing, possiblePorts, withDefaults } from "../values/input-ports.ts";

/** A kind's own object, so that it is compiled once. */
export const schemaOf = (kind: StepDescription): JsonSchema => kind.parameters as unknown as JsonSchema;

export interface ParameterSurroundings {
  readonly findings: Findings;
  readonly values: FileValues;
  /** Absolute: where relative paths start. */
  readonly folder: string;
}

export interface CheckedParameters {
  /** As written, with defaults; a wrong one is left out, so that the rest of the step can be checked all the same. */
  readonly parameters: PlainMap;
  readonly given: PlainMap;
  readonly overrides: PlainMap;
  /** Absent when they cannot be told. */
  readonly ports?: Ports;
  /** An input that `with` redirects is wrong: whether the step has all its inputs cannot be told. */
  readonly uncertain: boolean;
}

/** Checks the parameters as far as they are the same for all rows, then the inputs that `with` redirects. */
export async function checkParameters(
  kind: StepDescription,
  written: PlainMap,
  { around, path: stepPath }: { around: ParameterSurroundings; path: Path },
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
  reportShape(findings, shape.map(viaExpression(own, values)), { path });
  const wrong = new Set([...shape, ...resolution.problems].map(({ path: [name] }) => String(name)));
  const withoutWrong = (parameters: PlainMap) =>
    withDefaults(kind, Object.fromEntries(Object.entries(parameters).filter(([name]) => !wrong.has(name))));
  const ports = portsOrNothing(kind, withoutWrong(resolved));
  if (shape.length === 0) {
    const context = { folder: around.folder, resolved: withDefaults(kind, resolved) };
    reportMistakes(findings, kind.check?.(withDefaults(kind, own), context), { path });
  }
  const { overrides, fine } = checkOverrides(kind, others, { around, path, ports });
  return { parameters: withoutWrong(own), given: resolved, overrides, ports, uncertain: !fine };
}

/** What the kind itself says of its parameters. */
function reportMistakes(
  findings: Findings,
  mistakes: readonly ParameterMistake[] = [],
  { path }: { path: Path },
): void {
  for (const { path: inside, message, hint, severity, code = "wrong-parameters" } of mistakes) {
    const tell = severity === "warning" ? warn : report;
    tell(findings, { code, message, hint }, { path: [...path, ...inside] });
  }
}

/** Says which expression gave the wrong value, and who gave the expression its value. */
const viaExpression =
  (written: PlainMap, values: FileValues) =>
  (problem: ShapeProblem): ShapeProblem => {
    const text = problem.path.reduce<unknown>(
      (value, step) => (value as PlainMap | undefined)?.[step],
      written,
    );
    if (problem.part === "key" || typeof text !== "string" || listReferences(text).length === 0)
      return problem;
    return { ...problem, message: `${problem.message} (${text}${tellOrigins(text, values)})` };
  };

function checkOverrides(
  kind: StepDescription,
  overrides: PlainMap,
  { around, path, ports }: { around: ParameterSurroundings; path: Path; ports?: Ports },
): { readonly overrides: PlainMap; readonly fine: boolean } {
  const { findings, values } = around;
  const possible = possiblePorts(kind);
  const inputs = (ports?.inputs ?? possible.inputs).map(({ name }) => name);
  const known = [...Object.keys(kind.parameters.properties), ...inputs];
  const fine: [string, unknown][] = [];
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
    if (findings.diagnostics.length === before && problems.length === 0) fine.push([name, value]);
  }
  return { overrides: Object.fromEntries(fine), fine: fine.length === Object.keys(overrides).length };
}
