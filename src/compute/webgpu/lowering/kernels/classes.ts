/** Softmax and labels: what works across the classes of each voxel; one thread a voxel. */
import { type BufferId, type Dispatch, linearDispatch } from "../dispatch.ts";

/** WGSL: `first`, the index of the voxel's first class, and the step to its next, from a voxel's number `i`. */
const firstClass = (classes: number, voxels: number): string =>
  `  let first = i / ${voxels}u * ${classes * voxels}u + i % ${voxels}u;`;

/** `shape`: (batch, class, z, y, x). */
const sizes = ([batch, classes, ...extent]: readonly number[]) => {
  const voxels = extent.reduce((a, b) => a * b, 1);
  return { batch: batch!, classes: classes!, voxels, count: batch! * voxels };
};

export function softmaxDispatch(x: BufferId, output: BufferId, shape: readonly number[]): Dispatch {
  const { classes, voxels, count } = sizes(shape);
  return linearDispatch({
    label: "softmax",
    reads: [{ name: "x", buffer: x }],
    writes: [{ name: "output", buffer: output }],
    count,
    code: `${firstClass(classes, voxels)}
  var largest = x[first];
  for (var c = 1u; c < ${classes}u; c++) { largest = max(largest, x[first + c * ${voxels}u]); }
  var sum = 0.0f;
  for (var c = 0u; c < ${classes}u; c++) { sum += exp(x[first + c * ${voxels}u] - largest); }
  for (var c = 0u; c < ${classes}u; c++) { output[first + c * ${voxels}u] = exp(x[first + c * ${voxels}u] - largest) / sum; }`,
  });
}

/** p · (g − Σ_c p g). */
export function softmaxGradientDispatch(
  y: BufferId,
  gradient: BufferId,
  { output, shape }: { output: BufferId; shape: readonly number[] },
): Dispatch {
  const { classes, voxels, count } = sizes(shape);
  return linearDispatch({
    label: "softmaxGradient",
    reads: [
      { name: "y", buffer: y },
      { name: "gradient", buffer: gradient },
    ],
    writes: [{ name: "output", buffer: output }],
    count,
    code: `${firstClass(classes, voxels)}
  var total = 0.0f;
  for (var c = 0u; c < ${classes}u; c++) { total += y[first + c * ${voxels}u] * gradient[first + c * ${voxels}u]; }
  for (var c = 0u; c < ${classes}u; c++) {
    output[first + c * ${voxels}u] = y[first + c * ${voxels}u] * (gradient[first + c * ${voxels}u] - total);
  }`,
  });
}

/** Four labels of 8 bits a thread. */
export function argMaxDispatch(x: BufferId, output: BufferId, shape: readonly number[]): Dispatch {
  const { classes, voxels, count } = sizes(shape);
  return linearDispatch({
    label: "argMax",
    reads: [{ name: "x", buffer: x }],
    writes: [{ name: "output", buffer: output, element: "u32" }],
    count: Math.ceil(count / 4),
    functions: `
fn labelOf(i: u32) -> u32 {
  if (i >= ${count}u) { return 0u; }
${firstClass(classes, voxels)}
  var label = 0u;
  var largest = x[first];
  for (var c = 1u; c < ${classes}u; c++) {
    let value = x[first + c * ${voxels}u];
    if (value > largest) { largest = value; label = c; }
  }
  return label;
}`,
    code: "  output[i] = labelOf(4u * i) | (labelOf(4u * i + 1u) << 8u) | (labelOf(4u * i + 2u) << 16u) | (labelOf(4u * i + 3u) << 24u);",
  });
}
