/** What touches each element once: rectifiers, copies of boxes and channels, pooling and its adjoints, Adam. */
import type { Axes3, Operation } from "../../../../network/graph.ts";
import { type BufferId, type Dispatch, float, linearDispatch, repeat } from "../dispatch.ts";

/** Of (batch, channel, z, y, x). */
type Shape = readonly number[];

const count = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

const named = (names: Readonly<Record<string, BufferId>>) =>
  Object.entries(names).map(([name, buffer]) => ({ name, buffer }));

export const addDispatch = (a: BufferId, b: BufferId, output: BufferId, shape: Shape): Dispatch =>
  linearDispatch({
    label: "add",
    reads: named({ a, b }),
    writes: named({ output }),
    count: count(shape),
    code: "  output[i] = outputOf(f32(a[i]) + f32(b[i]));",
  });

export const reluGradientDispatch = (
  y: BufferId,
  gradient: BufferId,
  output: BufferId,
  shape: Shape,
): Dispatch =>
  linearDispatch({
    label: "reluGradient",
    reads: named({ y, gradient }),
    writes: named({ output }),
    count: count(shape),
    code: "  output[i] = select(0.0f, gradient[i], f32(y[i]) > 0.0f);",
  });

/** (z, y, x) coordinates of `i` within `extent`, and `row`: what is left, the batch and channel. */
const unravel = ([depth, height, width]: Axes3): string => `
  let ix = i % ${width}u;
  let iy = i / ${width}u % ${height}u;
  let iz = i / ${height * width}u % ${depth}u;
  let row = i / ${depth * height * width}u;`;

const extentOf = (shape: Shape): Axes3 => shape.slice(-3) as unknown as Axes3;

/** Copies channels of `x` from `from` on to those of `output` from `to` on. */
export function copyChannelsDispatch(
  x: { readonly buffer: BufferId; readonly shape: Shape; readonly from: number },
  output: { readonly buffer: BufferId; readonly shape: Shape; readonly to: number },
  channels: number,
): Dispatch {
  const voxels = count(extentOf(x.shape));
  const block = channels * voxels;
  return linearDispatch({
    label: "copy of channels",
    reads: [{ name: "x", buffer: x.buffer }],
    writes: [{ name: "output", buffer: output.buffer }],
    count: x.shape[0]! * block,
    code: `
  let item = i / ${block}u;
  let rest = i % ${block}u;
  output[item * ${output.shape[1]! * voxels}u + ${output.to * voxels}u + rest] = outputOf(f32(x[item * ${x.shape[1]! * voxels}u + ${x.from * voxels}u + rest]));`,
  });
}

/** The box [start, start + shape) of the last three axes. */
export function cropDispatch(
  x: { readonly buffer: BufferId; readonly shape: Shape },
  output: { readonly buffer: BufferId; readonly shape: Shape },
  start: Axes3,
): Dispatch {
  const [depth, height, width] = extentOf(x.shape);
  return linearDispatch({
    label: "crop3d",
    reads: [{ name: "x", buffer: x.buffer }],
    writes: [{ name: "output", buffer: output.buffer }],
    count: count(output.shape),
    code: `${unravel(extentOf(output.shape))}
  output[i] = outputOf(f32(x[((row * ${depth}u + iz + ${start[0]}u) * ${height}u + iy + ${start[1]}u) * ${width}u + ix + ${start[2]}u]));`,
  });
}

/**
 * Copies `count` planes of `x`, from the voxel `start` on, to those of `output` from channel `channel` and plane `plane` on; y and x
 * as far as the output goes.
 */
export function copyPlanesDispatch(
  x: { readonly buffer: BufferId; readonly shape: Shape; readonly start: Axes3 },
  output: {
    readonly buffer: BufferId;
    readonly shape: Shape;
    readonly channel: number;
    readonly plane: number;
  },
  count: number,
): Dispatch {
  const [batch, channels, depth, height, width] = x.shape;
  const [, outChannels, outDepth, outHeight, outWidth] = output.shape;
  const { channel, plane } = output;
  return linearDispatch({
    label: "copy of planes",
    reads: [{ name: "x", buffer: x.buffer }],
    writes: [{ name: "output", buffer: output.buffer }],
    count: batch! * channels! * count * outHeight! * outWidth!,
    code: `${unravel([count, outHeight!, outWidth!])}
  let to = row / ${channels}u * ${outChannels}u + row % ${channels}u + ${channel}u;
  output[((to * ${outDepth}u + iz + ${plane}u) * ${outHeight}u + iy) * ${outWidth}u + ix] = outputOf(f32(x[((row * ${depth}u + iz + ${x.start[0]}u) * ${height}u + iy + ${x.start[1]}u) * ${width}u + ix + ${x.start[2]}u]));`,
  });
}

export const zerosDispatch = (output: BufferId, shape: Shape): Dispatch =>
  linearDispatch({
    label: "zeros",
    reads: [],
    writes: named({ output }),
    count: count(shape),
    code: "  output[i] = outputOf(0.0f);",
  });

/** Offsets of the eight voxels of a 2×2×2 cell from its first, in an array of this extent. */
const cellOffsets = ([, height, width]: Axes3): readonly number[] =>
  [0, 1, 2, 3, 4, 5, 6, 7].map((k) => ((k >> 2) * height + ((k >> 1) & 1)) * width + (k & 1));

