/**
 * 3-D convolution as a sum of 2-D convolutions of neighbouring planes (see layout.ts). Planes that are the same tensor, as
 * after upsampling, are convolved once, with the sum of their kernels. Planes of a margin of zeros give nodes that are
 * the same, which the model holds once: so a margin costs nothing along z, at any depth of the network.
 */
import type { Padding3 } from "../../network/graph.ts";
import { type Layout, type Planes, paddedTo, storedChannels, sum } from "./layout.ts";
import { type Attribute, nchwcDomain } from "./model.ts";

export interface Convolution {
  readonly x: Planes;
  /** Tensor (out, in, kz, ky, kx). */
  readonly kernel: string;
  readonly kernelShape: readonly number[];
  /** Tensor (out). */
  readonly bias: string | null;
  readonly relu: boolean;
  readonly padding: Padding3;
}

/** So few channels that those of all kz planes together are fewer than a block: they are convolved in one go. */
export const hasFewChannels = (channels: number, depth: number, block: number): boolean =>
  channels * depth < block;

export function lowerConvolution(layout: Layout, given: Convolution): Planes {
  const convolution = withMargin(layout, given);
  const { x, kernelShape, padding } = convolution;
  const [out, , kz, ky, kx] = kernelShape as [number, number, number, number, number];
  const depth = x.names.length + padding[0][0] + padding[0][1] - kz + 1;
  const few = layout.isBlocked && !x.blocked;
  const kernels = few ? [packTogether(layout, convolution)] : packByPlane(layout, convolution);
  const bias = convolution.bias === null ? "" : layout.addPadding(convolution.bias, 1, 0, [out]);
  const names = Array.from({ length: depth }, (_, z) => {
    const first = z - padding[0][0];
    const terms = few
      ? [[joinedPlanes(layout, x, first, kz), kernels[0]!] as const]
      : termsOf(layout, x, first, kernels);
    return sumOfPlanes(layout, terms, { bias, relu: convolution.relu, size: [ky, kx], padding });
  });
  return {
    kind: "planes",
    names,
    batch: x.batch,
    segments: [out],
    height: x.height + padding[1][0] + padding[1][1] - ky + 1,
    width: x.width + padding[2][0] + padding[2][1] - kx + 1,
    blocked: layout.isBlocked,
  };
}

/** Puts zeros around planes where a convolution pads by more than its kernel reaches, which its 2-D kernels do slowly. */
function withMargin(layout: Layout, convolution: Convolution): Convolution {
  const { x, kernelShape, padding } = convolution;
  const reach = Math.max(...kernelShape.slice(3)) - 1;
  const [z, ...sides] = padding;
  if (sides.flat().every((count) => count <= reach)) return convolution;
  const [[top, bottom], [left, right]] = sides;
  const channels = storedChannels(x, layout.block);
  const lane = x.blocked ? layout.block : 1;
  const [height, width] = [x.height + top + bottom, x.width + left + right];
  const names = x.names.map((plane) => {
    const apart = layout.reshape(plane, [x.batch, channels / lane, x.height, x.width, lane]);
    const larger = layout.pad(
      apart,
      5,
      new Map([...sides.entries()].map(([axis, zeros]) => [axis + 2, zeros])),
    );
    return layout.reshape(larger, [x.batch, channels, height, width]);
  });
  return {
    ...convolution,
    x: { ...x, names, height, width },
    padding: [z, [0, 0], [0, 0]],
  };
}

/** The planes that a plane of the result is made of, each once, with their kernels; at least one, be it of zeros. */
function termsOf(
  layout: Layout,
  x: Planes,
  first: number,
  kernels: readonly string[],
): readonly (readonly [plane: string, kernel: string])[] {
  const terms = new Map<string, string>();
  for (const [k, kernel] of kernels.entries()) {
    const plane = x.names[first + k];
    if (plane === undefined) continue;
    const known = terms.get(plane);
    terms.set(plane, known === undefined ? kernel : layout.model.node("Add", [known, kernel]));
  }
  if (terms.size > 0) return [...terms];
  const zeros = layout.model.zeros([x.batch, storedChannels(x, layout.block), x.height, x.width]);
  return [[zeros, kernels[0]!]];
}

