/**
 * 3-D convolution of (batch, z, y, x, channel) in two formulations, both differentiated by tfjs. `volume` is TensorFlow's
 * own 3-D convolution, fast with cuDNN and oneDNN. Where neither is in the library its gradients are five to ten times
 * slower than those of `planes`: one 2-D convolution of every plane with the kernel's z positions as further output
 * channels, whose results are shifted along z and added.
 */
import { type Axes3, type Padding3, samePadding } from "../../network/graph.ts";
import type { Rank, Tensor, Tensor4D, Tensor5D, TensorFlow } from "./runtime.ts";

export type Formulation = "volume" | "planes";

/** Kernel as in the graph: (out, in, kz, ky, kx). */
export interface Convolution {
  readonly x: Tensor5D;
  readonly kernel: Tensor5D;
  readonly padding: Padding3;
}

export const convolve = (tf: TensorFlow, formulation: Formulation, operands: Convolution): Tensor5D =>
  formulation === "volume" ? convolveVolume(tf, operands) : convolvePlanes(tf, operands);

/**
 * Derivatives with respect to `x` and `kernel`, from that with respect to the result: by the rules that tfjs has for its
 * convolutions, called directly, so that they can be used inside a rule of our own.
 */
export const convolutionGradients = (
  tf: TensorFlow,
  formulation: Formulation,
  operands: Convolution & { readonly gradient: Tensor5D },
): [x: Tensor5D, kernel: Tensor5D] =>
  formulation === "volume" ? volumeGradients(tf, operands) : planesGradients(tf, operands);

function volumeGradients(
  tf: TensorFlow,
  { x, kernel, padding, gradient }: Convolution & { readonly gradient: Tensor5D },
): [Tensor5D, Tensor5D] {
  const same = isSame(kernel, padding, [0, 1, 2]);
  const saved = [same ? x : withZeros(tf, x, padding), filterOf(tf, kernel)];
  const settings = { strides: 1, pad: same ? "same" : "valid", dilations: 1 };
  const rule = tf.getGradient(tf.Conv3D).gradFunc(gradient, saved, settings);
  const ofX = rule.x!() as Tensor5D;
  const ofKernel = tf.transpose(rule.filter!() as Tensor5D, [4, 3, 0, 1, 2]);
  return [same ? ofX : tf.slice(ofX, [0, ...beginnings(padding), 0], x.shape), ofKernel];
}

function planesGradients(
  tf: TensorFlow,
  { x, kernel, padding, gradient }: Convolution & { readonly gradient: Tensor5D },
): [Tensor5D, Tensor5D] {
  const [out, into, kz, ky, kx] = kernel.shape;
  const [batch, depth] = x.shape;
  const [, , height, width] = gradient.shape;
  const { planes, filter, same } = planesOf(tf, { x, kernel, padding });
  const parts = Array.from({ length: kz }, (_, k) => {
    const [part] = shiftPlanes(tf, gradient, { offset: padding[0][0] - k, outDepth: depth });
    return part ?? tf.zeros<Rank.R5>([batch, depth, height, width, out]);
  });
  const wide = tf.reshape(tf.concat(parts, 4), [batch * depth, height, width, kz * out]);
  const settings = { strides: 1, pad: same ? "same" : "valid", dataFormat: "NHWC", dilations: 1 };
  const rule = tf.getGradient(tf.Conv2D).gradFunc(wide, [planes, filter], settings);
  const paddedShape: Tensor5D["shape"] = [batch, depth, planes.shape[1], planes.shape[2], into];
  const ofPadded: Tensor5D = tf.reshape(rule.x!(), paddedShape);
  const ofX = same ? ofPadded : tf.slice(ofPadded, [0, 0, padding[1][0], padding[2][0], 0], x.shape);
  const ofFilter: Tensor5D = tf.reshape(rule.filter!(), [ky, kx, into, kz, out]);
  return [ofX, tf.transpose(ofFilter, [4, 2, 3, 0, 1])];
}

const beginnings = ([z, y, x]: Padding3): [number, number, number] => [z[0], y[0], x[0]];

const filterOf = (tf: TensorFlow, kernel: Tensor5D): Tensor5D => tf.transpose(kernel, [2, 3, 4, 1, 0]);

function convolveVolume(tf: TensorFlow, { x, kernel, padding }: Convolution): Tensor5D {
  const filter = filterOf(tf, kernel);
  if (isSame(kernel, padding, [0, 1, 2])) return tf.conv3d(x, filter, 1, "same");
  return tf.conv3d(withZeros(tf, x, padding), filter, 1, "valid");
}

