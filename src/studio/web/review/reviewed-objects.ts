/** Detections as the viewer draws them: the wrong ones red, what is left out faint, what was missed as white rings. */
import type { Comparison } from "../../protocol/list-tools.ts";
import type { ListedObject } from "../../protocol/lists.ts";
import type { ShownObject } from "../viewer/viewer-props.ts";
import { isKept, type Thresholds } from "./review-order.ts";

interface Reviewed {
  readonly least: Thresholds;
  readonly by: "score" | "size";
  readonly comparison: Comparison | null;
}

export function reviewedObjects(
  ranked: readonly ListedObject[],
  { least, by, comparison }: Reviewed,
): readonly ShownObject[] {
  const wrong = new Set(comparison?.spurious.map(({ id }) => id));
  const found = ranked.map((object): ShownObject => {
    const { id, x, y, z, label } = object;
    const faint = !isKept(object, { least, by });
    return { id, x, y, z, label, faint, ...(wrong.has(id) && { color: "#ff4d4d" }) };
  });
  const missed = (comparison?.missed ?? []).map((index): ShownObject => {
    const { x, y, z, label } = comparison!.truth[index]!;
    return { id: `missed ${index}`, x, y, z, label, color: "#ffffff" };
  });
  return [...found, ...missed];
}
