import { type Ref, useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import { EmptyState } from "../components/empty-state.tsx";
import { useKeys } from "../shell/keys.ts";
import { objectColumns } from "./near-objects.ts";
import { layoutPanes } from "./panes.ts";
import { drawPicture } from "./picture.ts";
import type { Position, Size } from "./planes.ts";
import { SlicePane } from "./slice-pane.tsx";
import { firstOrbit } from "./space/space-geometry.ts";
import { SpacePane } from "./space-pane.tsx";
import { StatusLine } from "./status-line.tsx";
import { useStage } from "./use-stage.ts";
import styles from "./viewer.module.css";
import { viewerKeys } from "./viewer-keys.ts";
import type { ViewerProps } from "./viewer-props.ts";

/** What a screen can ask of the viewer that it shows. */
export interface ViewerHandle {
  /** What is in sight as a PNG, with scale bars; null when nothing can be drawn. */
  picture(): Promise<Blob | null>;
  autoContrast(): void;
}

const nothingChosen: ReadonlySet<string | number> = new Set();

/** Linked slices of a tomogram with what lies over them, the 3-D view, and the line below that says where one is. */
export function Viewer(props: ViewerProps & { readonly ref?: Ref<ViewerHandle> }) {
  const {
    store,
    source,
    volume,
    second,
    labels,
    scores,
    classes,
    objects,
    selected = nothingChosen,
    tool,
    onPick,
    ref,
  } = props;
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSize(frame);
  const [orbit, setOrbit] = useState(firstOrbit);
  const columns = useMemo(() => objectColumns(objects, classes), [objects, classes]);
  const layout = useStore(store, (state) => state.layout);
  const aspect = useStore(store, (state) => state.view.aspect);
  const shape = useStore(store, (state) => state.shape);
  const beside = useStore(store, (state) => second !== undefined && state.second.how === "beside");
  const panes = useMemo(() => {
    const extent = shape.map((voxels, axis) => voxels * aspect[axis]!) as unknown as Position;
    return size ? layoutPanes(layout, { size, extent, beside }) : [];
  }, [layout, size, shape, aspect, beside]);
  const stage = useStage(canvas, {
    store,
    source,
    scene: { panes, volume, second, labels, scores, classes, columns, selected, orbit },
  });

  const latest = useRef({ panes, objects, selected, onPick });
  latest.current = { panes, objects, selected, onPick };
  useKeys(
    useMemo(
      () =>
        viewerKeys({
          store,
          panes: () => latest.current.panes,
          autoContrast: stage.autoContrast,
          neighbour: (step) => neighbourOf(latest.current, step),
          onPick: (object) => latest.current.onPick?.(object, new MouseEvent("click")),
        }),
      [store, stage],
    ),
  );
  useImperativeHandle(
    ref,
    () => ({
      picture: () =>
        drawPicture(stage.drawNow(), { panes: latest.current.panes, state: store.getState(), volume }),
      autoContrast: stage.autoContrast,
    }),
    [stage, store, volume],
  );
  // whoever has not zoomed or panned sees everything in every layout
  useEffect(() => {
    if (panes.length > 0) store.setState(({ view, fitted, toFit }) => ({ toFit: toFit || view === fitted }));
  }, [panes, store]);
  const voxelSize = volume.voxelSizeAngstrom ? Math.min(...volume.voxelSizeAngstrom) : null;
  return (
    <div className={styles.viewer}>
      <div className={styles.stage} ref={frame}>
        <canvas ref={canvas} data-part="slices" />
        {panes.map((pane) =>
          pane.what === "space" ? (
            <SpacePane
              key="space"
              pane={pane}
              store={store}
              alone={layout === "space"}
              orbit={orbit}
              count={objects.length}
              onOrbit={setOrbit}
            />
          ) : (
            <SlicePane
              key={`${pane.what}${pane.which}`}
              {...{ store, pane, columns, tool, onPick }}
              name={beside ? (pane.which === 0 ? volume : second!).name : undefined}
              voxelSizeAngstrom={voxelSize}
            />
          ),
        )}
        {stage.fault && (
          <div className={styles.fault}>
            <EmptyState icon="error" title="This browser cannot draw slices">
              {stage.fault}. Switch on hardware acceleration in its settings, or use a recent Firefox or
              Chromium.
            </EmptyState>
          </div>
        )}
      </div>
      <StatusLine {...{ store, volume, second, labels, scores, classes, tool, stage }} />
    </div>
  );
}

function neighbourOf(
  { objects, selected }: Pick<ViewerProps, "objects"> & { selected: ReadonlySet<string | number> },
  step: 1 | -1,
) {
  if (objects.length === 0) return null;
  const at = objects.findIndex(({ id }) => selected.has(id));
  if (at < 0) return objects[step === 1 ? 0 : objects.length - 1]!;
  return objects[(at + step + objects.length) % objects.length]!;
}

function useSize(element: React.RefObject<HTMLElement | null>): Size | null {
  const [size, setSize] = useState<Size | null>(null);
  useLayoutEffect(() => {
    const target = element.current!;
    const measure = (): void => setSize({ width: target.clientWidth, height: target.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return size && size.width > 0 && size.height > 0 ? size : null;
}
