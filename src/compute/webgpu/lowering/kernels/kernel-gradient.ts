/**
 * Derivative of conv3d with respect to its kernel: sums over all voxels of input times gradient, one for each weight.
 * A workgroup goes through the boxes of one part of the volume with both operands in workgroup memory; a thread holds
 * the weights of one input channel and (y, x) tap, all taps along z, for a few output channels. Parts are added in
 * order by a second pass.
 */
import { TomoflowError } from "../../../../core/error.ts";
import type { Axes3, Padding3 } from "../../../../network/graph.ts";
import { type BufferId, type Dispatch, repeat, type Scratch, type ShaderLimits } from "../dispatch.ts";
import { sumPartsDispatch } from "./reduction.ts";

export interface KernelGradient {
  readonly x: BufferId;
  readonly gradient: BufferId;
  readonly output: BufferId;
  readonly padding: Padding3;
  readonly inputShape: readonly number[];
  /** Of the gradient: (batch, out, z, y, x). */
  readonly gradientShape: readonly number[];
  readonly kernelShape: readonly number[];
}

export function kernelGradientDispatches(
  operation: KernelGradient,
  { limits, scratch }: { limits: ShaderLimits; scratch: Scratch },
): readonly Dispatch[] {
  const tiling = tile(operation, limits);
  const { x, gradient, output, kernelShape } = operation;
  const count = kernelShape.reduce((a, b) => a * b, 1);
  const { partCount } = tiling;
  const parts = partCount === 1 ? output : scratch(4 * partCount * count);
  const first: Dispatch = {
    label: `conv3dKernelGradient ${kernelShape[1]}→${kernelShape[0]}`,
    reads: [
      { name: "x", buffer: x },
      { name: "gradient", buffer: gradient },
    ],
    writes: [{ name: "parts", buffer: parts }],
    groups: [partCount, tiling.intoBlocks, tiling.outBlocks],
    body: shader(operation, tiling),
  };
  return partCount === 1 ? [first] : [first, sumPartsDispatch(parts, output, { count, partCount })];
}

interface Tiling {
  /** Voxels that are in workgroup memory at a time. */
  readonly box: Axes3;
  readonly halo: Axes3;
  /** Floats from one input channel to the next in workgroup memory. */
  readonly channelStride: number;
  /** Output channels of a thread, a multiple of 4. */
  readonly perThread: number;
  readonly outThreads: number;
  readonly outBlocks: number;
  /** Input channels of a workgroup. */
  readonly into: number;
  readonly intoBlocks: number;
  readonly boxes: Axes3;
  readonly partCount: number;
}

/** Boxes from best to smallest. */
const boxes: readonly Axes3[] = [
  [8, 2, 8],
  [8, 2, 4],
  [4, 2, 4],
  [2, 2, 4],
  [2, 1, 2],
];
const mostThreads = 256;
const mostBytes = 32768;
/** Workgroups that keep the largest processors busy. */
const wantedGroups = 2048;
const mostPartBytes = 64 * 2 ** 20;

function tile({ kernelShape, gradientShape }: KernelGradient, limits: ShaderLimits): Tiling {
  const { workgroupBytes, registers } = limits;
  const [out, channels, ...size] = kernelShape as [number, number, number, number, number];
  const perThread = Math.min(2 * registers.channels, Math.ceil(out / 4) * 4);
  const outBlocks = Math.ceil(out / (3 * perThread));
  const outThreads = Math.ceil(out / outBlocks / perThread);
  for (const into of [16, 8, 4, 2, 1])
    for (const box of boxes) {
      if (into > 1 && into >= 2 * channels) break;
      if (into * size[1]! * size[2]! * outThreads > mostThreads) break;
      if (into > 1 && box[2] < 4) break;
      if (box[0] > registers.voxels) continue;
      const halo = box.map((length, axis) => length + size[axis]! - 1) as unknown as Axes3;
      const haloSize = halo[0] * halo[1] * halo[2];
      const channelStride = haloSize + ((35 - (haloSize % 32)) % 32); // neighbouring threads in different banks
      const bytes = 4 * (into * channelStride + box[0] * box[1] * box[2] * outThreads * perThread);
      if (bytes > Math.min(mostBytes, workgroupBytes)) continue;
      const counts = box.map((length, axis) =>
        Math.ceil(gradientShape[2 + axis]! / length),
      ) as unknown as Axes3;
      const intoBlocks = Math.ceil(channels / into);
      const boxCount = gradientShape[0]! * counts[0] * counts[1] * counts[2];
      const partBytes = 4 * out * channels * size[0]! * size[1]! * size[2]!;
      const wanted = Math.min(
        Math.ceil(wantedGroups / (intoBlocks * outBlocks)),
        Math.floor(mostPartBytes / partBytes),
      );
      const partCount = Math.max(1, Math.min(boxCount, wanted));
      return {
        box,
        halo,
        channelStride,
        perThread,
        outThreads,
        outBlocks,
        into,
        intoBlocks,
        boxes: counts,
        partCount,
      };
    }
  throw new TomoflowError(
    "kernel-too-large",
    `the gradient of a kernel of ${size.join("×")} does not fit in the ${workgroupBytes} bytes of a GPU workgroup`,
    { hint: "use the onnx engine for this network" },
  );
}

