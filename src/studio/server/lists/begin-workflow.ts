/** A new workflow for a tomogram whose objects were marked: a template with that row in place of its examples, and the classes made so far. */
import { basename, dirname, extname, relative, sep } from "node:path";
import type { ListClass } from "../../protocol/list-tools.ts";
import { editText } from "../../protocol/workflow-text/edit-text.ts";
import type { Operation } from "../../protocol/workflow-text/operation.ts";
import { dataOf, parseText } from "../../protocol/workflow-text/text-document.ts";
import { Mistakes } from "../mistakes.ts";

export interface FirstRow {
  /** Absolute. */
  readonly tomogram: string;
  readonly list: string;
  readonly split: "train" | "valid";
}

/**
 * @param workflow absolute path that the text gets
 * @param classes those made in the studio; none: the template's stay
 * @throws Mistakes where the template cannot be edited so
 */
export function beginWith(
  text: string,
  { workflow, row, classes }: { workflow: string; row: FirstRow; classes: readonly ListClass[] },
): string {
  const written = (path: string): string => relative(dirname(workflow), path).split(sep).join("/");
  const { tomogram, list, split } = row;
  const id = basename(tomogram, extname(tomogram)).replace(/[^A-Za-z0-9._-]+/g, "-") || "t0";
  const first = { id, tomogram: written(tomogram), objects: written(list), split };
  const { tomograms } = dataOf(parseText(text)) as { tomograms?: unknown };
  const examples = Array.isArray(tomograms) ? tomograms.length : 0;
  const operations: Operation[] =
    examples === 0
      ? [{ type: "set", path: ["tomograms"], value: [first] }]
      : [
          { type: "insert", path: ["tomograms"], index: 0, value: first },
          // from the last on, so that places stay
          ...Array.from(
            { length: examples },
            (_, index): Operation => ({ type: "remove", path: ["tomograms", examples - index] }),
          ),
        ];
  if (classes.length > 0)
    operations.push({
      type: "set",
      path: ["classes"],
      value: Object.fromEntries(classes.map(({ label, ...fields }) => [String(label), fields])),
    });
  const edited = editText(text, operations);
  if (!edited.ok) throw new Mistakes(edited.diagnostics);
  return edited.value;
}