interface PlaneOptions {
  readonly bias: string;
  readonly relu: boolean;
  readonly size: readonly [number, number];
  readonly padding: Padding3;
}

/** Σ conv2d(plane, kernel) + bias, rectified; the sum runs inside the convolution where the layout is blocked. */
function sumOfPlanes(
  layout: Layout,
  terms: readonly (readonly [plane: string, kernel: string])[],
  { bias, relu, size, padding }: PlaneOptions,
): string {
  const { model } = layout;
  const pads = [padding[1][0], padding[2][0], padding[1][1], padding[2][1]];
  const attributes = { kernel_shape: size, pads, strides: [1, 1], dilations: [1, 1], group: 1 };
  let total = "";
  terms.forEach(([plane, kernel], index) => {
    const last = index === terms.length - 1;
    const first = index === 0;
    if (layout.isBlocked) {
      const activation: Record<string, Attribute> = relu && last ? { activation: "Relu" } : {};
      const inputs = first ? (bias ? [plane, kernel, bias] : [plane, kernel]) : [plane, kernel, "", total];
      total = model.node("Conv", inputs, { ...attributes, ...activation }, nchwcDomain);
      return;
    }
    const part = model.node("Conv", first && bias ? [plane, kernel, bias] : [plane, kernel], attributes);
    const added = first ? part : model.node("Add", [total, part]);
    total = relu && last ? model.node("Relu", [added]) : added;
  });
  return total;
}

/** Planes first … first + count − 1 side by side along the channels, zeros for those outside. */
export function joinedPlanes(layout: Layout, x: Planes, first: number, count: number): string {
  const outside = layout.model.zeros([x.batch, sum(x.segments), x.height, x.width]);
  return layout.concat(
    Array.from({ length: count }, (_, k) => x.names[first + k] ?? outside),
    1,
  );
}

/** (out, kz · in, ky, kx), for planes joined along the channels. Stored (out / block, in, ky, kx, block). */
function packTogether(layout: Layout, { kernel, kernelShape }: Convolution): string {
  const [out, into, kz, ky, kx] = kernelShape as [number, number, number, number, number];
  const { block } = layout;
  const stored = paddedTo(out, block);
  const turned = layout.transpose(layout.addPadding(kernel, 5, 0, [out]), [0, 2, 1, 3, 4]);
  const blocks = layout.reshape(turned, [stored / block, block, kz * into, ky, kx]);
  return layout.reshape(layout.transpose(blocks, [0, 2, 3, 4, 1]), [stored, kz * into, ky, kx]);
}

/** One (out, in, ky, kx) a kz plane. Stored (out / block, in / block, ky, kx, block of in, block of out). */
function packByPlane(layout: Layout, { x, kernel, kernelShape }: Convolution): readonly string[] {
  const [out, into, kz, ky, kx] = kernelShape as [number, number, number, number, number];
  if (!layout.isBlocked) {
    const turned = layout.split(layout.transpose(kernel, [2, 0, 1, 3, 4]), kz);
    return turned.map((part) => layout.reshape(part, [out, into, ky, kx]));
  }
  const { block } = layout;
  const storedOut = paddedTo(out, block);
  const storedIn = sum(x.segments.map((segment) => paddedTo(segment, block)));
  const padded = layout.addPadding(layout.addPadding(kernel, 5, 0, [out]), 5, 1, x.segments);
  const blocks = layout.reshape(padded, [storedOut / block, block, storedIn / block, block, kz, ky, kx]);
  const parts = layout.split(layout.transpose(blocks, [4, 0, 2, 5, 6, 3, 1]), kz);
  return parts.map((part) => layout.reshape(part, [storedOut, storedIn, ky, kx]));
}