/** Index of the first voxel of the cell that `i` of the halved extent stands for. */
const firstOfCell = ([depth, height, width]: Axes3): string =>
  `((row * ${depth}u + 2u * iz) * ${height}u + 2u * iy) * ${width}u + 2u * ix`;

/** `shape`: of x. */
function pool(
  label: string,
  { x, output, shape }: { x: BufferId; output: BufferId; shape: Shape },
): Dispatch {
  const extent = extentOf(shape);
  const half = extent.map((length) => length / 2) as unknown as Axes3;
  const values = cellOffsets(extent).map((offset) => `f32(x[first + ${offset}u])`);
  const result =
    label === "maxPool3d"
      ? values.reduce((a, b) => `max(${a}, ${b})`)
      : values.reduce((a, b) => `${a} + ${b}`);
  return linearDispatch({
    label,
    reads: named({ x }),
    writes: named({ output }),
    count: count(shape) / 8,
    code: `${unravel(half)}\n  let first = ${firstOfCell(extent)};\n  output[i] = outputOf(${result});`,
  });
}

export const maxPoolDispatch = (x: BufferId, output: BufferId, shape: Shape): Dispatch =>
  pool("maxPool3d", { x, output, shape });

export const sumPoolDispatch = (x: BufferId, output: BufferId, shape: Shape): Dispatch =>
  pool("sumPool3d", { x, output, shape });

/** `shape`: of x. Ties share the gradient. */
export function maxPoolGradientDispatch(
  { x, y, gradient }: { x: BufferId; y: BufferId; gradient: BufferId },
  output: BufferId,
  shape: Shape,
): Dispatch {
  const extent = extentOf(shape);
  const half = extent.map((length) => length / 2) as unknown as Axes3;
  const offsets = cellOffsets(extent);
  return linearDispatch({
    label: "maxPool3dGradient",
    reads: named({ x, y, gradient }),
    writes: named({ output }),
    count: count(shape) / 8,
    code: `${unravel(half)}
  let first = ${firstOfCell(extent)};
  let largest = f32(y[i]);
${repeat(8, (k) => `  let is${k} = select(0.0f, 1.0f, f32(x[first + ${offsets[k]}u]) == largest);`)}
  let share = gradient[i] / (is0 + is1 + is2 + is3 + is4 + is5 + is6 + is7);
${repeat(8, (k) => `  output[first + ${offsets[k]}u] = select(0.0f, share, is${k} > 0.0f);`)}`,
  });
}

/** The box of the upsampled `x` from the voxel `start` on, as far as the output goes. */
export function upsampleDispatch(
  x: { readonly buffer: BufferId; readonly shape: Shape },
  output: { readonly buffer: BufferId; readonly shape: Shape },
  start: Axes3 = [0, 0, 0],
): Dispatch {
  const [depth, height, width] = extentOf(x.shape);
  const at = (index: string, axis: number) =>
    start[axis] === 0 ? `${index} / 2u` : `(${index} + ${start[axis]}u) / 2u`;
  return linearDispatch({
    label: "upsample3d",
    reads: named({ x: x.buffer }),
    writes: named({ output: output.buffer }),
    count: count(output.shape),
    code: `${unravel(extentOf(output.shape))}
  output[i] = outputOf(f32(x[((row * ${depth}u + ${at("iz", 0)}) * ${height}u + ${at("iy", 1)}) * ${width}u + ${at("ix", 2)}]));`,
  });
}

/** `shape`: of the kernel (out, in, kz, ky, kx). */
export function transposeKernelDispatch(kernel: BufferId, output: BufferId, shape: Shape): Dispatch {
  const [out, into] = shape;
  const taps = count(extentOf(shape));
  return linearDispatch({
    label: "transposeKernel",
    reads: named({ kernel }),
    writes: named({ output }),
    count: count(shape),
    code: `
  let tap = i % ${taps}u;
  let o = i / ${taps}u % ${out}u;
  let c = i / ${taps * out!}u;
  output[i] = kernel[(o * ${into}u + c) * ${taps}u + ${taps - 1}u - tap];`,
  });
}

export function adamDispatch(operation: Extract<Operation, { type: "adam" }>, shape: Shape): Dispatch {
  const { parameter, gradient, mean, variance, rate, beta1, beta2, epsilon, outputs } = operation;
  return linearDispatch({
    label: "adam",
    reads: named({ parameter, gradient, mean, variance, rate }),
    writes: named({ newParameter: outputs[0], newMean: outputs[1], newVariance: outputs[2] }),
    count: count(shape),
    code: `
  let g = gradient[i];
  let m = ${float(beta1)} * mean[i] + ${float(1 - beta1)} * g;
  let v = ${float(beta2)} * variance[i] + ${float(1 - beta2)} * g * g;
  newMean[i] = m;
  newVariance[i] = v;
  newParameter[i] = parameter[i] - rate[0] * m / (sqrt(v) + ${float(epsilon)});`,
  });
}

export function movingAverageDispatch(
  { average, value, step, decay, output }: Extract<Operation, { type: "movingAverage" }>,
  shape: Shape,
): Dispatch {
  return linearDispatch({
    label: "moving average",
    reads: named({ average, value, steps: step }),
    writes: named({ output }),
    count: count(shape),
    code: `
  let kept = min(${float(decay)}, (1.0f + steps[0]) / (10.0f + steps[0]));
  output[i] = average[i] + (1.0f - kept) * (value[i] - average[i]);`,
  });
}
