import { type RefObject, useEffect, useRef } from "react";
import type { ObjectColumns } from "./near-objects.ts";
import type { PaneRect } from "./panes.ts";
import { objectUnder } from "./picking.ts";
import { type Plane, type Point, panBy, pixelsPerVoxel, planeAxes, positionAt, zoomAt } from "./planes.ts";
import type { PanePointer, ViewerProps } from "./viewer-props.ts";

type Doing =
  | { readonly kind: "tool" }
  | { readonly kind: "cross-hair"; moved: boolean; readonly from: Point }
  | { readonly kind: "pan"; moved: boolean; last: Point; readonly button: number };

interface PaneInput extends Pick<ViewerProps, "store" | "tool" | "onPick"> {
  readonly pane: PaneRect;
  readonly columns: ObjectColumns;
}

/** Pixels that a hand trembles: less is a click, more a drag. */
const tremble = 3;

/** Wheel pixels for one slice, of mice that report no lines. */
const wheelPixels = 100;

/**
 * What pointer and wheel do in a pane: left drags the cross-hair (or works the tool), middle, right or shift drags the picture, right click
 * brings what is under it to the middle, the wheel goes through slices (shift: ten), with ctrl or a pinch it zooms.
 */
export function usePanePointer(element: RefObject<HTMLElement | null>, input: PaneInput): void {
  const latest = useRef(input);
  latest.current = input;
  useEffect(() => {
    const target = element.current!;
    const doing = { now: null as Doing | null };
    const wheel = { rest: 0 };
    const pointOf = (event: MouseEvent): Point => {
      const box = target.getBoundingClientRect();
      return { left: event.clientX - box.left, top: event.clientY - box.top };
    };
    const told = (kind: PanePointer["kind"], event: MouseEvent): PanePointer =>
      describe(latest.current, { kind, event, point: pointOf(event) });

    const down = (event: PointerEvent): void => {
      const { store, tool, pane } = latest.current;
      store.setState({ active: pane.what as Plane });
      target.focus({ preventScroll: true });
      const point = pointOf(event);
      if (event.button === 0 && !event.shiftKey && tool?.onPointer(told("down", event)))
        doing.now = { kind: "tool" };
      else if (event.button === 0 && !event.shiftKey)
        doing.now = { kind: "cross-hair", moved: false, from: point };
      else doing.now = { kind: "pan", moved: false, last: point, button: event.button };
      target.setPointerCapture(event.pointerId);
      if (doing.now.kind === "cross-hair") store.getState().moveTo(told("down", event).position);
      if (event.button === 1) event.preventDefault();
    };
    const move = (event: PointerEvent): void => {
      const { store, tool, pane } = latest.current;
      const point = pointOf(event);
      const pointer = told("move", event);
      store.setState({
        pointer: { plane: pane.what as Plane, position: pointer.position },
        active: pane.what as Plane,
      });
      const now = doing.now;
      if (now === null) return;
      if (now.kind === "tool") tool?.onPointer(pointer);
      else if (now.kind === "cross-hair") {
        if (Math.hypot(point.left - now.from.left, point.top - now.from.top) > tremble) now.moved = true;
        if (now.moved) store.getState().moveTo(pointer.position);
      } else {
        const by = { left: point.left - now.last.left, top: point.top - now.last.top };
        if (!now.moved && Math.hypot(by.left, by.top) <= tremble) return;
        now.moved = true;
        now.last = point;
        store.setState(({ view }) => ({ view: panBy(view, pane.what as Plane, by) }));
      }
    };
    const up = (event: PointerEvent): void => {
      const { store, tool, onPick } = latest.current;
      const now = doing.now;
      doing.now = null;
      if (now?.kind === "tool") tool?.onPointer(told(event.type === "pointerup" ? "up" : "cancel", event));
      else if (now?.kind === "cross-hair" && !now.moved) onPick?.(told("up", event).object, event);
      else if (now?.kind === "pan" && !now.moved && now.button === 2)
        store.getState().moveTo(told("up", event).position, { centre: true });
    };
    const double = (event: MouseEvent): void => void latest.current.tool?.onPointer(told("double", event));
    const leave = (): void => latest.current.store.setState({ pointer: null });
    const turn = (event: WheelEvent): void => {
      event.preventDefault();
      const { store, pane } = latest.current;
      const plane = pane.what as Plane;
      // with shift some browsers turn the wheel sideways
      const delta = event.deltaY || event.deltaX;
      if (event.ctrlKey || event.metaKey) {
        const factor = Math.exp(-delta * (event.deltaMode === 0 ? 0.002 : 0.06));
        store.setState(({ view }) => ({
          view: zoomAt(view, factor, { plane, point: pointOf(event), size: pane }),
        }));
        return;
      }
      wheel.rest += event.deltaMode === 0 ? delta / wheelPixels : Math.sign(delta);
      // a notch of a mouse is a slice, even where it reports fewer pixels
      const slices =
        Math.abs(delta) >= 50 && Math.abs(wheel.rest) < 1 ? Math.sign(delta) : Math.trunc(wheel.rest);
      if (slices === 0) return;
      wheel.rest = Math.abs(slices) > Math.abs(wheel.rest) ? 0 : wheel.rest - slices;
      store.getState().step(planeAxes[plane].through, slices * (event.shiftKey ? 10 : 1));
    };
    const noMenu = (event: Event): void => event.preventDefault();
    const focused = (): void => latest.current.store.setState({ active: latest.current.pane.what as Plane });

    target.addEventListener("pointerdown", down);
    target.addEventListener("pointermove", move);
    target.addEventListener("pointerup", up);
    target.addEventListener("pointercancel", up);
    target.addEventListener("pointerleave", leave);
    target.addEventListener("dblclick", double);
    target.addEventListener("contextmenu", noMenu);
    target.addEventListener("focus", focused);
    target.addEventListener("wheel", turn, { passive: false });
    return () => {
      target.removeEventListener("pointerdown", down);
      target.removeEventListener("pointermove", move);
      target.removeEventListener("pointerup", up);
      target.removeEventListener("pointercancel", up);
      target.removeEventListener("pointerleave", leave);
      target.removeEventListener("dblclick", double);
      target.removeEventListener("contextmenu", noMenu);
      target.removeEventListener("focus", focused);
      target.removeEventListener("wheel", turn);
    };
  }, [element]);
}

function describe(
  { store, pane, columns }: PaneInput,
  { kind, event, point }: { kind: PanePointer["kind"]; event: MouseEvent; point: Point },
): PanePointer {
  const state = store.getState();
  const plane = pane.what as Plane;
  return {
    kind,
    plane,
    event,
    position: positionAt(point, plane, state.view, { size: pane, position: state.position }),
    object: objectUnder(point, plane, { columns, state, size: pane }),
    voxelsPerPixel: 1 / pixelsPerVoxel(plane, state.view).across,
  };
}
