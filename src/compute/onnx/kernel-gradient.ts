/**
 * The derivative of a convolution with respect to its kernel, as 2-D convolutions again.
 *
 * For one pair of planes it is a correlation of the input with the output's gradient: d(o, i, ky, kx) =
 * Σ_{n,y,x} input(n, i, y + ky, x + kx) · gradient(n, o, y, x). In the blocked layout a block of input channels lies
 * next to each other at every voxel. Read that block as part of the x axis, (channel block, batch, y, x · block), take the
 * batch as the channels to sum over, and convolve with the gradient as a kernel as large as the plane, dilated by
 * `block` along x: the output (channel block, out, ky, kx · block) is the kernel's gradient. No patch is copied, and the
 * sum over planes runs inside the convolution.
 */
import type { Padding3 } from "../../network/graph.ts";
import { joinedPlanes } from "./convolution.ts";
import { type Layout, type Planes, paddedTo, sum } from "./layout.ts";
import { contribDomain, nchwcDomain } from "./model.ts";

export interface KernelGradient {
  readonly x: Planes;
  readonly gradient: Planes;
  readonly padding: Padding3;
  /** (out, in, kz, ky, kx). */
  readonly kernelShape: readonly number[];
}

/** Returns the tensor (out, in, kz, ky, kx). */
export function lowerKernelGradient(layout: Layout, task: KernelGradient): string {
  if (!layout.isBlocked) return byMatrixProducts(layout, task);
  return task.x.blocked ? byBlockedConvolutions(layout, task) : byJoinedPlanes(layout, task);
}

function byBlockedConvolutions(layout: Layout, task: KernelGradient): string {
  const { x, gradient, padding, kernelShape } = task;
  const [out, , kz, ky, kx] = kernelShape as [number, number, number, number, number];
  const { block } = layout;
  const inBlocks = sum(x.segments.map((segment) => paddedTo(segment, block))) / block;
  const groups = batchGroups(x.batch, block);
  const inputs = x.names.map((plane) => asInputs(layout, plane, task, { inBlocks, lane: block, groups }));
  const kernels = gradient.names.map((plane) => asKernels(layout, plane, task, groups));
  const sums: string[] = Array.from({ length: kz }, () => "");
  kernels.forEach((kernel, z) => {
    for (let k = 0; k < kz; k++)
      for (const [group, input] of (inputs[z - padding[0][0] + k] ?? []).entries())
        sums[k] = correlate(layout, input, kernel[group]!, { task, lane: block, total: sums[k]! });
  });
  const outBlocks = paddedTo(out, block) / block;
  const planes = sums.map((tensor) => {
    if (tensor === "") return layout.model.zeros([outBlocks * block, inBlocks * block, 1, ky, kx]);
    const blocks = layout.reshape(tensor, [inBlocks, outBlocks, ky, kx, block, block]);
    const turned = layout.transpose(blocks, [1, 5, 0, 4, 2, 3]);
    return layout.reshape(turned, [outBlocks * block, inBlocks * block, 1, ky, kx]);
  });
  const whole = cutTo(layout, layout.concat(planes, 2), 0, out, outBlocks * block);
  const trimmed = layout.dropPadding(whole, 1, x.segments);
  return cutTo(layout, trimmed, 1, sum(x.segments), storedAfterTrim(x.segments, block));
}

/** For few input channels in plain planes: those of all kz planes are taken together, each a row of its own. */
function byJoinedPlanes(layout: Layout, task: KernelGradient): string {
  const { x, gradient, padding, kernelShape } = task;
  const [out, into, kz, ky, kx] = kernelShape as [number, number, number, number, number];
  const { block } = layout;
  const groups = batchGroups(x.batch, block);
  let total = "";
  gradient.names.forEach((plane, z) => {
    const joined = joinedPlanes(layout, x, z - padding[0][0], kz);
    const inputs = asInputs(layout, joined, task, { inBlocks: kz * into, lane: 1, groups });
    const kernels = asKernels(layout, plane, task, groups);
    for (const [group, input] of inputs.entries())
      total = correlate(layout, input, kernels[group]!, { task, lane: 1, total });
  });
  const outBlocks = paddedTo(out, block) / block;
  const blocks = layout.reshape(total, [kz, into, outBlocks, ky, kx, block]);
  const turned = layout.reshape(layout.transpose(blocks, [2, 5, 1, 0, 3, 4]), [
    outBlocks * block,
    into,
    kz,
    ky,
    kx,
  ]);
  return cutTo(layout, turned, 0, out, outBlocks * block);
}

/** Batch items summed over in one convolution: fewer than a block, which is what the plain-input kernel takes. */
function batchGroups(batch: number, block: number): readonly (readonly [start: number, end: number])[] {
  const most = block - 1;
  const count = Math.ceil(batch / most);
  const size = Math.ceil(batch / count);
  return Array.from(
    { length: count },
    (_, group) => [group * size, Math.min(batch, (group + 1) * size)] as const,
  );
}