function shader(operation: KernelGradient, tiling: Tiling): string {
  const { inputShape, gradientShape, kernelShape, padding } = operation;
  const { box, halo, channelStride, perThread, outThreads, into } = tiling;
  const [batch, channels, depth, height, width] = inputShape;
  const [, out, outDepth, outHeight, outWidth] = gradientShape;
  const [kz, ky, kx] = kernelShape.slice(2) as unknown as Axes3;
  const taps = kz * ky * kx;
  const columns = into * ky * kx;
  const threads = columns * outThreads;
  const plane = halo[1] * halo[2];
  const haloSize = halo[0] * plane;
  const quads = (outThreads * perThread) / 4;
  const mine = perThread / 4;
  const layer = box[1] * box[2];
  const voxels = box[0] * layer;
  const [boxesZ, boxesY, boxesX] = tiling.boxes;
  const boxCount = batch! * boxesZ * boxesY * boxesX;
  const perPart = Math.ceil(boxCount / tiling.partCount);
  const gradientVoxels = outDepth! * outHeight! * outWidth!;
  return `
var<workgroup> inputs: array<f32, ${into * channelStride}>;
var<workgroup> gradients: array<vec4f, ${voxels * quads}>;

fn gradientAt(channel: u32, offset: u32) -> f32 {
  if (channel >= ${out}u) { return 0.0f; }
  return gradient[channel * ${gradientVoxels}u + offset];
}

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let firstInto = group.y * ${into}u;
  let firstOut = group.z * ${outThreads * perThread}u;
  let quad = lane / ${columns}u * ${mine}u;
  let c = lane % ${columns}u / ${ky * kx}u;
  let tapY = lane % ${ky * kx}u / ${kx}u;
  let tapX = lane % ${kx}u;
${repeat(kz, (z) => repeat(mine, (q) => `  var sum${z}_${q} = vec4f();`))}
  let end = min(${boxCount}u, (group.x + 1u) * ${perPart}u);
  for (var box = group.x * ${perPart}u; box < end; box++) {
    let firstX = box % ${boxesX}u * ${box[2]}u;
    let firstY = box / ${boxesX}u % ${boxesY}u * ${box[1]}u;
    let firstZ = box / ${boxesX * boxesY}u % ${boxesZ}u * ${box[0]}u;
    let item = box / ${boxesX * boxesY * boxesZ}u;
    workgroupBarrier();
    for (var i = lane; i < ${into * haloSize}u; i += ${threads}u) {
      let channel = firstInto + i / ${haloSize}u;
      let z = i32(firstZ + i % ${haloSize}u / ${plane}u) - ${padding[0][0]};
      let y = i32(firstY + i % ${plane}u / ${halo[2]}u) - ${padding[1][0]};
      let xx = i32(firstX + i % ${halo[2]}u) - ${padding[2][0]};
      var value = 0.0f;
      if (channel < ${channels}u && z >= 0 && z < ${depth} && y >= 0 && y < ${height} && xx >= 0 && xx < ${width}) {
        value = f32(x[((item * ${channels}u + channel) * ${depth}u + u32(z)) * ${height! * width!}u + u32(y) * ${width}u + u32(xx)]);
      }
      inputs[i / ${haloSize}u * ${channelStride}u + i % ${haloSize}u] = value;
    }
    for (var i = lane; i < ${voxels * quads}u; i += ${threads}u) {
      let voxel = i % ${voxels}u;
      let row = firstOut + i / ${voxels}u * 4u;
      let z = firstZ + voxel / ${layer}u;
      let y = firstY + voxel % ${layer}u / ${box[2]}u;
      let xx = firstX + voxel % ${box[2]}u;
      var value = vec4f();
      if (z < ${outDepth}u && y < ${outHeight}u && xx < ${outWidth}u) {
        let offset = item * ${out! * gradientVoxels}u + (z * ${outHeight}u + y) * ${outWidth}u + xx;
        value = vec4f(gradientAt(row, offset), gradientAt(row + 1u, offset), gradientAt(row + 2u, offset), gradientAt(row + 3u, offset));
      }
      gradients[voxel * ${quads}u + i / ${voxels}u] = value;
    }
    workgroupBarrier();
    for (var y = 0u; y < ${box[1]}u; y++) {
      for (var xx = 0u; xx < ${box[2]}u; xx++) {
        let origin = c * ${channelStride}u + (y + tapY) * ${halo[2]}u + xx + tapX;
        let at = (y * ${box[2]}u + xx) * ${quads}u + quad;
${repeat(box[0] + kz - 1, (v) => `        let x${v} = inputs[origin + ${v * plane}u];`)}
${repeat(
  box[0],
  (v) => `        {
${repeat(mine, (q) => `          let g${q} = gradients[at + ${v * layer * quads + q}u];`)}
${repeat(kz, (z) => repeat(mine, (q) => `          sum${z}_${q} += g${q} * x${v + z};`))}
        }`,
)}
      }
    }
  }
  let channel = firstInto + c;
  if (channel >= ${channels}u) { return; }
  let row = firstOut + quad * 4u;
${repeat(
  perThread,
  (o) => `  if (row + ${o}u < ${out}u) {
    let at = ((group.x * ${out}u + row + ${o}u) * ${channels}u + channel) * ${taps}u + tapY * ${kx}u + tapX;
${repeat(kz, (z) => `    parts[at + ${z * ky * kx}u] = sum${z}_${o >> 2}[${o & 3}];`)}
  }`,
)}
}`;
}
