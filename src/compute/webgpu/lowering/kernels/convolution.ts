/**
 * 3-D convolution as an implicit matrix product: a workgroup computes a block of output channels on a box of voxels.
 * The input box with its halo and the weights of a few channels are brought to workgroup memory once and used for all
 * taps. A thread keeps a few output channels of a column of voxels along z in registers, so that each voxel it reads
 * serves all taps along z.
 */
import { TomoflowError } from "../../../../core/error.ts";
import type { Axes3, Padding3 } from "../../../../network/graph.ts";
import { type BufferId, type Dispatch, planesOf, repeat, type ShaderLimits } from "../dispatch.ts";

export interface Convolution {
  readonly x: BufferId;
  readonly kernel: BufferId;
  readonly bias: BufferId | null;
  readonly output: BufferId;
  readonly relu: boolean;
  readonly padding: Padding3;
  /** (batch, channel, z, y, x). */
  readonly inputShape: readonly number[];
  /** (out, in, kz, ky, kx). */
  readonly kernelShape: readonly number[];
  readonly outputShape: readonly number[];
}

export function convolutionDispatch(convolution: Convolution, limits: ShaderLimits): Dispatch {
  const tiling = tile(convolution, limits);
  const { x, kernel, bias, output, inputShape, outputShape } = convolution;
  const [depth, height, width] = outputShape.slice(2) as unknown as Axes3;
  const [boxZ, boxY, boxX] = tiling.box;
  return {
    label: `conv3d ${inputShape[1]}→${outputShape[1]}`,
    reads: [
      { name: "x", buffer: x },
      { name: "kernel", buffer: kernel },
      ...(bias === null ? [] : [{ name: "bias", buffer: bias }]),
    ],
    writes: [{ name: "output", buffer: output }],
    body: shader(convolution, tiling),
    groups: [
      Math.ceil(width / boxX) * Math.ceil(height / boxY),
      Math.ceil(depth / boxZ),
      outputShape[0]! * tiling.channelBlocks,
    ],
  };
}

interface Tiling {
  /** Voxels of a workgroup's box; a thread has a column along z. */
  readonly box: Axes3;
  readonly halo: Axes3;
  /** Output channels of a thread. */
  readonly perThread: number;
  /** Threads along the output channels. */
  readonly channelThreads: number;
  readonly channelBlocks: number;
  /** Input channels that are in workgroup memory at a time. */
  readonly stage: number;
}

/** More workgroup memory than this keeps too few workgroups on a processor. */
const stageBytes = 16384;

function tile({ kernelShape, outputShape }: Convolution, limits: ShaderLimits): Tiling {
  const { workgroupBytes, registers } = limits;
  const perThread = registers.channels;
  const [, channels, depth, , width] = outputShape as [number, number, number, number, number];
  const [, into, ...size] = kernelShape as [number, number, number, number, number];
  const taps = size[0]! * size[1]! * size[2]!;
  for (let most = 4; most >= 1; most--) {
    const channelBlocks = Math.ceil(channels / (most * perThread));
    const channelThreads = Math.ceil(channels / channelBlocks / perThread);
    const columns = channelThreads === 1 ? 256 : channelThreads === 2 ? 128 : 64;
    const boxX = width <= 8 ? 8 : 16;
    const box: Axes3 = [columnLength(depth, registers.voxels), columns / boxX, boxX];
    const halo = box.map((length, axis) => length + size[axis]! - 1) as unknown as Axes3;
    const bytes = 4 * (halo[0] * halo[1] * halo[2] + taps * channelThreads * perThread);
    if (bytes > workgroupBytes) continue;
    const stage = Math.max(1, Math.min(into, Math.floor(Math.min(stageBytes, workgroupBytes) / bytes)));
    return { box, halo, perThread, channelThreads, channelBlocks, stage };
  }
  throw new TomoflowError(
    "kernel-too-large",
    `a convolution of ${size.join("×")} does not fit in the ${workgroupBytes} bytes of a GPU workgroup`,
    { hint: "use the onnx engine for this network" },
  );
}

/** As many voxels a thread as it can hold, unless half as many waste clearly less at the end of the axis. */
const columnLength = (depth: number, most: number): number => {
  const computed = (length: number) => Math.ceil(depth / length) * length;
  return computed(most) <= 1.15 * computed(most / 2) ? most : most / 2;
};

