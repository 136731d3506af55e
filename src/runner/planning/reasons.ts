/** Why a task is not fresh, in words: the recipe and inputs of now against those of the lock. */
import { canonicalJson } from "../../core/hash.ts";
import { ownValue } from "../../schema/text/data-path.ts";
import { taskIdOf } from "../../schema/values/bindings.ts";
import { isMaskedAnew } from "../../schema/values/environment-mask.ts";
import type { Reason, ReasonCode } from "../events.ts";
import type { LockedTask } from "../lock/lock.ts";
import { type Content, sameContent } from "../store/content.ts";
import { type Layout, toProjectPath } from "../store/layout.ts";
import type { Task } from "../tasks/graph.ts";
import { type InputFile, rowOfRole } from "../tasks/inputs.ts";
import type { TaskRecipe } from "../tasks/key.ts";

export interface Comparison {
  readonly task: Task;
  readonly recipe: TaskRecipe;
  readonly inputs: readonly InputFile[];
  /** By role; a role that is absent is not known yet, or its file is missing. */
  readonly contents: ReadonlyMap<string, Content>;
  readonly layout: Layout;
}

/** Every difference to what the lock holds; empty when there is none. */
export function explainChanges(now: Comparison, locked: LockedTask): readonly Reason[] {
  return [
    ...versionReasons(now, locked),
    ...parameterReasons(now, locked),
    ...classReasons(now.recipe, locked),
    ...rowReasons(now.recipe, locked),
    ...inputReasons(now, locked),
  ];
}

/** `3f2a…` */
export const shortHash = (sha256: string): string => `${sha256.slice(0, 4)}…`;

function versionReasons({ task, recipe }: Comparison, locked: LockedTask): Reason[] {
  const { id } = task.step;
  if (recipe.kind !== locked.kind)
    return [{ code: "version", text: `${id} uses ${locked.kind} → ${recipe.kind}` }];
  if (recipe.version !== locked.version)
    return [{ code: "version", text: `${recipe.kind} is new version ${recipe.version}` }];
  return [];
}

const parameterReasons = ({ task, recipe }: Comparison, locked: LockedTask): Reason[] =>
  differences(locked.parameters, recipe.parameters).map(({ name, from, to }) => ({
    code: "parameter",
    // the lock of an earlier version may hold the value of an environment variable itself
    text: `${task.step.id}.${name} ${isMaskedAnew(from, to) ? "another value" : show(from)} → ${show(to)}`,
  }));

const classReasons = (recipe: TaskRecipe, locked: LockedTask): Reason[] =>
  tableReasons(locked.classes, recipe.classes, {
    code: "class",
    member: (label) => `class ${label}`,
    gap: " ",
  });

const rowReasons = (recipe: TaskRecipe, locked: LockedTask): Reason[] =>
  tableReasons(locked.rows, recipe.rows, { code: "row", member: (id) => `row ${id}`, gap: "." });

/** `new row t7`, `row t3 is gone`, `row t0.split train → valid`. */
function tableReasons(
  before: Readonly<Record<string, Values>>,
  after: Readonly<Record<string, Values>>,
  { code, member, gap }: { code: ReasonCode; member: (name: string) => string; gap: string },
): Reason[] {
  return differences(before, after).flatMap(({ name, from, to }) => {
    if (from === undefined) return [{ code, text: `new ${member(name)}` }];
    if (to === undefined) return [{ code, text: `${member(name)} is gone` }];
    return differences(from as Values, to as Values).map((change) => ({
      code,
      text: `${member(name)}${gap}${change.name} ${show(change.from)} → ${show(change.to)}`,
    }));
  });
}

function inputReasons({ inputs, contents, layout, recipe }: Comparison, locked: LockedTask): Reason[] {
  const isOutside = (role: string, rows: Readonly<Record<string, Values>>) => {
    const row = rowOfRole(role);
    return row !== undefined && !Object.hasOwn(rows, row);
  };
  const changed = inputs.flatMap((input): Reason[] => {
    const before = ownValue(locked.inputs, input.role);
    const content = contents.get(input.role);
    const name = `${inputName(input, layout)}${content?.part === undefined ? "" : ` (${content.part})`}`;
    if (content === undefined || sameContent(content, before) || isOutside(input.role, locked.rows))
      return [];
    if (before === undefined) return [{ code: "input", text: `new input ${name}` }];
    const hashes = `${shortHash(before.sha256)} → ${shortHash(content.sha256)}`;
    if (before.path !== toProjectPath(layout, input.path))
      return [{ code: "input", text: `${input.role} ${before.path} → ${name} (${hashes})` }];
    return [{ code: "input", text: `${name} changed ${hashes}` }];
  });
  const roles = new Set(inputs.map(({ role }) => role));
  const gone = Object.entries(locked.inputs)
    .filter(([role]) => !roles.has(role) && !isOutside(role, recipe.rows))
    .map(([role, { path }]): Reason => ({ code: "input", text: `${role} ${path} is no longer an input` }));
  return [...changed, ...gone];
}

/** `data/t0.xml`, or `target@t0.target` for what an earlier task makes. */
export const inputName = ({ source, path }: InputFile, layout: Layout): string =>
  source.type === "output"
    ? `${taskIdOf(source.step, source.row)}.${source.output}`
    : toProjectPath(layout, path);

type Values = Readonly<Record<string, unknown>>;

function differences(before: Values, after: Values): { name: string; from: unknown; to: unknown }[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .map((name) => ({ name, from: ownValue(before, name), to: ownValue(after, name) }))
    .filter(({ from, to }) => canonicalJson({ value: from }) !== canonicalJson({ value: to }));
}

function show(value: unknown): string {
  if (value === undefined) return "unset";
  if (typeof value === "string") return value;
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
