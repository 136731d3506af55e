import type { ObjectColumns } from "../near-objects.ts";
import type { PaneRect } from "../panes.ts";
import type { ShownVolume } from "../slice-source.ts";
import type { Orbit } from "../space/space-geometry.ts";
import { createSpacePainter } from "../space/space-painter.ts";
import type { ShownClass } from "../viewer-props.ts";
import type { Contrast, ViewerState } from "../viewer-store.ts";
import { type Atlas, createAtlas } from "./atlas.ts";
import { createLabelColors } from "./label-colors.ts";
import { createObjectPainter } from "./object-painter.ts";
import { createSlicePainter, type Detail, type SlicePaint, worse } from "./slice-painter.ts";

/** All that a frame shows. */
export interface Scene {
  readonly state: ViewerState;
  readonly panes: readonly PaneRect[];
  /** Pixels of the canvas for a CSS pixel: fewer than the screen has while it moves on a slow machine. */
  readonly pixelRatio: number;
  /** Pixels of the screen for a CSS pixel. */
  readonly screenRatio: number;
  readonly volume: ShownVolume;
  readonly second?: ShownVolume;
  readonly labels?: ShownVolume;
  readonly scores?: ShownVolume;
  readonly classes: readonly ShownClass[];
  readonly columns: ObjectColumns;
  readonly selected: ReadonlySet<string | number>;
  readonly orbit: Orbit;
  /** Texels for each CSS pixel that the levels are chosen for; less than `pixelRatio` when slices go by faster than they come. */
  readonly fineness: number;
  readonly moving: boolean;
  /** Something moves and the machine is slow: nothing is smoothed between voxels. */
  readonly draft?: boolean;
}

export interface Renderer {
  readonly atlas: Atlas;
  /** The processor draws, no GPU: what costs much is left out while something moves. */
  readonly isSlow: boolean;
  /** Draws the frame; gives the least detail of its panes. */
  draw(scene: Scene, canvas: { width: number; height: number }): Detail;
  dispose(): void;
}

/** @throws Error when the browser has no WebGL2 */
export function createRenderer(canvas: HTMLCanvasElement): Renderer {
  const gl = canvas.getContext("webgl2", { alpha: false, antialias: false, preserveDrawingBuffer: false });
  if (gl === null) throw new Error("this browser has no WebGL2");
  const isSlow = isSoftware(gl);
  const atlas = createAtlas(gl, isSlow ? "memory of the processor" : "memory of the GPU");
  const slices = createSlicePainter(gl, atlas);
  const objects = createObjectPainter(gl);
  const space = createSpacePainter(gl);
  const colors = createLabelColors(gl);
  let coloured: { classes: readonly ShownClass[]; hidden: ReadonlySet<number> } | null = null;

  const paintPlanes = (scene: Scene, pane: PaneRect): Detail => {
    const { state } = scene;
    const how = { state, pixelRatio: scene.pixelRatio, fineness: scene.fineness, moving: scene.moving };
    let detail: Detail = "complete";
    const paint = (volume: ShownVolume, paint: SlicePaint): void => {
      detail = worse(detail, slices.paint(pane, volume, { ...how, paint }));
    };
    for (const { volume, contrast, opacity } of greyOf(scene, pane.which))
      paint(volume, {
        kind: "grey",
        ...shades(contrast),
        opacity,
        averaged: state.averaged,
        smooth: state.smooth && !scene.draft,
      });
    if (scene.scores && state.scores.shown)
      paint(scene.scores, { kind: "scores", opacity: state.scores.opacity, least: state.scores.least });
    if (scene.labels && state.labels.shown)
      paint(scene.labels, {
        kind: "labels",
        opacity: state.labels.opacity,
        outlined: state.labels.outlined,
        colors: colors.texture,
      });
    if (state.objects.shown) objects.paint(pane, scene.columns, { state, selected: scene.selected });
    return detail;
  };

  return {
    atlas,
    isSlow,
    draw: (scene, { width, height }) => {
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
      const { classes, pixelRatio, screenRatio } = scene;
      const { hidden } = scene.state.labels;
      if (coloured?.classes !== classes || coloured.hidden !== hidden) {
        colors.set(classes, hidden);
        coloured = { classes, hidden };
      }
      gl.disable(gl.SCISSOR_TEST);
      gl.clearColor(0.14, 0.16, 0.18, 1);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.enable(gl.SCISSOR_TEST);
      gl.enable(gl.BLEND);
      gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE);
      let detail: Detail = "complete";
      for (const pane of scene.panes) {
        const box = [
          Math.round(pane.left * pixelRatio),
          Math.round(height - (pane.top + pane.height) * pixelRatio),
          Math.round(pane.width * pixelRatio),
          Math.round(pane.height * pixelRatio),
        ] as const;
        gl.viewport(...box);
        gl.scissor(...box);
        gl.clearColor(0.031, 0.035, 0.039, 1);
        gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
        if (pane.what === "space")
          space.paint(pane, scene.columns, {
            state: scene.state,
            orbit: scene.orbit,
            selected: scene.selected,
            box,
            drawn: [Math.round(pane.width * screenRatio), Math.round(pane.height * screenRatio)],
          });
        else detail = worse(detail, paintPlanes(scene, pane));
      }
      return detail;
    },
    dispose: () => {
      gl.deleteTexture(atlas.texture);
      gl.deleteTexture(colors.texture);
    },
  };
}

/** The tomograms a pane draws, the one below first. */
function greyOf(
  { volume, second, state }: Scene,
  which: 0 | 1,
): readonly { volume: ShownVolume; contrast: Contrast; opacity: number }[] {
  const first = { volume, contrast: state.contrast, opacity: 1 };
  if (!second) return [first];
  const other = { volume: second, contrast: state.second.contrast, opacity: 1 };
  if (state.second.how === "beside") return [which === 0 ? first : other];
  return [first, { ...other, opacity: state.second.mix }];
}

const shades = ({ low, high, inverted }: Contrast): { black: number; white: number } =>
  inverted ? { black: high, white: low } : { black: low, white: high };

function isSoftware(gl: WebGL2RenderingContext): boolean {
  const named = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(named ? named.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  return /swiftshader|llvmpipe|software|basic render/i.test(name);
}
