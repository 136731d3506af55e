/** Cuts that give a key another name, and say it wherever a step is named. */
import { type Node, visit } from "yaml";
import type { Cut } from "./cut.ts";
import { type EditPath, renameInExpressions } from "./operation.ts";
import { find, isScalar, nodeAt, type TextDocument } from "./text-document.ts";
import { writeKey } from "./write-value.ts";

export function renameCuts(source: TextDocument, path: EditPath, name: string): readonly Cut[] | undefined {
  const pair = find(source, path)?.pair;
  const range = (pair?.key as Node | undefined)?.range;
  return range ? [{ from: range[0], to: range[1], text: writeKey(name) }] : undefined;
}

/** `steps.old` becomes `steps.new`, and so do every `from: old` and `${old.output}` of the steps. */
export function renameStepCuts(
  source: TextDocument,
  { step, name }: { step: string; name: string },
): readonly Cut[] | undefined {
  const key = renameCuts(source, ["steps", step], name);
  const steps = nodeAt(source, ["steps"]);
  if (!key || !steps) return undefined;
  const cuts: Cut[] = [...key];
  visit(steps, {
    Scalar: (place, scalar, path) => {
      if (place === "key" || typeof scalar.value !== "string" || !scalar.range) return;
      const [from, to] = scalar.range;
      const written = source.text.slice(from, to);
      const told = renameInExpressions(written, step, name);
      if (told !== written) cuts.push({ from, to, text: told });
      else if (scalar.value === step && isFromOfStep(path)) cuts.push({ from, to, text: writeKey(name) });
    },
  });
  return cuts;
}

/** steps (map) > step (pair, map) > from (pair) */
function isFromOfStep(path: readonly unknown[]): boolean {
  const pair = path.at(-1) as { key?: unknown } | undefined;
  return path.length === 4 && isScalar(pair?.key) && pair.key.value === "from";
}
