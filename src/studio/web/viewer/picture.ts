import { sliceVoxel } from "./demand.ts";
import type { PaneRect } from "./panes.ts";
import type { Plane } from "./planes.ts";
import { axisNames, planeAxes } from "./planes.ts";
import { scaleBar } from "./scale-bar.ts";
import type { ShownVolume } from "./slice-source.ts";
import type { ViewerState } from "./viewer-store.ts";

/**
 * What the panes show as a PNG with a scale bar in each plane.
 * @param drawn the canvas, drawn in this very moment (its content does not outlive it); null gives null
 */
export async function drawPicture(
  drawn: HTMLCanvasElement | null,
  { panes, state, volume }: { panes: readonly PaneRect[]; state: ViewerState; volume: ShownVolume },
): Promise<Blob | null> {
  if (drawn === null) return null;
  const copy = document.createElement("canvas");
  copy.width = drawn.width;
  copy.height = drawn.height;
  const context = copy.getContext("2d")!;
  context.drawImage(drawn, 0, 0);
  const ratio = devicePixelRatio;
  context.scale(ratio, ratio);
  context.font = "600 12px system-ui, sans-serif";
  for (const pane of panes) {
    if (pane.what === "space") continue;
    drawBar(context, pane, { state, volume });
  }
  return new Promise((resolve) => copy.toBlob(resolve, "image/png"));
}

function drawBar(
  context: CanvasRenderingContext2D,
  pane: PaneRect,
  { state, volume }: { state: ViewerState; volume: ShownVolume },
): void {
  const plane = pane.what as Plane;
  const { through } = planeAxes[plane];
  const outlined = (words: string, left: number, top: number): void => {
    context.lineWidth = 3;
    context.strokeStyle = "#000c";
    context.strokeText(words, left, top);
    context.fillStyle = "#fff";
    context.fillText(words, left, top);
  };
  context.textAlign = "left";
  outlined(
    `${plane.toUpperCase()}  ${axisNames[through]} ${sliceVoxel(state, plane)}`,
    pane.left + 10,
    pane.top + 20,
  );
  if (volume.voxelSizeAngstrom === null) return;
  const pixelsPerAngstrom = state.view.zoom / Math.min(...volume.voxelSizeAngstrom);
  const { width, words } = scaleBar(pixelsPerAngstrom, Math.min(140, pane.width * 0.35));
  const right = pane.left + pane.width - 14;
  const bottom = pane.top + pane.height - 14;
  context.fillStyle = "#000c";
  context.fillRect(right - width - 1, bottom - 5, width + 2, 6);
  context.fillStyle = "#fff";
  context.fillRect(right - width, bottom - 4, width, 4);
  context.textAlign = "center";
  outlined(words, right - width / 2, bottom - 10);
}