/** (batch, in, y, x) as (in block, batch, y, x · lane), zero-padded, a tensor a group of the batch. */
function asInputs(
  layout: Layout,
  plane: string,
  { x, padding }: KernelGradient,
  { inBlocks, lane, groups }: { inBlocks: number; lane: number; groups: ReturnType<typeof batchGroups> },
): readonly string[] {
  const apart = layout.reshape(plane, [x.batch, inBlocks, x.height, x.width, lane]);
  const turned = x.batch === 1 || inBlocks === 1 ? apart : layout.transpose(apart, [1, 0, 2, 3, 4]);
  const ordered = layout.reshape(turned, [inBlocks, x.batch, x.height, x.width, lane]);
  const zeros = new Map([
    [2, padding[1]],
    [3, padding[2]],
  ]);
  const padded = layout.pad(ordered, 5, zeros);
  const height = x.height + padding[1][0] + padding[1][1];
  const width = (x.width + padding[2][0] + padding[2][1]) * lane;
  return groups.map(([start, end]) => {
    const part = groups.length === 1 ? padded : layout.slice(padded, 1, start, end);
    return layout.reshape(part, [inBlocks, end - start, height, width]);
  });
}

/** The gradient (batch, out, y, x) as kernels (out, batch, y, x), a tensor a group of the batch. */
function asKernels(
  layout: Layout,
  plane: string,
  { gradient }: KernelGradient,
  groups: ReturnType<typeof batchGroups>,
): readonly string[] {
  const { batch, height, width } = gradient;
  const { block } = layout;
  const outBlocks = paddedTo(sum(gradient.segments), block) / block;
  const apart = layout.reshape(plane, [batch, outBlocks, height * width * block]);
  const turned = batch === 1 || outBlocks === 1 ? apart : layout.transpose(apart, [1, 0, 2]);
  const ordered = layout.reshape(turned, [outBlocks, batch, height * width * block]);
  return groups.map(([start, end]) => {
    const part = groups.length === 1 ? ordered : layout.slice(ordered, 1, start, end);
    return layout.reshape(part, [outBlocks * block, end - start, height, width]);
  });
}

function correlate(
  layout: Layout,
  input: string,
  kernel: string,
  { task, lane, total }: { task: KernelGradient; lane: number; total: string },
): string {
  const attributes = {
    kernel_shape: [task.gradient.height, task.gradient.width],
    dilations: [1, lane],
    pads: [0, 0, 0, 0],
    strides: [1, 1],
    group: 1,
  };
  const inputs = total === "" ? [input, kernel] : [input, kernel, "", total];
  return layout.model.node("Conv", inputs, attributes, nchwcDomain);
}

/** Without blocked kernels: the ky · kx shifts of the input side by side, times the gradient. */
function byMatrixProducts(layout: Layout, { x, gradient, padding, kernelShape }: KernelGradient): string {
  const [out, into, kz, ky, kx] = kernelShape as [number, number, number, number, number];
  const { model } = layout;
  const voxels = gradient.height * gradient.width;
  const shifts = x.names.map((plane) => {
    const zeros = new Map([
      [2, padding[1]],
      [3, padding[2]],
    ]);
    const padded = layout.pad(plane, 4, zeros);
    const parts = Array.from({ length: ky * kx }, (_, index) => {
      const [y, xx] = [Math.floor(index / kx), index % kx];
      return layout.slice(layout.slice(padded, 2, y, y + gradient.height), 3, xx, xx + gradient.width);
    });
    return layout.reshape(layout.concat(parts, 1), [x.batch, ky * kx * into, voxels]);
  });
  const sums: string[] = Array.from({ length: kz }, () => "");
  gradient.names.forEach((plane, z) => {
    const rows = layout.reshape(plane, [x.batch, out, voxels]);
    for (let k = 0; k < kz; k++) {
      const shifted = shifts[z - padding[0][0] + k];
      if (shifted === undefined) continue;
      const product = model.node("FusedMatMul", [rows, shifted], { transB: 1 }, contribDomain);
      sums[k] = sums[k] === "" ? product : model.node("Add", [sums[k]!, product]);
    }
  });
  const planes = sums.map((tensor) => {
    if (tensor === "") return model.zeros([out, into, 1, ky, kx]);
    const whole = model.node("ReduceSum", [tensor, model.integers([0])], { keepdims: 0 });
    const turned = layout.transpose(layout.reshape(whole, [out, ky, kx, into]), [0, 3, 1, 2]);
    return layout.reshape(turned, [out, into, 1, ky, kx]);
  });
  return layout.concat(planes, 2);
}

const cutTo = (layout: Layout, tensor: string, axis: number, length: number, stored: number): string =>
  length === stored ? tensor : layout.slice(tensor, axis, 0, length);

/** Channels left after `dropPadding`, which touches nothing when only the last segment is padded. */
const storedAfterTrim = (segments: readonly number[], block: number): number =>
  segments.slice(0, -1).every((segment) => segment % block === 0)
    ? sum(segments.map((segment) => paddedTo(segment, block)))
    : sum(segments);
