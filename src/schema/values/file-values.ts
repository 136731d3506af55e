/** The values of a workflow file with shared parameters and environment variables put in. */
import { asMap, isMap, ownValue, type Path, type PlainMap } from "../text/data-path.ts";
import { type Findings, report } from "../text/findings.ts";
import { parseScalar } from "../text/scalar.ts";
import { closestName, didYouMeanOrList } from "../text/suggest.ts";
import {
  type ExpressionProblem,
  formatReference,
  listReferences,
  parseTemplate,
  type Reference,
  resolveExpressions,
} from "./expression.ts";

export interface FileValues {
  /** The file; `with` of the steps, `params`, `variants` and `x-…` as written, all else resolved. */
  readonly resolved: PlainMap;
  readonly params: PlainMap;
  /** Where params come from whose value does not stand under `params`: `--set epochs=few`, `variant quick`. */
  readonly origins: ReadonlyMap<string, string>;
  /** The environment variables that the file names. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Places without a value, already reported: nothing more is to be said of them. */
  readonly unresolved: readonly Path[];
}

export interface Overrides {
  /** `--set NAME=VALUE`, the values as typed. */
  readonly set?: Readonly<Record<string, string>>;
  /** `--variant NAME`. */
  readonly variant?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Resolves params first, then every place that may use them. */
export function resolveFileValues(findings: Findings, overrides: Overrides): FileValues {
  const file = asMap(findings.source.value);
  const environment = namedVariables(file, overrides.environment);
  const collected = collectParams(findings, file, overrides);
  const params = resolveParams(findings, collected, environment);
  const origins = new Map(
    [...collected].flatMap(([name, { origin }]) => (origin === undefined ? [] : [[name, origin]])),
  );
  const scope = { params, env: environment };
  const unresolved: Path[] = [];
  const resolveAt = (value: unknown, path: Path): unknown => {
    const { value: result, problems, pending } = resolveExpressions(value, scope);
    for (const problem of problems) reportExpression(findings, problem, { path, params });
    for (const place of pending) reportPending(findings, [...path, ...place]);
    unresolved.push(
      ...[...problems.map((problem) => problem.path), ...pending].map((place) => [...path, ...place]),
    );
    return result;
  };
  const entries = Object.entries(file).map(([key, value]) => {
    if (key === "params" || key === "variants" || key.startsWith("x-")) return [key, value];
    if (key === "steps" && isMap(value)) return [key, resolveSteps(value, resolveAt)];
    return [key, resolveAt(value, [key])];
  });
  return { resolved: Object.fromEntries(entries), params, origins, environment, unresolved };
}

/** Notes an expression that leads to nothing, with what there is instead. */
export function reportExpression(
  findings: Findings,
  problem: ExpressionProblem,
  { path, params }: { path: Path; params: PlainMap },
): void {
  const { reference } = problem;
  if (reference?.scope === "params" && isKnownToFail(reference.name, params)) return;
  const spot = { path: [...path, ...problem.path], text: reference && formatReference(reference) };
  report(findings, { ...problem, hint: problem.hint ?? adviceFor(problem, params) }, spot);
}

/** A param that is there without a value has been reported where it is given. */
const isKnownToFail = (name: string, params: PlainMap): boolean => {
  const head = Object.hasOwn(params, name) ? name : name.split(".")[0];
  return Object.hasOwn(params, head) && params[head] === undefined;
};

function adviceFor({ reference, message }: ExpressionProblem, params: PlainMap): string | undefined {
  if (reference?.scope === "env") return `set it before the run: ${reference.name}=… tomoflow run`;
  if (reference?.scope !== "params") return undefined;
  if (message.endsWith("is empty")) return `give it a value in params, or with --set ${reference.name}=…`;
  return didYouMeanOrList(reference.name, Object.keys(params), "the params are");
}

function resolveSteps(steps: PlainMap, resolveAt: (value: unknown, path: Path) => unknown): PlainMap {
  return Object.fromEntries(
    Object.entries(steps).map(([id, step]) => {
      if (!isMap(step)) return [id, step];
      const fields = Object.entries(step).map(([key, value]) => [
        key,
        key === "with" ? value : resolveAt(value, ["steps", id, key]),
      ]);
      return [id, Object.fromEntries(fields)];
    }),
  );
}

function reportPending(findings: Findings, path: Path): void {
  const text = path.reduce<unknown>((value, step) => (value as PlainMap)?.[step], findings.source.value);
  const references = parseTemplate(String(text)).parts.filter((part) => typeof part !== "string");
  const reference = references.find(({ scope }) => scope === "row" || scope === "step") as Reference;
  const written = reference ? formatReference(reference) : String(text);
  const wrongScope = reference?.scope === "step" && closestName(reference.step, ["params", "env"]);
  const hint = wrongScope
    ? `did you mean ${wrongScope}?`
    : "here are only params and env; rows and steps are known in with";
  report(
    findings,
    { code: "unresolved-expression", message: `${written} has no value here`, hint },
    { path, text: written },
  );
}

/** The params with the values of the variant and of `--set`, expressions not resolved yet. */
function collectParams(findings: Findings, file: PlainMap, overrides: Overrides): Map<string, ParamValue> {
  const params = new Map<string, ParamValue>(
    Object.entries(asMap(file.params)).map(([name, value]) => [name, { value, path: ["params", name] }]),
  );
  const { variant } = overrides;
  const variants = asMap(file.variants);
  for (const [id, values] of Object.entries(variants))
    for (const [name, value] of Object.entries(asMap(values))) {
      if (!params.has(name))
        reportUnknownParam(findings, name, { known: params.keys(), path: ["variants", id, name] });
      else if (id === variant)
        params.set(name, { value, path: ["variants", id, name], origin: `variant ${id}` });
    }
  if (variant !== undefined && !Object.hasOwn(variants, variant)) {
    const names = Object.keys(variants);
    const hint =
      names.length === 0
        ? "this workflow has no `variants`"
        : didYouMeanOrList(variant, names, "the variants are");
    const mistake = { code: "unknown-variant", message: `there is no variant ${variant}`, hint };
    findings.diagnostics.push({ ...mistake, severity: "error" });
  }
  for (const [name, text] of Object.entries(overrides.set ?? {})) {
    if (!params.has(name)) reportUnknownParam(findings, name, { known: params.keys() });
    else
      params.set(name, {
        value: parseScalar(text),
        path: ["params", name],
        origin: `--set ${name}=${text}`,
      });
  }
  return params;
}

interface ParamValue {
  readonly value: unknown;
  readonly path: Path;
  /** As in `FileValues.origins`. */
  readonly origin?: string;
}

function reportUnknownParam(
  findings: Findings,
  name: string,
  { known, path }: { known: Iterable<string>; path?: Path },
): void {
  const names = [...known];
  const hint = didYouMeanOrList(name, names, "the params are");
  if (path)
    report(
      findings,
      { code: "unknown-param", message: `there is no param ${name}`, hint },
      { path, part: "key" },
    );
  else {
    const message = `--set ${name}: there is no param ${name} in this workflow`;
    findings.diagnostics.push({ code: "unknown-param", severity: "error", message, hint });
  }
}

/** Params may use each other; a circle is an error, told once. */
function resolveParams(
  findings: Findings,
  params: ReadonlyMap<string, ParamValue>,
  environment: FileValues["environment"],
): PlainMap {
  const done: Record<string, unknown> = {};
  const allNames = Object.fromEntries([...params.keys()].map((name) => [name, undefined]));
  const inCircle = new Set<string>();
  const visit = (name: string, way: readonly string[]): void => {
    const param = params.get(name);
    if (!param || Object.hasOwn(done, name) || inCircle.has(name)) return;
    if (way.includes(name)) {
      const circle = [...way.slice(way.indexOf(name)), name];
      for (const member of circle) inCircle.add(member);
      const message = `params use each other in a circle: ${circle.join(" → ")}`;
      report(
        findings,
        { code: "params-cycle", message, hint: "give one of them a plain value" },
        { path: param.path },
      );
      return;
    }
    for (const { reference } of listReferences(param.value))
      if (reference.scope === "params") visit(headOf(reference.name, params), [...way, name]);
    if (inCircle.has(name)) {
      done[name] = undefined;
      return;
    }
    const { value, problems, pending } = resolveExpressions(param.value, { params: done, env: environment });
    for (const problem of problems)
      reportExpression(findings, problem, { path: param.path, params: { ...allNames, ...done } });
    for (const place of pending) reportPending(findings, [...param.path, ...place]);
    done[name] = value;
  };
  for (const name of params.keys()) visit(name, []);
  return done;
}

/** `, from --set epochs=few` for a text that uses such a param; empty where all values stand under `params`. */
export function tellOrigins(
  text: string,
  { params, origins }: Pick<FileValues, "params" | "origins">,
): string {
  const names = listReferences(text).flatMap(({ reference }) =>
    reference.scope === "params"
      ? [Object.hasOwn(params, reference.name) ? reference.name : reference.name.split(".")[0]]
      : [],
  );
  const from = [...new Set(names)].flatMap((name) => origins.get(name) ?? []);
  return from.length > 0 ? `, from ${from.join(" and ")}` : "";
}

const headOf = (name: string, params: ReadonlyMap<string, unknown>): string =>
  params.has(name) ? name : name.split(".")[0];

function namedVariables(
  file: PlainMap,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  const names = listReferences(file).flatMap(({ reference }) =>
    reference.scope === "env" ? [reference.name] : [],
  );
  return Object.fromEntries(names.map((name) => [name, ownValue(environment, name)]));
}
