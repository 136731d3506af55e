/** One key for each decision; what is decided makes room for the next. */

import type { ListedObject, Mark, Operation } from "../../protocol/lists.ts";
import { historyKeys } from "../annotate/annotate-keys.ts";
import type { ListStore } from "../lists/list-store.ts";
import type { KeyGroup } from "../shell/keys.ts";
import type { ShownClass } from "../viewer/viewer-props.ts";
import { nextUndecided } from "./review-order.ts";

export interface ReviewTargets {
  readonly store: ListStore;
  ranked(): readonly ListedObject[];
  classes(): readonly ShownClass[];
  /** Goes to an object: chosen, and in the middle of the picture. */
  goTo(object: ListedObject): void;
}

/** Decides about the chosen objects; after a decision about one, the next undecided is chosen. */
export function decide({ store, ranked, goTo }: ReviewTargets, mark: Mark | null, label?: number): void {
  const { selected, edit } = store.getState();
  const ids = [...selected];
  if (ids.length === 0) {
    const first = nextUndecided(ranked(), null);
    if (first) goTo(first);
    return;
  }
  const marking = { type: "mark", ids, mark } as const;
  const operation: Operation =
    label === undefined
      ? marking
      : { type: "batch", operations: [{ type: "setClass", ids, label }, marking] };
  edit(operation);
  if (ids.length > 1 || mark === null) return;
  const next = nextUndecided(ranked(), ids[0]!);
  if (next) goTo(next);
}

export function step({ store, ranked, goTo }: ReviewTargets, by: 1 | -1): void {
  const list = ranked();
  if (list.length === 0) return;
  const { selected } = store.getState();
  const at = list.findIndex(({ id }) => selected.has(id));
  goTo(at < 0 ? list[0]! : list[(at + by + list.length) % list.length]!);
}

export function reviewKeys(targets: ReviewTargets): KeyGroup {
  return {
    title: "Review",
    bindings: [
      { keys: ["a"], does: "Accept, and go on", whileHeld: false, run: () => decide(targets, "accepted") },
      { keys: ["r"], does: "Reject, and go on", whileHeld: false, run: () => decide(targets, "rejected") },
      { keys: ["u"], does: "Undecided again", run: () => decide(targets, null) },
      {
        keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
        does: "Accept as this class, and go on",
        whileHeld: false,
        run: ({ key }) => {
          const one = targets.classes()[Number(key) - 1];
          if (one) decide(targets, "accepted", one.label);
        },
      },
      { keys: ["n", "]"], does: "Next in the ranking", run: () => step(targets, 1) },
      { keys: ["p", "["], does: "The one before in the ranking", run: () => step(targets, -1) },
      ...historyKeys(targets.store),
    ],
  };
}
