/** A view in the address, to come back to it or to send it: `&at=95,95,31&zoom=2&contrast=-3,2.8&average=5&layout=xy`. */
import type { Position } from "../viewer/planes.ts";
import type { Layout, ViewerState } from "../viewer/viewer-store.ts";

const layouts: readonly Layout[] = ["all", "planes", "xy", "xz", "yz", "space"];

/** What of the viewer's state an address says; what it says wrongly is left out. */
export function readView(query: URLSearchParams, state: ViewerState): Partial<ViewerState> {
  const at = numbers(query.get("at"), 3) as unknown as Position | null;
  const contrast = numbers(query.get("contrast"), 2);
  const zoom = numbers(query.get("zoom"), 1)?.[0] ?? 0;
  const average = numbers(query.get("average"), 1)?.[0] ?? 0;
  const layout = layouts.find((one) => one === query.get("layout"));
  const inside = at?.every((place, axis) => place >= 0 && place <= state.shape[axis]! - 1) ? at : null;
  return {
    ...(inside && { position: inside, view: { ...state.view, centre: inside } }),
    ...(zoom > 0 && { toFit: false, view: { ...state.view, centre: inside ?? state.view.centre, zoom } }),
    ...(contrast &&
      contrast[0] !== contrast[1] && {
        contrast: {
          low: Math.min(...contrast),
          high: Math.max(...contrast),
          inverted: contrast[0]! > contrast[1]!,
        },
      }),
    ...(average >= 1 && { averaged: Math.round(average) }),
    ...(layout && { layout }),
  };
}

/** The words of an address that show this view again. */
export function viewWords({ position, view, fitted, contrast, averaged, layout }: ViewerState): string {
  const { low, high, inverted } = contrast;
  const words = new URLSearchParams({
    at: position.map((place) => Number(place.toFixed(1))).join(),
    contrast: (inverted ? [high, low] : [low, high]).map((value) => Number(value.toPrecision(6))).join(),
    ...(view !== fitted && { zoom: String(Number(view.zoom.toPrecision(4))) }),
    ...(averaged > 1 && { average: String(averaged) }),
    ...(layout !== "all" && { layout }),
  });
  return words.toString();
}

function numbers(text: string | null, count: number): readonly number[] | null {
  const found = text?.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part))) ?? [];
  return found.length === count && found.every(Number.isFinite) ? found : null;
}
