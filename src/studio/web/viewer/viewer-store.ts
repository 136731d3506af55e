import { createStore, type StoreApi } from "zustand/vanilla";
import type { Histogram } from "./contrast/histogram.ts";
import { type Axis, aspectOf, middleOf, type Plane, type Position, type View, within } from "./planes.ts";
import type { ShownVolume } from "./slice-source.ts";

/** `all`: three planes and the 3-D view; `planes`: three planes, XY large; or one plane alone. */
export type Layout = "all" | "planes" | Plane | "space";

/** Contrast in values of the volume: `low` black, `high` white, the other way round when inverted. */
export interface Contrast {
  readonly low: number;
  readonly high: number;
  readonly inverted: boolean;
}

export interface LabelLook {
  readonly shown: boolean;
  /** 0 to 1. */
  readonly opacity: number;
  readonly outlined: boolean;
  /** Classes that are not shown. */
  readonly hidden: ReadonlySet<number>;
}

export interface ViewerState {
  /** The cross-hair, voxels; whole numbers lie in the middle of a slice. */
  readonly position: Position;
  readonly view: View;
  /** (x, y, z) voxels of the tomogram; (1, 1, 1) before one is shown. */
  readonly shape: Position;
  readonly layout: Layout;
  readonly contrast: Contrast;
  /** Keep the contrast when another tomogram is shown. */
  readonly keepContrast: boolean;
  /** How many neighbouring slices are averaged; 1: none. */
  readonly averaged: number;
  readonly smooth: boolean;
  readonly crossHair: boolean;
  readonly scaleBar: boolean;
  readonly labels: LabelLook;
  /** 0 to 1, and the least score that is shown. */
  readonly scores: { readonly shown: boolean; readonly opacity: number; readonly least: number };
  readonly objects: { readonly shown: boolean; readonly hidden: ReadonlySet<number>; readonly fill: boolean };
  /** How the second tomogram is shown; `mix`: 0 the first alone, 1 the second alone. */
  readonly second: { readonly how: "beside" | "blended"; readonly mix: number; readonly contrast: Contrast };
  /** The pane that keys act on: the last one pointed at. */
  readonly active: Plane;
  /** What is in sight, by the volume's id; made anew by `A` and for each tomogram. */
  readonly histograms: ReadonlyMap<string, Histogram>;
  /** What is under the pointer; null when it is elsewhere. */
  readonly pointer: { readonly plane: Plane; readonly position: Position } | null;
  /** True until the panes were fitted to the volume. */
  readonly toFit: boolean;
  /** The view that the last fit gave. */
  readonly fitted: View | null;
}

export interface ViewerActions {
  /** Begins with a tomogram: the middle, everything in sight. */
  show(volume: Pick<ShownVolume, "shape" | "voxelSizeAngstrom" | "yUp" | "contrast">): void;
  /** Begins with a second tomogram, whose contrast is its own. */
  showSecond(volume: Pick<ShownVolume, "contrast">): void;
  /** Moves the cross-hair; `centre`: it comes to the middle of the panes. */
  moveTo(position: Position, how?: { centre?: boolean }): void;
  /** Moves the cross-hair along an axis by whole slices. */
  step(axis: Axis, slices: number): void;
  change(part: Partial<ViewerState> | ((state: ViewerState) => Partial<ViewerState>)): void;
  fit(): void;
}

export type ViewerStore = StoreApi<ViewerState & ViewerActions>;

/** The state of one viewer. Keep it outside of React (useState(() => createViewerStore())) and read it with `useStore`. */
export function createViewerStore(): ViewerStore {
  return createStore<ViewerState & ViewerActions>((set) => ({
    ...begin,
    show: ({ shape, voxelSizeAngstrom, yUp, contrast }) =>
      set((state) => ({
        contrast: state.keepContrast ? state.contrast : { ...contrast, inverted: state.contrast.inverted },
        histograms: new Map(),
        shape,
        position: roundedMiddle(shape),
        view: { centre: middleOf(shape), zoom: 1, aspect: aspectOf(voxelSizeAngstrom), yUp },
        toFit: true,
        pointer: null,
      })),
    showSecond: ({ contrast }) =>
      set(({ second }) => ({
        second: { ...second, contrast: { ...contrast, inverted: second.contrast.inverted } },
      })),
    moveTo: (position, { centre = false } = {}) =>
      set(({ shape, view }) => {
        const next = within(position, shape);
        return { position: next, view: centre ? { ...view, centre: next } : view };
      }),
    step: (axis, slices) =>
      set(({ position, shape }) => {
        const next: [number, number, number] = [...position];
        next[axis] = Math.round(next[axis]) + slices;
        return { position: within(next, shape) };
      }),
    change: (part) => set(part),
    fit: () => set(({ shape, view }) => ({ toFit: true, view: { ...view, centre: middleOf(shape) } })),
  }));
}

const roundedMiddle = (shape: Position): Position => {
  const [x, y, z] = middleOf(shape);
  return [Math.floor(x), Math.floor(y), Math.floor(z)];
};

const begin: ViewerState = {
  position: [0, 0, 0],
  view: { centre: [0, 0, 0], zoom: 1, aspect: [1, 1, 1], yUp: false },
  shape: [1, 1, 1],
  layout: "all",
  contrast: { low: 0, high: 1, inverted: false },
  keepContrast: false,
  averaged: 1,
  smooth: true,
  crossHair: true,
  scaleBar: true,
  labels: { shown: true, opacity: 0.4, outlined: false, hidden: new Set() },
  scores: { shown: true, opacity: 0.6, least: 0.5 },
  objects: { shown: true, hidden: new Set(), fill: false },
  second: { how: "beside", mix: 0.5, contrast: { low: 0, high: 1, inverted: false } },
  active: "xy",
  histograms: new Map(),
  pointer: null,
  toFit: true,
  fitted: null,
};
