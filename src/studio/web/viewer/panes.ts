/** How the panes of a layout lie in the viewer. */
import type { Plane, Position, Size } from "./planes.ts";
import type { Layout } from "./viewer-store.ts";

/** A pane in CSS pixels from the viewer's upper left corner; `which` 1 is the second tomogram beside the first. */
export interface PaneRect extends Size {
  readonly left: number;
  readonly top: number;
  readonly what: Plane | "space";
  readonly which: 0 | 1;
}

/** Between panes, CSS pixels. */
const gap = 1;

interface LayoutOptions {
  readonly size: Size;
  /** Length of the volume along x, y, z in voxels of the finest axis: wide volumes get wide panes. */
  readonly extent: Position;
  /** Two tomograms side by side: each plane has two panes. */
  readonly beside: boolean;
}

/** The panes of a layout, filling the viewer but for the lines between them. */
export function layoutPanes(layout: Layout, { size, extent, beside }: LayoutOptions): readonly PaneRect[] {
  const panes =
    layout === "all"
      ? fourPanes(size, extent)
      : layout === "planes"
        ? threePanes(size, extent)
        : [onePane(layout, size)];
  return panes.flatMap((pane) => (beside && pane.what !== "space" ? split(pane) : [pane]));
}

const onePane = (what: Plane | "space", size: Size): PaneRect => ({
  what,
  which: 0,
  left: 0,
  top: 0,
  ...size,
});

function fourPanes({ width, height }: Size, [x, y, z]: Position): PaneRect[] {
  const first = Math.round((width - gap) * share(x, z));
  const upper = Math.round((height - gap) * share(y, z));
  const second = { left: first + gap, width: width - first - gap };
  const lower = { top: upper + gap, height: height - upper - gap };
  return [
    { what: "xy", which: 0, left: 0, top: 0, width: first, height: upper },
    { what: "yz", which: 0, ...second, top: 0, height: upper },
    { what: "xz", which: 0, left: 0, width: first, ...lower },
    { what: "space", which: 0, ...second, ...lower },
  ];
}

function threePanes({ width, height }: Size, [x, y, z]: Position): PaneRect[] {
  const first = Math.round((width - gap) * share(x, Math.max(x, z) / 2));
  const upper = Math.round((height - gap) * Math.min(0.7, Math.max(0.3, y / (y + z))));
  const second = { left: first + gap, width: width - first - gap };
  return [
    { what: "xy", which: 0, left: 0, top: 0, width: first, height },
    { what: "yz", which: 0, ...second, top: 0, height: upper },
    { what: "xz", which: 0, ...second, top: upper + gap, height: height - upper - gap },
  ];
}

/** The part of the larger of two, so that neither is too small to work in. */
const share = (large: number, small: number): number =>
  Math.min(0.68, Math.max(0.5, large / (large + small)));

function split(pane: PaneRect): PaneRect[] {
  const width = Math.floor((pane.width - gap) / 2);
  return [
    { ...pane, width },
    { ...pane, which: 1, left: pane.left + width + gap, width: pane.width - width - gap },
  ];
}
