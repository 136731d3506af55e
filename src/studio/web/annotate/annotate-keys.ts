/** The annotator's keys; those that remove something act only where the objects are looked at, never beside. */
import type { Point } from "../../protocol/lists.ts";
import { toast } from "../components/toast.tsx";
import type { ListStore } from "../lists/list-store.ts";
import { countObjects } from "../lists/list-sync.ts";
import type { KeyGroup } from "../shell/keys.ts";
import type { ShownClass } from "../viewer/viewer-props.ts";
import type { ViewerStore } from "../viewer/viewer-store.ts";

export interface AnnotateKeyTargets {
  readonly store: ListStore;
  readonly view: ViewerStore;
  add(place: Point): void;
  label(): number;
  classes(): readonly ShownClass[];
  choose(label: number): void;
  snap(to: "minimum" | "maximum"): void;
}

export function annotateKeys({
  store,
  view,
  add,
  label,
  classes,
  choose,
  snap,
}: AnnotateKeyTargets): KeyGroup {
  return {
    title: "Annotate",
    bindings: [
      {
        keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
        does: "Take this class for what is added next",
        run: ({ key }) => {
          const one = classes()[Number(key) - 1];
          if (one) choose(one.label);
        },
      },
      {
        keys: ["Enter"],
        does: "Add an object at the cross-hair",
        whileHeld: false,
        run: () => {
          const [x, y, z] = view.getState().position;
          add({ x, y, z });
        },
      },
      {
        keys: ["k"],
        does: "Give the chosen objects the class at hand",
        run: () => {
          const { selected, edit } = store.getState();
          if (selected.size > 0) edit({ type: "setClass", ids: [...selected], label: label() });
        },
      },
      { keys: ["s"], does: "Snap the chosen objects to the darkest spot", run: () => snap("minimum") },
      { keys: ["S"], does: "Snap the chosen objects to the brightest spot", run: () => snap("maximum") },
      {
        keys: ["Delete"],
        does: "Remove the chosen objects (focus on picture or table)",
        whileHeld: false,
        run: () => removeChosen(store),
      },
      ...historyKeys(store),
    ],
  };
}

/** Undo, redo, save, choose all or none: as everywhere. */
export function historyKeys(store: ListStore): KeyGroup["bindings"] {
  return [
    { keys: ["ctrl+z"], does: "Undo", run: () => store.getState().undo() },
    { keys: ["ctrl+shift+z", "ctrl+y"], does: "Redo", run: () => store.getState().redo() },
    {
      keys: ["ctrl+s"],
      does: "Save now (it is saved within a second anyway)",
      run: () => store.getState().saveNow(),
    },
    {
      keys: ["ctrl+a"],
      does: "Choose all objects",
      run: () => store.getState().select(store.getState().byId.keys()),
    },
    { keys: ["Escape"], does: "Choose none", run: () => store.getState().select([]) },
  ];
}

/** Only where the focus is on a picture or the table: a key pressed elsewhere removes nothing. */
export function removeChosen(store: ListStore, { anywhere = false } = {}): void {
  const { selected, remove, save } = store.getState();
  const isAtObjects = document.activeElement?.closest("[data-plane], [data-part=objects]") != null;
  if (selected.size === 0 || (!anywhere && !isAtObjects) || save.state === "read-only") return;
  const bringBack = remove([...selected]);
  toast({
    kind: "plain",
    message: `Removed ${countObjects(selected.size)}`,
    action: { label: "Undo", run: bringBack },
  });
}
