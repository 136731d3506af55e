/**
 * Expressions in a workflow file: look-ups, no code.
 *
 *     ${params.NAME}   a shared value (`params:`; `a.b` looks into a map)
 *     ${row.COLUMN}    the row's column (`id` is the row's id)
 *     ${STEP.OUTPUT}   a file that an earlier step writes
 *     ${env.NAME}      an environment variable
 *
 * A string that is one expression keeps the type of its value; inside a longer string the value becomes text.
 * `$${` stands for a literal `${`. A value that was looked up is never read as an expression again.
 */

import { isMap, ownValue, type Path } from "../text/data-path.ts";

export type Reference =
  | { readonly scope: "params"; readonly name: string }
  | { readonly scope: "env"; readonly name: string }
  | { readonly scope: "row"; readonly column: string }
  | { readonly scope: "step"; readonly step: string; readonly output: string };

/** A string taken apart: literal texts and references in turn. */
export interface Template {
  readonly parts: readonly (string | Reference)[];
  /** Set when the whole string is one expression. */
  readonly whole?: Reference;
  /** Texts between `${` and `}` that are no expression. */
  readonly malformed: readonly string[];
}

/** What an expression may look up. A scope that is left out stays unresolved, and its strings as written. */
export interface Scope {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly row?: Readonly<Record<string, unknown>>;
  /** The file of a step's output; undefined when there is none. */
  readonly step?: (step: string, output: string) => unknown;
}

/** An expression without a value. */
export interface ExpressionProblem {
  /** Where the string is, within the value that was resolved. */
  readonly path: Path;
  readonly code: "bad-expression" | "unresolved-expression";
  readonly message: string;
  readonly reference?: Reference;
  readonly hint?: string;
}

export interface Resolution {
  readonly value: unknown;
  readonly problems: readonly ExpressionProblem[];
  /** Strings left as written, because a scope they need was not given. */
  readonly pending: readonly Path[];
}

/** Resolves every expression in `value`, at any depth; keys of maps are left alone. */
export function resolveExpressions(value: unknown, scope: Scope): Resolution {
  const problems: ExpressionProblem[] = [];
  const pending: Path[] = [];
  const resolved = mapStrings(value, [], (text, path) => {
    const template = parseTemplate(text);
    if (template.parts.some((part) => typeof part !== "string" && !inScope(part, scope))) {
      pending.push(path);
      problems.push(...malformedProblems(template, path));
      return text;
    }
    return resolveTemplate(template, scope, path, problems);
  });
  return { value: resolved, problems, pending };
}

/** Every reference in `value`, at any depth, with the place of its string. */
export function listReferences(value: unknown): { readonly path: Path; readonly reference: Reference }[] {
  const found: { path: Path; reference: Reference }[] = [];
  mapStrings(value, [], (text, path) => {
    for (const part of parseTemplate(text).parts)
      if (typeof part !== "string") found.push({ path, reference: part });
    return text;
  });
  return found;
}

/** Takes a string apart. Never throws: what is no expression is listed in `malformed` and kept as text. */
export function parseTemplate(text: string): Template {
  if (!text.includes("${")) return { parts: [text], malformed: [] };
  const parts: (string | Reference)[] = [];
  const malformed: string[] = [];
  let literal = "";
  let at = 0;
  for (const match of text.matchAll(/\$\$\{|\$\{([^{}]*)(\}?)/g)) {
    literal += text.slice(at, match.index);
    at = match.index + match[0].length;
    const reference = match[2] ? parseReference(match[1]) : undefined;
    if (match[0] === "$${") literal += "${";
    else if (reference) {
      if (literal) parts.push(literal);
      parts.push(reference);
      literal = "";
    } else {
      malformed.push(match[0]);
      literal += match[0];
    }
  }
  literal += text.slice(at);
  if (literal) parts.push(literal);
  const whole = parts.length === 1 && typeof parts[0] !== "string" ? parts[0] : undefined;
  return { parts, whole, malformed };
}

/** True when the text holds at least one expression. */
export const hasExpression = (text: string): boolean =>
  parseTemplate(text).parts.some((part) => typeof part !== "string");

/** A reference as it is written. */
export function formatReference(reference: Reference): string {
  switch (reference.scope) {
    case "row":
      return `\${row.${reference.column}}`;
    case "step":
      return `\${${reference.step}.${reference.output}}`;
    default:
      return `\${${reference.scope}.${reference.name}}`;
  }
}

/** Looks `a.b` up in nested maps; a name with a dot of its own comes first. */
export function lookUp(values: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(values, name)) return values[name];
  const dot = name.indexOf(".");
  const head = name.slice(0, dot);
  const inner = dot > 0 && Object.hasOwn(values, head) ? values[head] : undefined;
  return isMap(inner) ? lookUp(inner, name.slice(dot + 1)) : undefined;
}

function parseReference(inside: string): Reference | undefined {
  const match = /^\s*([A-Za-z0-9_-]+)\s*\.\s*(\S(?:.*\S)?)\s*$/s.exec(inside);
  if (!match) return undefined;
  const [, head, tail] = match;
  if (head === "params" || head === "env") return { scope: head, name: tail };
  if (head === "row") return { scope: "row", column: tail };
  return { scope: "step", step: head, output: tail };
}

function inScope(reference: Reference, scope: Scope): boolean {
  return scope[reference.scope] !== undefined;
}

function resolveTemplate(
  template: Template,
  scope: Scope,
  path: Path,
  problems: ExpressionProblem[],
): unknown {
  problems.push(...malformedProblems(template, path));
  if (template.whole) return valueBehind(template.whole, scope, path, problems);
  const texts = template.parts.map((part) => {
    if (typeof part === "string") return part;
    const value = valueBehind(part, scope, path, problems);
    if (value === undefined) return formatReference(part);
    if (typeof value !== "object" || value === null) return String(value);
    const message = `${formatReference(part)} is a list or a map and cannot stand inside a text`;
    problems.push({ path, code: "unresolved-expression", message, reference: part });
    return formatReference(part);
  });
  return texts.join("");
}

/** The value looked up; undefined, with a problem noted, when there is none. */
function valueBehind(reference: Reference, scope: Scope, path: Path, problems: ExpressionProblem[]): unknown {
  const value = lookUpReference(reference, scope);
  if (value !== undefined && value !== null && value !== "") return value;
  const what = value === undefined ? "has no value" : "is empty";
  const message = `${formatReference(reference)} ${what}`;
  problems.push({ path, code: "unresolved-expression", message, reference });
  return undefined;
}

function lookUpReference(reference: Reference, scope: Scope): unknown {
  switch (reference.scope) {
    case "params":
      return lookUp(scope.params ?? {}, reference.name);
    case "env":
      return ownValue(scope.env, reference.name);
    case "row":
      return ownValue(scope.row, reference.column);
    case "step":
      return scope.step?.(reference.step, reference.output);
  }
}

const malformedProblems = (template: Template, path: Path): ExpressionProblem[] =>
  template.malformed.map((text) => ({
    path,
    code: "bad-expression",
    message: `${text} is not an expression`,
    hint: `write \${params.NAME}, \${row.COLUMN}, \${STEP.OUTPUT} or \${env.NAME}; a literal \${ is written $\${`,
  }));

function mapStrings(value: unknown, path: Path, change: (text: string, path: Path) => unknown): unknown {
  if (typeof value === "string") return change(value, path);
  if (Array.isArray(value)) return value.map((item, index) => mapStrings(item, [...path, index], change));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapStrings(item, [...path, key], change)]),
  );
}
