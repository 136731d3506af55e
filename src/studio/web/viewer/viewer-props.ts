import type { ReactNode } from "react";
import type { Plane, Position } from "./planes.ts";
import type { ShownVolume, SliceSource } from "./slice-source.ts";
import type { ViewerStore } from "./viewer-store.ts";

/** How a class looks, in the label map and as objects. */
export interface ShownClass {
  readonly label: number;
  readonly name: string;
  /** `#rrggbb` */
  readonly color: string;
  /** Voxels. */
  readonly radius: number;
}

/** An object over the slices. */
export interface ShownObject {
  /** Tells it from the others for as long as it is shown. */
  readonly id: string | number;
  /** Voxels. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly label: number;
  /** Another colour than its class's, e.g. for a false positive. */
  readonly color?: string;
  /** Another radius than its class's, voxels. */
  readonly radius?: number;
  /** Drawn with a dashed ring: doubtful, rejected. */
  readonly faint?: boolean;
}

/** What a tool hears of the pointer in a pane. */
export interface PanePointer {
  readonly kind: "down" | "move" | "up" | "double" | "cancel";
  readonly plane: Plane;
  /** Under the pointer, in the slice shown. */
  readonly position: Position;
  /** The object drawn under the pointer, the nearest to the slice first; null: none. */
  readonly object: ShownObject | null;
  /** Voxels for one CSS pixel: how exact the pointer is. */
  readonly voxelsPerPixel: number;
  /** Whether a button is held (`move` only while it is, when the tool took `down`). */
  readonly event: PointerEvent | MouseEvent;
}

/** A tool of another screen, at work in the panes. */
export interface ViewerTool {
  readonly name: string;
  /** For the status line: `[["double click", "add"], ["drag", "move"]]`. */
  readonly hints: readonly (readonly [keys: string, does: string])[];
  /** CSS cursor over the panes. */
  readonly cursor?: string;
  /** True: the tool has it (and hears every move until `up`); false: the viewer moves the cross-hair as always. */
  onPointer(pointer: PanePointer): boolean;
}

export interface ViewerProps {
  /** What the panes show and where: made by `createViewerStore`, so that the screen around it can read and move it. */
  readonly store: ViewerStore;
  readonly source: SliceSource;
  /** The tomogram. */
  readonly volume: ShownVolume;
  /** A second one of the same shape: beside it, or blended into it. */
  readonly second?: ShownVolume;
  /** A label map of the same shape. */
  readonly labels?: ShownVolume;
  /** A map of scores of the same shape. */
  readonly scores?: ShownVolume;
  readonly classes: readonly ShownClass[];
  readonly objects: readonly ShownObject[];
  /** Ids of the chosen ones. */
  readonly selected?: ReadonlySet<string | number>;
  readonly tool?: ViewerTool;
  /** A click on an object (null: beside all of them), when no tool took it. */
  onPick?(object: ShownObject | null, event: MouseEvent): void;
  /** Above the panes at the left, e.g. a tool's buttons. */
  readonly children?: ReactNode;
}
