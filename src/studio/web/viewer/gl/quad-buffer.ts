/**
 * Many small rectangles drawn in one call. Each has its numbers at all four corners; the shader tells the corners by `gl_VertexID & 3`.
 * Not instanced: graphics drivers take each instance as a draw of its own, SwiftShader some 15 µs, which is far more than
 * the few pixels of a circle cost.
 */
export interface QuadBuffer {
  /** @param numbers those of each rectangle, one rectangle after the other */
  fill(numbers: Float32Array, usage: "once" | "kept"): void;
  /** Draws all that were filled in, with the program in use. */
  draw(): void;
}

/** @param counts how many numbers each attribute takes, at places 0, 1, … */
export function createQuadBuffer(gl: WebGL2RenderingContext, counts: readonly number[]): QuadBuffer {
  const stride = counts.reduce((sum, count) => sum + count, 0);
  const corners = gl.createBuffer();
  const triangles = gl.createBuffer();
  const array = gl.createVertexArray();
  gl.bindVertexArray(array);
  gl.bindBuffer(gl.ARRAY_BUFFER, corners);
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, triangles);
  let offset = 0;
  counts.forEach((count, place) => {
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, count, gl.FLOAT, false, stride * 4, offset * 4);
    offset += count;
  });
  gl.bindVertexArray(null);
  let room = 0;
  let filled = 0;

  const makeRoom = (count: number): void => {
    if (count <= room) return;
    room = Math.max(count, room * 2, 256);
    const indices = new Uint32Array(room * 6);
    for (let quad = 0; quad < room; quad++)
      indices.set(
        [0, 1, 2, 2, 1, 3].map((corner) => quad * 4 + corner),
        quad * 6,
      );
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, triangles);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, indices, gl.STATIC_DRAW);
  };
  return {
    fill: (numbers, usage) => {
      filled = numbers.length / stride;
      const each = new Float32Array(numbers.length * 4);
      for (let quad = 0; quad < filled; quad++) {
        const one = numbers.subarray(quad * stride, (quad + 1) * stride);
        for (let corner = 0; corner < 4; corner++) each.set(one, (quad * 4 + corner) * stride);
      }
      gl.bindVertexArray(array);
      makeRoom(filled);
      gl.bindBuffer(gl.ARRAY_BUFFER, corners);
      gl.bufferData(gl.ARRAY_BUFFER, each, usage === "once" ? gl.DYNAMIC_DRAW : gl.STATIC_DRAW);
      gl.bindVertexArray(null);
    },
    draw: () => {
      if (filled === 0) return;
      gl.bindVertexArray(array);
      gl.drawElements(gl.TRIANGLES, filled * 6, gl.UNSIGNED_INT, 0);
      gl.bindVertexArray(null);
    },
  };
}
