import { useRef } from "react";
import { useStore } from "zustand";
import { IconButton } from "../components/button.tsx";
import { sliceVoxel } from "./demand.ts";
import type { ObjectColumns } from "./near-objects.ts";
import { usePanePointer } from "./pane-pointer.ts";
import type { PaneRect } from "./panes.ts";
import { axisNames, type Plane, planeAxes, pointOf } from "./planes.ts";
import { scaleBar } from "./scale-bar.ts";
import styles from "./viewer.module.css";
import type { ViewerProps } from "./viewer-props.ts";

interface SlicePaneProps extends Pick<ViewerProps, "store" | "tool" | "onPick"> {
  readonly pane: PaneRect;
  readonly columns: ObjectColumns;
  /** Shown above the picture when two tomograms are side by side. */
  readonly name?: string;
  readonly voxelSizeAngstrom: number | null;
}

/** What lies over a plane's picture: cross-hair, name, scale bar; and the pointer's work. */
export function SlicePane({ store, pane, columns, tool, onPick, name, voxelSizeAngstrom }: SlicePaneProps) {
  const element = useRef<HTMLElement>(null);
  usePanePointer(element, { store, pane, columns, tool, onPick });
  const plane = pane.what as Plane;
  const state = useStore(store);
  const { across, down, through } = planeAxes[plane];
  const slice = sliceVoxel(state, plane);
  const length = state.shape[through];
  const { left, top } = pointOf(state.position, plane, state.view, pane);
  const title = plane.toUpperCase();
  return (
    <section
      ref={element}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the same
      tabIndex={0}
      aria-label={`${title}${name ? ` of ${name}` : ""}, ${axisNames[through]} ${slice + 1} of ${length}`}
      className={styles.pane}
      data-plane={plane}
      data-active={state.active === plane || undefined}
      style={{ left: pane.left, top: pane.top, width: pane.width, height: pane.height, cursor: tool?.cursor }}
    >
      {state.crossHair && (
        <>
          <i
            className={styles.upright}
            data-axis={axisNames[across]}
            style={{ transform: `translateX(${left}px)` }}
          />
          <i
            className={styles.level}
            data-axis={axisNames[down]}
            style={{ transform: `translateY(${top}px)` }}
          />
        </>
      )}
      <div className={styles.caption}>
        <b data-axis={axisNames[through]}>{title}</b>
        <span>
          {axisNames[through]} {slice} <small>/ {length - 1}</small>
        </span>
        {name && <span className={styles.name}>{name}</span>}
      </div>
      <IconButton
        icon="expand"
        size="small"
        label={state.layout === plane ? "Show all planes" : `Show ${title} alone`}
        shortcut="f"
        className={styles.expand}
        onPointerDown={(event) => event.stopPropagation()}
        onDoubleClick={(event) => event.stopPropagation()}
        onClick={() => store.setState({ layout: state.layout === plane ? "all" : plane })}
      />
      {state.scaleBar && voxelSizeAngstrom !== null && (
        <Bar
          pixelsPerAngstrom={state.view.zoom / voxelSizeAngstrom}
          most={Math.min(140, pane.width * 0.35)}
        />
      )}
    </section>
  );
}

function Bar({ pixelsPerAngstrom, most }: { readonly pixelsPerAngstrom: number; readonly most: number }) {
  const { width, words } = scaleBar(pixelsPerAngstrom, most);
  return (
    <div className={styles.bar}>
      {words}
      <i style={{ width }} />
    </div>
  );
}
