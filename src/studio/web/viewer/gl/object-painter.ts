import { sliceVoxel } from "../demand.ts";
import { nearObjects, type ObjectColumns, strengthAt } from "../near-objects.ts";
import type { PaneRect } from "../panes.ts";
import { type Plane, type Position, planeAxes, pointOf } from "../planes.ts";
import type { ViewerState } from "../viewer-store.ts";
import { objectFragment, objectVertex } from "./object-shaders.ts";
import { compileProgram } from "./program.ts";
import { createQuadBuffer } from "./quad-buffer.ts";

/** Numbers an object has in the buffer: circle 3, paint 4, how 2. */
const stride = 9;

export interface ObjectPainter {
  /** Draws the objects near the pane's slice as circles of their radius, in one call. */
  paint(
    pane: PaneRect,
    columns: ObjectColumns,
    how: { state: ViewerState; selected: ReadonlySet<string | number> },
  ): void;
}

export function createObjectPainter(gl: WebGL2RenderingContext): ObjectPainter {
  const program = compileProgram(gl, objectVertex, objectFragment);
  const quads = createQuadBuffer(gl, [3, 4, 2]);

  return {
    paint: (pane, columns, { state, selected }) => {
      const numbers = circlesOf(pane, columns, { state, selected });
      if (numbers.length === 0) return;
      quads.fill(numbers, "once");
      gl.useProgram(program.handle);
      gl.uniform2f(program.uniform("pane"), pane.width, pane.height);
      gl.uniform1f(program.uniform("edge"), 1);
      gl.uniform1i(program.uniform("filled"), state.objects.fill ? 1 : 0);
      quads.draw();
    },
  };
}

function circlesOf(
  pane: PaneRect,
  columns: ObjectColumns,
  { state, selected }: { state: ViewerState; selected: ReadonlySet<string | number> },
): Float32Array {
  const plane = pane.what as Plane;
  const { view } = state;
  const { through } = planeAxes[plane];
  const near = nearObjects(columns, plane, {
    at: sliceVoxel(state, plane),
    aspect: view.aspect,
    thickness: state.averaged,
    hidden: state.objects.hidden,
  });
  const numbers = new Float32Array(near.length * stride);
  let count = 0;
  for (const { index, away } of near) {
    const { places, radii, colors, objects } = columns;
    const place: Position = [places[index * 3]!, places[index * 3 + 1]!, places[index * 3 + 2]!];
    const { left, top } = pointOf(place, plane, view, pane);
    const radius = radii[index]! * view.zoom;
    if (left < -radius || top < -radius || left > pane.width + radius || top > pane.height + radius) continue;
    const object = objects[index]!;
    const chosen = selected.has(object.id);
    const strength = chosen ? 1 : strengthAt(away * view.aspect[through], radii[index]!);
    numbers.set(
      [
        left,
        top,
        radius,
        ...colors.subarray(index * 3, index * 3 + 3),
        strength,
        chosen ? 1 : 0,
        object.faint ? 1 : 0,
      ],
      count++ * stride,
    );
  }
  return numbers.subarray(0, count * stride);
}
