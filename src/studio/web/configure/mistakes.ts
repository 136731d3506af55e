/** Which mistakes belong to which part of the workflow. Pure. */
import type { PlacedMistake } from "../../protocol/forms.ts";
import type { EditPath } from "../../protocol/workflow-text/operation.ts";

/** What is said beside a field. */
export interface FieldMistakes {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** Those at `path` or inside it. */
export const mistakesAt = (mistakes: readonly PlacedMistake[], path: EditPath): readonly PlacedMistake[] =>
  mistakes.filter((mistake) => mistake.path !== undefined && startsWith(mistake.path, path));

/** Those at just this place, which none of the parts inside it shows. */
export const mistakesJustAt = (
  mistakes: readonly PlacedMistake[],
  path: EditPath,
): readonly PlacedMistake[] =>
  mistakesAt(mistakes, path).filter((mistake) => mistake.path!.length === path.length);

/** Mistakes of no part: without a place, in another file, or at the top of this one. */
export const mistakesElsewhere = (mistakes: readonly PlacedMistake[]): readonly PlacedMistake[] =>
  mistakes.filter(({ path }) => path === undefined || path.length === 0);

/** Mistakes in files that the workflow names, such as object lists. */
export const mistakesInFiles = (mistakes: readonly PlacedMistake[]): readonly PlacedMistake[] =>
  mistakes.filter(({ file, path }) => file !== undefined && path === undefined);

export const hasErrors = (mistakes: readonly PlacedMistake[]): boolean =>
  mistakes.some(({ severity }) => severity === "error");

const startsWith = (path: EditPath, start: EditPath): boolean =>
  start.every((step, index) => String(path[index]) === String(step));

/** What is shown beside a field: message and hint as `validate` words them. */
export const wordsOf = ({ message, hint }: Pick<PlacedMistake, "message" | "hint">): string =>
  hint === undefined ? message : `${message} (${hint})`;
