import { createKeptPicture } from "../gl/kept-picture.ts";
import { compileProgram } from "../gl/program.ts";
import { createQuadBuffer } from "../gl/quad-buffer.ts";
import type { ObjectColumns } from "../near-objects.ts";
import type { PaneRect } from "../panes.ts";
import type { ViewerState } from "../viewer-store.ts";
import { boxLines, type Orbit, orbitMatrix } from "./space-geometry.ts";

const lineVertex = `
layout(location = 0) in vec3 place;
uniform mat4 matrix;
void main() { gl_Position = matrix * vec4(place, 1.0); }`;

const lineFragment = `
precision highp float;
uniform vec4 ink;
out vec4 color;
void main() { color = ink; }`;

const ballVertex = `
layout(location = 0) in vec3 place;
layout(location = 1) in vec3 paint;
layout(location = 2) in vec2 size;
uniform mat4 matrix;
uniform vec2 perVoxel;
out vec2 offset;
out vec3 ink;
out float chosen;
void main() {
  offset = vec2(gl_VertexID & 1, (gl_VertexID & 3) >> 1) * 2.0 - 1.0;
  ink = paint;
  chosen = size.y;
  gl_Position = size.x > 0.0 ? matrix * vec4(place, 1.0) + vec4(offset * size.x * perVoxel, 0.0, 0.0) : vec4(2.0, 2.0, 2.0, 1.0);
}`;

const ballFragment = `
precision highp float;
in vec2 offset;
in vec3 ink;
in float chosen;
out vec4 color;
void main() {
  float away = dot(offset, offset);
  if (away > 1.0) discard;
  float facing = sqrt(1.0 - away);
  float light = 0.35 + 0.65 * clamp(dot(vec3(offset, facing), normalize(vec3(-0.4, 0.6, 0.8))), 0.0, 1.0);
  vec3 lit = ink * light;
  color = vec4(chosen > 0.5 && away > 0.6 ? vec3(1.0) : lit, 1.0);
}`;

export interface SpacePainter {
  /** Draws the box, the three slices' outlines and every object as a ball, into a pane whose viewport is set. */
  paint(
    pane: PaneRect,
    columns: ObjectColumns,
    how: {
      state: ViewerState;
      orbit: Orbit;
      selected: ReadonlySet<string | number>;
      /** Left, bottom, width, height of the pane in pixels of the canvas. */
      box: readonly [number, number, number, number];
      /** Width and height in pixels of the screen. */
      drawn: readonly [number, number];
    },
  ): void;
}

interface BallLook {
  readonly selected: ReadonlySet<string | number>;
  readonly hidden: ReadonlySet<number>;
}

export function createSpacePainter(gl: WebGL2RenderingContext): SpacePainter {
  const lines = compileProgram(gl, lineVertex, lineFragment);
  const balls = compileProgram(gl, ballVertex, ballFragment);
  const lineBuffer = gl.createBuffer();
  const lineArray = lineAttributes(gl, lineBuffer);
  const quads = createQuadBuffer(gl, [3, 3, 2]);
  const picture = createKeptPicture(gl);
  let packed: { columns: ObjectColumns; look: BallLook } | null = null;

  const drawLines = (points: Float32Array, ink: readonly [number, number, number, number]): void => {
    gl.bindBuffer(gl.ARRAY_BUFFER, lineBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, points, gl.DYNAMIC_DRAW);
    gl.uniform4f(lines.uniform("ink"), ...ink);
    gl.drawArrays(gl.LINES, 0, points.length / 3);
  };

  const drawBalls = (
    columns: ObjectColumns,
    matrix: Float32Array,
    perVoxel: readonly [number, number],
    look: BallLook,
  ): void => {
    if (
      packed?.columns !== columns ||
      packed.look.selected !== look.selected ||
      packed.look.hidden !== look.hidden
    ) {
      quads.fill(ballsOf(columns, look), "kept");
      packed = { columns, look };
    }
    gl.useProgram(balls.handle);
    gl.uniformMatrix4fv(balls.uniform("matrix"), false, matrix);
    gl.uniform2f(balls.uniform("perVoxel"), ...perVoxel);
    quads.draw();
  };

  return {
    paint: (pane, columns, { state, orbit, selected, box, drawn }) => {
      const { shape, view, position, objects } = state;
      const { width, height } = pane;
      const matrix = orbitMatrix(orbit, { shape, aspect: view.aspect, width, height, yUp: view.yUp });
      const outlines = boxLines(shape, position);
      // the cross-hair moves often, the balls stay: they are drawn again only when something of theirs has changed
      const parts = [columns, orbit, selected, objects, view.aspect, view.yUp, shape];
      const draw = (): void => {
        gl.enable(gl.DEPTH_TEST);
        gl.disable(gl.BLEND);
        gl.useProgram(lines.handle);
        gl.bindVertexArray(lineArray);
        gl.uniformMatrix4fv(lines.uniform("matrix"), false, matrix);
        drawLines(outlines.box, [0.55, 0.6, 0.66, 1]);
        const diagonal = Math.hypot(...shape.map((length, axis) => length * view.aspect[axis]!));
        const voxel = (1.9 * orbit.nearness * Math.min(width, height)) / diagonal;
        if (objects.shown && columns.radii.length > 0)
          drawBalls(columns, matrix, [voxel / width, voxel / height], { selected, hidden: objects.hidden });
        gl.disable(gl.DEPTH_TEST);
        gl.enable(gl.BLEND);
      };
      picture.show(box, drawn, { of: parts, draw });
      gl.useProgram(lines.handle);
      gl.bindVertexArray(lineArray);
      gl.uniformMatrix4fv(lines.uniform("matrix"), false, matrix);
      drawLines(outlines.slices.subarray(0, 24), [1, 0.48, 0.44, 0.75]);
      drawLines(outlines.slices.subarray(24, 48), [0.38, 0.82, 0.58, 0.75]);
      drawLines(outlines.slices.subarray(48), [0.47, 0.65, 1, 0.75]);
      gl.bindVertexArray(null);
    },
  };
}

function ballsOf(
  { places, radii, colors, labels, objects }: ObjectColumns,
  { selected, hidden }: BallLook,
): Float32Array {
  const numbers = new Float32Array(radii.length * 8);
  for (let index = 0; index < radii.length; index++) {
    numbers.set(places.subarray(index * 3, index * 3 + 3), index * 8);
    numbers.set(colors.subarray(index * 3, index * 3 + 3), index * 8 + 3);
    numbers[index * 8 + 6] = hidden.has(labels[index]!) ? 0 : radii[index]!;
    numbers[index * 8 + 7] = selected.has(objects[index]!.id) ? 1 : 0;
  }
  return numbers;
}

function lineAttributes(gl: WebGL2RenderingContext, buffer: WebGLBuffer): WebGLVertexArrayObject {
  const array = gl.createVertexArray();
  gl.bindVertexArray(array);
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 3, gl.FLOAT, false, 0, 0);
  gl.bindVertexArray(null);
  return array;
}
