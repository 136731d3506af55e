/** The annotator's tool in the panes: double click adds, drag moves an object, a click chooses one. */
import type { ObjectId, Point } from "../../protocol/lists.ts";
import type { Position } from "../viewer/planes.ts";
import type { PanePointer, ShownObject, ViewerTool } from "../viewer/viewer-props.ts";

export interface AnnotateActions {
  add(place: Point): void;
  select(id: ObjectId, how: { more: boolean }): void;
  /** While it is dragged; null: the drag is over. */
  preview(moved: { readonly id: ObjectId; readonly place: Point } | null): void;
  move(id: ObjectId, place: Point): void;
  /** Nothing may be changed. */
  readonly isReadOnly: () => boolean;
}

interface Drag {
  readonly object: ShownObject;
  /** From the pointer to the object's middle, in the plane. */
  readonly grip: Position;
  readonly from: { readonly left: number; readonly top: number };
  moved: boolean;
}

/** What the tool needs of a press, for readers that know no browser. */
interface Press {
  readonly clientX: number;
  readonly clientY: number;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

const pressOf = ({ event }: PanePointer): Press => event as unknown as Press;

/** CSS pixels that a hand trembles. */
const tremble = 3;

export function createAnnotateTool(actions: AnnotateActions): ViewerTool {
  let drag: Drag | null = null;
  const placeOf = ({ object, grip }: Drag, pointer: PanePointer): Point =>
    movedInPlane(object, pointer, grip);
  const down = (pointer: PanePointer): boolean => {
    const { object, position } = pointer;
    if (!object) return false;
    const event = pressOf(pointer);
    const grip = [object.x - position[0], object.y - position[1], object.z - position[2]] as const;
    actions.select(String(object.id), { more: event.ctrlKey || event.metaKey });
    drag = { object, grip, from: { left: event.clientX, top: event.clientY }, moved: false };
    return true;
  };
  const move = (pointer: PanePointer): boolean => {
    if (!drag || actions.isReadOnly()) return drag !== null;
    const { clientX, clientY } = pressOf(pointer);
    drag.moved ||= Math.hypot(clientX - drag.from.left, clientY - drag.from.top) > tremble;
    if (drag.moved) actions.preview({ id: String(drag.object.id), place: placeOf(drag, pointer) });
    return true;
  };
  const up = (pointer: PanePointer): boolean => {
    const done = drag;
    drag = null;
    if (!done) return false;
    actions.preview(null);
    if (done.moved && pointer.kind === "up") actions.move(String(done.object.id), placeOf(done, pointer));
    return true;
  };
  return {
    name: "Annotate",
    cursor: "crosshair",
    hints: [
      ["double click", "add"],
      ["drag", "move"],
      ["click", "choose"],
      ["1–9", "class"],
      ["Del", "remove"],
    ],
    onPointer: (pointer) => {
      switch (pointer.kind) {
        case "down":
          return down(pointer);
        case "move":
          return move(pointer);
        case "up":
        case "cancel":
          return up(pointer);
        case "double": {
          if (pointer.object || actions.isReadOnly()) return true;
          const [x, y, z] = pointer.position;
          actions.add({ x: rounded(x), y: rounded(y), z: rounded(z) });
          return true;
        }
      }
    },
  };
}

/** Places are kept to a tenth of a voxel: no hand is more exact. */
export const rounded = (value: number): number => Math.round(value * 10) / 10 + 0;

const axisThrough = { xy: 2, xz: 1, yz: 0 } as const;

/** Where an object is dragged to: along the two axes of the plane, the third stays. */
function movedInPlane(
  object: Point,
  { plane, position }: Pick<PanePointer, "plane" | "position">,
  grip: Position,
): Point {
  const place = [object.x, object.y, object.z].map((value, axis) =>
    axis === axisThrough[plane] ? value : rounded(position[axis]! + grip[axis]!),
  );
  return { x: place[0]!, y: place[1]!, z: place[2]! };
}