function convolvePlanes(tf: TensorFlow, { x, kernel, padding }: Convolution): Tensor5D {
  const [out, , kz] = kernel.shape;
  const [batch, depth] = x.shape;
  const { planes, filter, same } = planesOf(tf, { x, kernel, padding });
  const wide = tf.conv2d(planes, filter, 1, same ? "same" : "valid");
  const [, height, width] = wide.shape;
  const volume: Tensor5D = tf.reshape(wide, [batch, depth, height, width, kz * out]);
  const parts: Tensor5D[] = kz === 1 ? [volume] : tf.split(volume, kz, 4); // a split into one has no gradient in tfjs
  const [before, after] = padding[0];
  const outDepth = depth + before + after - kz + 1;
  const shifted = parts.flatMap((part, k) => shiftPlanes(tf, part, { offset: k - before, outDepth }));
  return shifted.reduce((sum, part) => tf.add(sum, part));
}

/** Every plane of `x` as an image, and the kernel with its z positions among the output channels. */
function planesOf(
  tf: TensorFlow,
  { x, kernel, padding }: Convolution,
): { planes: Tensor4D; filter: Tensor4D; same: boolean } {
  const [out, into, kz, ky, kx] = kernel.shape;
  const [batch, depth] = x.shape;
  const filter: Tensor4D = tf.reshape(tf.transpose(kernel, [3, 4, 1, 2, 0]), [ky, kx, into, kz * out]);
  const same = isSame(kernel, padding, [1, 2]);
  const padded = same ? x : withZeros(tf, x, [[0, 0], padding[1], padding[2]]);
  const shape: Tensor4D["shape"] = [batch * depth, padded.shape[2], padded.shape[3], into];
  return { planes: tf.reshape(padded, shape), filter, same };
}

/** Plane z of the result is plane z + `offset` of `part`, zeros where there is none; nothing when all are zeros. */
function shiftPlanes(
  tf: TensorFlow,
  part: Tensor5D,
  { offset, outDepth }: { offset: number; outDepth: number },
): readonly Tensor5D[] {
  const [batch, depth, ...rest] = part.shape;
  const from = Math.max(0, offset);
  const to = Math.min(depth, outDepth + offset);
  if (to <= from) return [];
  const kept = tf.slice(part, [0, from, 0, 0, 0], [batch, to - from, ...rest]);
  const zeros: readonly [number, number] = [from - offset, outDepth + offset - to];
  return [withZeros(tf, kept, [zeros, [0, 0], [0, 0]])];
}

function withZeros(tf: TensorFlow, x: Tensor5D, padding: Padding3): Tensor5D {
  if (padding.flat().every((count) => count === 0)) return x;
  return tf.pad(x, [[0, 0], ...padding.map(([before, after]) => [before, after]), [0, 0]] as [
    number,
    number,
  ][]);
}

/** Whether the padding along these axes is what TensorFlow calls "same". */
function isSame(kernel: Tensor5D, padding: Padding3, axes: readonly number[]): boolean {
  const same = samePadding(kernel.shape.slice(2) as unknown as Axes3);
  return axes.every((axis) => padding[axis]!.join() === same[axis]!.join());
}

/** How much faster `planes` must be to be taken: the measurement is short, and the same machine must always choose the same. */
const clearly = 2;

/** Times both formulations, forward and backward, on a small convolution: tenths of a second. */
export function chooseFormulation(tf: TensorFlow): Formulation {
  const shape: [number, number, number, number, number] = [1, 16, 24, 24, 16];
  const seconds = (formulation: Formulation): number =>
    tf.tidy(() => {
      const x = tf.ones(shape) as Tensor5D;
      const kernel = tf.ones([16, 16, 3, 3, 3]) as Tensor5D;
      const padding = samePadding([3, 3, 3]);
      const f = (a: Tensor, b: Tensor) =>
        convolve(tf, formulation, { x: a as Tensor5D, kernel: b as Tensor5D, padding });
      return Math.min(...Array.from({ length: 4 }, () => timeGradients(tf, f, [x, kernel])));
    });
  return seconds("volume") > clearly * seconds("planes") ? "planes" : "volume";
}

function timeGradients(
  tf: TensorFlow,
  f: (x: Tensor, kernel: Tensor) => Tensor,
  operands: [Tensor5D, Tensor5D],
): number {
  return tf.tidy(() => {
    const start = performance.now();
    for (const gradient of tf.grads(f)(operands, operands[0])) tf.sum(gradient).dataSync(); // waits for a GPU
    return performance.now() - start;
  });
}
