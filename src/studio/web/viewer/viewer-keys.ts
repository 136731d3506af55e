import type { KeyGroup } from "../shell/keys.ts";
import { mostAveraged } from "./gl/slice-shaders.ts";
import type { PaneRect } from "./panes.ts";
import { type Axis, type Plane, planeAxes, pointOf, zoomAt } from "./planes.ts";
import type { ShownObject } from "./viewer-props.ts";
import type { Layout, ViewerStore } from "./viewer-store.ts";

const layouts: readonly Layout[] = ["all", "planes", "xy", "xz", "yz", "space"];

interface KeyTargets {
  readonly store: ViewerStore;
  panes(): readonly PaneRect[];
  autoContrast(): void;
  /** The object before (-1) or after (1) the chosen one. */
  neighbour(step: 1 | -1): ShownObject | null;
  onPick?(object: ShownObject): void;
}

/** The keys of the pictures: IMOD's where it has one, neuroglancer's for the rest. */
export function viewerKeys({ store, panes, autoContrast, neighbour, onPick }: KeyTargets): KeyGroup {
  const { getState, setState } = store;
  const stepBy = (slices: number) => () => getState().step(planeAxes[getState().active].through, slices);
  const stepTo = (end: "first" | "last") => () => {
    const axis = planeAxes[getState().active].through;
    getState().step(axis, end === "first" ? -getState().shape[axis] : getState().shape[axis]);
  };
  const along = (which: "across" | "down", steps: number) => () => {
    const { active, view, step } = getState();
    const axis: Axis = planeAxes[active][which];
    step(axis, which === "down" && axis === 1 && view.yUp ? -steps : steps);
  };
  const zoom = (factor: number) => () => {
    const { active, position } = getState();
    const pane = panes().find(({ what }) => what === active) ?? panes().find(({ what }) => what !== "space");
    if (!pane) return;
    const plane = pane.what as Plane;
    setState(({ view }) => ({
      view: zoomAt(view, factor, { plane, point: pointOf(position, plane, view, pane), size: pane }),
    }));
  };
  const thicker = (by: number) => () =>
    setState(({ averaged }) => ({ averaged: Math.min(mostAveraged, Math.max(1, averaged + by)) }));
  const jump = (step: 1 | -1) => () => {
    const object = neighbour(step);
    if (!object) return;
    getState().moveTo([object.x, object.y, object.z], { centre: true });
    onPick?.(object);
  };
  return {
    title: "Pictures",
    bindings: [
      { keys: ["PageUp", "ArrowUp"], does: "Next slice", run: stepBy(1) },
      { keys: ["PageDown", "ArrowDown"], does: "Slice before", run: stepBy(-1) },
      { keys: ["shift+PageUp", "shift+ArrowUp"], does: "Ten slices on", run: stepBy(10) },
      { keys: ["shift+PageDown", "shift+ArrowDown"], does: "Ten slices back", run: stepBy(-10) },
      { keys: ["Home"], does: "First slice", run: stepTo("first") },
      { keys: ["End"], does: "Last slice", run: stepTo("last") },
      { keys: ["ArrowLeft", "ctrl+ArrowLeft"], does: "Cross-hair to the left", run: along("across", -1) },
      { keys: ["ArrowRight", "ctrl+ArrowRight"], does: "Cross-hair to the right", run: along("across", 1) },
      { keys: ["ctrl+ArrowUp"], does: "Cross-hair up in the plane", run: along("down", -1) },
      { keys: ["ctrl+ArrowDown"], does: "Cross-hair down in the plane", run: along("down", 1) },
      { keys: ["-"], does: "Zoom out", run: zoom(1 / 1.25) },
      { keys: ["="], does: "Zoom in", run: zoom(1.25) },
      { keys: ["0"], does: "Everything in sight", run: () => getState().fit() },
      { keys: ["_"], does: "Average fewer slices", run: thicker(-2) },
      { keys: ["+"], does: "Average more slices", run: thicker(2) },
      { keys: ["A"], does: "Automatic contrast", run: autoContrast },
      {
        keys: ["i"],
        does: "Invert the contrast",
        run: () => setState(({ contrast }) => ({ contrast: { ...contrast, inverted: !contrast.inverted } })),
      },
      {
        keys: ["t"],
        does: "Objects on or off",
        run: () => setState(({ objects }) => ({ objects: { ...objects, shown: !objects.shown } })),
      },
      {
        keys: ["l"],
        does: "Label map on or off",
        run: () => setState(({ labels }) => ({ labels: { ...labels, shown: !labels.shown } })),
      },
      {
        keys: ["o"],
        does: "Labels filled or outlined",
        run: () => setState(({ labels }) => ({ labels: { ...labels, outlined: !labels.outlined } })),
      },
      {
        keys: ["c"],
        does: "Cross-hair on or off",
        run: () => setState(({ crossHair }) => ({ crossHair: !crossHair })),
      },
      { keys: ["["], does: "Object before", run: jump(-1) },
      { keys: ["]"], does: "Next object", run: jump(1) },
      {
        keys: ["Space"],
        does: "Next layout",
        whileHeld: false,
        run: () =>
          setState(({ layout }) => ({ layout: layouts[(layouts.indexOf(layout) + 1) % layouts.length]! })),
      },
      {
        keys: ["f"],
        does: "This plane alone, or all",
        run: () => setState(({ layout, active }) => ({ layout: layout === active ? "all" : active })),
      },
    ],
  };
}