function shader(convolution: Convolution, tiling: Tiling): string {
  const { inputShape, kernelShape, outputShape, padding, relu } = convolution;
  const { box, halo, perThread, channelThreads, channelBlocks, stage } = tiling;
  const [, into, , height, width] = inputShape;
  const [, out, , outHeight, outWidth] = outputShape;
  const [kz, ky, kx] = kernelShape.slice(2) as unknown as Axes3;
  const columns = box[1] * box[2];
  const threads = columns * channelThreads;
  const plane = halo[1] * halo[2];
  const haloSize = halo[0] * plane;
  const taps = kz * ky * kx;
  const quads = (channelThreads * perThread) / 4;
  const mine = perThread / 4;
  const voxels = box[0];
  const boxesX = Math.ceil(outWidth! / box[2]);
  const store = (voxel: number, channel: number) => {
    const sum = `sum${voxel}_${channel >> 2}[${channel & 3}]${convolution.bias === null ? "" : ` + bias[channel + ${channel}u]`}`;
    return `    if (channel + ${channel}u < ${out}u) { output[at + ${channel}u * outVoxels] = outputOf(${relu ? `max(${sum}, 0.0f)` : sum}); }`;
  };
  return `
var<workgroup> tile: array<f32, ${stage * haloSize}>;
var<workgroup> weights: array<vec4f, ${stage * taps * quads}>;

fn weight(channel: u32, offset: u32) -> f32 {
  if (channel >= ${out}u) { return 0.0f; }
  return kernel[channel * ${into! * taps}u + offset];
}

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let depth = ${planesOf("x", inputShape)};
  let outVoxels = ${planesOf("output", outputShape)} * ${outHeight! * outWidth!}u;
  let column = lane % ${columns}u;
  let columnX = column % ${box[2]}u;
  let columnY = column / ${box[2]}u;
  let firstX = (group.x % ${boxesX}u) * ${box[2]}u;
  let firstY = (group.x / ${boxesX}u) * ${box[1]}u;
  let firstZ = group.y * ${box[0]}u;
  let item = group.z / ${channelBlocks}u;
  let firstChannel = (group.z % ${channelBlocks}u) * ${channelThreads * perThread}u;
  let quad = (lane / ${columns}u) * ${mine}u;
${repeat(voxels, (v) => repeat(mine, (q) => `  var sum${v}_${q} = vec4f();`))}
  for (var first = 0u; first < ${into}u; first += ${stage}u) {
    workgroupBarrier();
    for (var i = lane; i < ${stage * haloSize}u; i += ${threads}u) {
      let channel = first + i / ${haloSize}u;
      let z = i32(firstZ + i % ${haloSize}u / ${plane}u) - ${padding[0][0]};
      let y = i32(firstY + i % ${plane}u / ${halo[2]}u) - ${padding[1][0]};
      let xx = i32(firstX + i % ${halo[2]}u) - ${padding[2][0]};
      var value = 0.0f;
      if (channel < ${into}u && z >= 0 && z < i32(depth) && y >= 0 && y < ${height} && xx >= 0 && xx < ${width}) {
        value = f32(x[((item * ${into}u + channel) * depth + u32(z)) * ${height! * width!}u + u32(y) * ${width}u + u32(xx)]);
      }
      tile[i] = value;
    }
    for (var i = lane; i < ${stage * taps * quads}u; i += ${threads}u) {
      let channel = first + i / ${taps * quads}u;
      let offset = channel * ${taps}u + i / ${quads}u % ${taps}u;
      let row = firstChannel + i % ${quads}u * 4u;
      var value = vec4f();
      if (channel < ${into}u) {
        value = vec4f(weight(row, offset), weight(row + 1u, offset), weight(row + 2u, offset), weight(row + 3u, offset));
      }
      weights[i] = value;
    }
    workgroupBarrier();
    for (var c = 0u; c < ${stage}u; c++) {
      for (var tapY = 0u; tapY < ${ky}u; tapY++) {
        for (var tapX = 0u; tapX < ${kx}u; tapX++) {
          let origin = c * ${haloSize}u + (columnY + tapY) * ${halo[2]}u + columnX + tapX;
          let tap = (c * ${taps}u + tapY * ${kx}u + tapX) * ${quads}u + quad;
${repeat(voxels + kz - 1, (v) => `          let x${v} = tile[origin + ${v * plane}u];`)}
${repeat(
  kz,
  (z) => `${repeat(mine, (q) => `          let w${z}_${q} = weights[tap + ${z * ky * kx * quads + q}u];`)}
${repeat(voxels, (v) => repeat(mine, (q) => `          sum${v}_${q} += w${z}_${q} * x${v + z};`))}`,
)}
        }
      }
    }
  }
  let channel = firstChannel + quad * 4u;
  let outX = firstX + columnX;
  let outY = firstY + columnY;
  if (outX >= ${outWidth}u || outY >= ${outHeight}u) { return; }
${repeat(
  voxels,
  (v) => `  if ((firstZ + ${v}u) * ${outHeight! * outWidth!}u < outVoxels) {
    let at = (item * ${out}u + channel) * outVoxels + (firstZ + ${v}u) * ${outHeight! * outWidth!}u + outY * ${outWidth}u + outX;
${repeat(perThread, (channel) => store(v, channel))}
  }`,
)}
}`;
}
