import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { autoContrast, type Histogram, histogramOf } from "./contrast/histogram.ts";
import { type DemandInput, sliceVoxel, wantedTiles } from "./demand.ts";
import { createRenderer, type Renderer, type Scene } from "./gl/renderer.ts";
import { createHurry } from "./hurry.ts";
import { type Axis, middleOf, type Plane, planes, zoomToFit } from "./planes.ts";
import type { ShownVolume, SliceSource } from "./slice-source.ts";
import { tileKey } from "./tiles.ts";
import type { ViewerState, ViewerStore } from "./viewer-store.ts";

/** How long after the last move the picture is drawn with all care again, ms. */
const restAfter = 160;

type StageScene = Omit<Scene, "state" | "pixelRatio" | "screenRatio" | "fineness" | "moving" | "draft">;

export interface Stage {
  /** Draws at the next frame. */
  redraw(): void;
  /** Draws now and gives the canvas, to be copied at once; null before the first frame. */
  drawNow(): HTMLCanvasElement | null;
  readonly renderer: () => Renderer | null;
  /** Why nothing can be drawn, in words; null when all is well. */
  readonly fault: string | null;
  /** Counts again what is in sight and sets the contrast by it. */
  readonly autoContrast: () => void;
}

/** Joins canvas, state and source: draws when something changed, asks for tiles that are missing. */
export function useStage(
  canvas: RefObject<HTMLCanvasElement | null>,
  { store, source, scene }: { store: ViewerStore; source: SliceSource; scene: StageScene },
): Stage {
  const current = useRef(scene);
  current.current = scene;
  const renderer = useRef<Renderer | null>(null);
  const frame = useRef(0);
  const heading = useRef<DemandInput["heading"]>(null);
  const outstanding = useRef<Set<string> | null>(null);
  const hurry = useRef(createHurry());
  const moved = useRef(Number.NEGATIVE_INFINITY);
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [fault, setFault] = useState<string | null>(null);
  const [lives, setLives] = useState(0);

  const draw = useCallback(
    ({ still = false } = {}): HTMLCanvasElement | null => {
      const element = canvas.current;
      const { panes } = current.current;
      if (!element || !renderer.current || panes.length === 0) return null;
      fitIfAsked(store, current.current);
      const moving = !still && performance.now() - moved.current < restAfter;
      if (!moving) hurry.current.rests();
      // where the processor draws, a quarter of the pixels while something moves
      const draft = renderer.current.isSlow && moving;
      const pixelRatio = draft ? devicePixelRatio / 2 : devicePixelRatio;
      const fineness = pixelRatio / 2 ** hurry.current.levels();
      const ratios = { pixelRatio, screenRatio: devicePixelRatio, fineness };
      const whole: Scene = { ...current.current, state: store.getState(), ...ratios, moving, draft };
      const box = element.getBoundingClientRect();
      const detail = renderer.current.draw(whole, {
        width: Math.max(1, Math.round(box.width * pixelRatio)),
        height: Math.max(1, Math.round(box.height * pixelRatio)),
      });
      const wanted = missingTiles(whole, renderer.current, heading.current);
      // what is on its way already need not be asked for again at every tile that comes
      const keys = wanted.map(tileKey);
      const { current: before } = outstanding;
      if (before === null || before.size !== keys.length || keys.some((key) => !before.has(key))) {
        outstanding.current = new Set(keys);
        source.want(wanted);
      }
      element.dataset.shown = `${whole.volume.id}@${whole.state.position.join()}`;
      // at the detail of the moment; complete when it rests
      const complete = detail === "complete" && !draft && !moving && hurry.current.levels() === 0;
      element.dataset.complete = String(complete);
      element.dataset.detail = detail;
      element.dataset.tiles = String(renderer.current.atlas.filled());
      learnHistograms(store, whole, { renderer: renderer.current, complete });
      return element;
    },
    [canvas, store, source],
  );

  const redraw = useCallback(() => {
    if (frame.current !== 0) return;
    frame.current = requestAnimationFrame(() => {
      frame.current = 0;
      draw();
    });
  }, [draw]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new life begins when the driver gave the canvas back
  useEffect(() => {
    const element = canvas.current!;
    try {
      renderer.current = createRenderer(element);
      setFault(null);
      redraw();
    } catch (thrown) {
      setFault(thrown instanceof Error ? thrown.message : String(thrown));
    }
    const lost = (event: Event): void => {
      event.preventDefault();
      renderer.current = null;
    };
    const restored = (): void => setLives((count) => count + 1);
    element.addEventListener("webglcontextlost", lost);
    element.addEventListener("webglcontextrestored", restored);
    return () => {
      element.removeEventListener("webglcontextlost", lost);
      element.removeEventListener("webglcontextrestored", restored);
      cancelAnimationFrame(frame.current);
      frame.current = 0;
      outstanding.current = null;
      renderer.current?.dispose();
      renderer.current = null;
    };
  }, [canvas, redraw, lives]);

  useEffect(
    () =>
      store.subscribe((state, before) => {
        heading.current = headingFrom(before, state) ?? heading.current;
        if (state.pointer !== before.pointer) return;
        if (state.position !== before.position || state.view !== before.view) {
          if (performance.now() - moved.current < restAfter)
            hurry.current.moved(canvas.current?.dataset.detail === "complete");
          moved.current = performance.now();
          clearTimeout(rest.current);
          rest.current = setTimeout(redraw, restAfter + 20);
        }
        redraw();
      }),
    [canvas, store, redraw],
  );
  useEffect(() => {
    const stops = [
      source.onTile((tile) => {
        renderer.current?.atlas.put(tile);
        outstanding.current?.delete(tileKey(tile.address));
        redraw();
      }),
      source.onChange((volume) => {
        if (volume !== null) renderer.current?.atlas.doubt(volume);
        outstanding.current = null;
        redraw();
      }),
    ];
    return () => {
      for (const stop of stops) stop();
      source.want([]);
    };
  }, [source, redraw]);
  // whatever the scene is made of changed
  useEffect(() => redraw());

  return useMemo(
    () => ({
      redraw,
      drawNow: () => draw({ still: true }),
      renderer: () => renderer.current,
      fault,
      autoContrast: () => {
        if (renderer.current) contrastInSight(store, current.current, renderer.current);
      },
    }),
    [redraw, draw, fault, store],
  );
}

function headingFrom(before: ViewerState, now: ViewerState): DemandInput["heading"] {
  for (const axis of [0, 1, 2] as Axis[]) {
    const step = now.position[axis] - before.position[axis];
    if (step !== 0) return { axis, sign: step > 0 ? 1 : -1 };
  }
  return null;
}

function fitIfAsked(store: ViewerStore, { panes }: StageScene): void {
  const { toFit, shape, view } = store.getState();
  if (!toFit) return;
  const pictures = panes.flatMap((pane) => (pane.what === "space" ? [] : [{ plane: pane.what, size: pane }]));
  if (pictures.length === 0) return;
  const fitted = { ...view, centre: middleOf(shape), zoom: zoomToFit(shape, view.aspect, pictures) };
  store.setState({ toFit: false, view: fitted, fitted });
}

function missingTiles(scene: Scene, { atlas }: Renderer, heading: DemandInput["heading"]) {
  const { state, panes, fineness } = scene;
  return wantedTiles({
    state,
    panes,
    fineness,
    heading,
    volumesOf: (which) => volumesOf(scene, which),
  }).filter((tile) => !atlas.has(tileKey(tile)));
}

function volumesOf(
  scene: StageScene & { state: ViewerState },
  which: 0 | 1,
): { volume: ShownVolume; averaged: boolean }[] {
  const { volume, second, labels, scores, state } = scene;
  const beside = second && state.second.how === "beside";
  const found: { volume: ShownVolume; averaged: boolean }[] = [];
  if (!beside || which === 0) found.push({ volume, averaged: true });
  if (second && (!beside || which === 1)) found.push({ volume: second, averaged: true });
  if (labels && state.labels.shown) found.push({ volume: labels, averaged: false });
  if (scores && state.scores.shown) found.push({ volume: scores, averaged: false });
  return found;
}

/** Counts what is in sight: at first what there is, once more when the first picture is complete. */
function learnHistograms(
  store: ViewerStore,
  scene: Scene,
  { renderer, complete }: { renderer: Renderer; complete: boolean },
): void {
  const { histograms } = store.getState();
  for (const volume of greyVolumes(scene)) {
    const known = histograms.get(volume.id);
    if (!known || (!known.final && complete))
      countInSight(store, scene, { renderer, volume, final: complete });
  }
}

const greyVolumes = ({ volume, second }: StageScene): ShownVolume[] => (second ? [volume, second] : [volume]);

function countInSight(
  store: ViewerStore,
  scene: StageScene,
  { renderer, volume, final }: { renderer: Renderer; volume: ShownVolume; final: boolean },
): Histogram | null {
  const state = store.getState();
  const histogram = histogramOf(codesInSight(renderer, volume, { ...scene, state }), volume.code);
  if (histogram)
    store.setState({ histograms: new Map(state.histograms).set(volume.id, { ...histogram, final }) });
  return histogram;
}

/** Sets the contrast of each tomogram by what is in sight of it. */
function contrastInSight(store: ViewerStore, scene: StageScene, renderer: Renderer): void {
  for (const volume of greyVolumes(scene)) {
    const histogram = countInSight(store, scene, { renderer, volume, final: true });
    if (!histogram) continue;
    const { contrast, second } = store.getState();
    if (volume === scene.second)
      store.setState({
        second: { ...second, contrast: { ...autoContrast(histogram), inverted: second.contrast.inverted } },
      });
    else store.setState({ contrast: { ...autoContrast(histogram), inverted: contrast.inverted } });
  }
}

/** The codes of the tiles that the planes show now, at full detail where they are here, else of the coarsest level. */
function codesInSight(
  renderer: Renderer,
  volume: ShownVolume,
  scene: StageScene & { state: ViewerState },
): Uint16Array[] {
  const { state } = scene;
  const wanted = wantedTiles({
    state: { ...state, averaged: 1 },
    panes: scene.panes,
    fineness: devicePixelRatio,
    heading: null,
    volumesOf: () => [{ volume, averaged: false }],
  }).filter(({ plane, slice, level }) => slice === Math.floor(sliceVoxel(state, plane) / 2 ** level));
  const byPlane = (plane: Plane, coarsest: boolean): Uint16Array[] =>
    wanted
      .filter((tile) => tile.plane === plane && (tile.level === volume.levels - 1) === coarsest)
      .flatMap((tile) => renderer.atlas.get(tileKey(tile))?.codes ?? []);
  return planes.flatMap((plane) => {
    const fine = byPlane(plane, false);
    return fine.length > 0 ? fine : byPlane(plane, true);
  });
}
