/**
 * 3-D convolution on a GPU's matrix units, as an implicit matrix product: output channels × (input channels and taps) × voxels.
 * The input box with its halo is brought to workgroup memory for a few channels at a time, a voxel's channels side by side, so
 * that the operand of every tap is the same memory read from another voxel on. A subgroup keeps the sums of a few blocks of
 * output channels on rows of voxels, a column of them along z: each row that it reads serves all taps along z. Weights are
 * rounded to 16 bits and laid out block by block beforehand. Sums are in 32 bits. An input in 32 bits, a gradient, is scaled so
 * that 16 bits hold it.
 */
import type { Axes3 } from "../../../../network/graph.ts";
import { type MatrixUnits, mostThreads } from "../../device/matrix-units.ts";
import {
  type BufferId,
  type Dispatch,
  linearDispatch,
  planesOf,
  repeat,
  type Scratch,
  type ShaderLimits,
} from "../dispatch.ts";
import type { Convolution } from "./convolution.ts";
import { declareTile, fillTile, type MatrixTile, tileQuads, voxelQuads } from "./matrix-tile.ts";
import { scaleDispatches } from "./scale.ts";

/** A convolution with the scale of its input, where that is not stored in 16 bits. */
interface ScaledConvolution extends Convolution {
  readonly scale: BufferId | undefined;
}

/**
 * The dispatches; undefined where matrix units are missing, or would mostly multiply zeros, or the tile does not fit.
 * `isHalf`: the input is stored in 16 bits.
 */
export function matrixConvolutionDispatches(
  convolution: Convolution,
  { limits, scratch, isHalf }: { limits: ShaderLimits; scratch: Scratch; isHalf: boolean },
): readonly Dispatch[] | undefined {
  const { matrixUnits } = limits;
  if (matrixUnits === undefined) return undefined;
  const [out, into] = convolution.kernelShape as [number, number];
  if (2 * into < matrixUnits.depth || 2 * out < matrixUnits.rows) return undefined;
  const tiling = tile(convolution, matrixUnits, limits);
  if (tiling === undefined) return undefined;
  const packed = scratch(2 * packedLength(convolution, tiling));
  const length = convolution.inputShape.reduce((product, side) => product * side, 1);
  const scaling = isHalf ? undefined : scaleDispatches(convolution.x, { length, scratch });
  return [
    packDispatch(convolution, tiling, packed),
    ...(scaling?.dispatches ?? []),
    productDispatch({ ...convolution, scale: scaling?.scale }, tiling, packed),
  ];
}

interface Tiling extends MatrixUnits {
  /** Voxels of a workgroup's box: rows of a subgroup along z, subgroups along y, columns of a product along x. */
  readonly box: Axes3;
  readonly halo: Axes3;
  /** Blocks of output channels of a subgroup. */
  readonly blocks: number;
  /** Subgroups along the output channels. */
  readonly channelGroups: number;
  /** Workgroups along the output channels. */
  readonly channelWorkgroups: number;
  /** Groups of `depth` input channels. */
  readonly chunks: number;
}

const mostBlocks = 3;

/** Boxes of (z, y) from best to smallest. */
const boxes: readonly (readonly [number, number])[] = [
  [4, 4],
  [2, 4],
  [2, 2],
  [1, 2],
  [1, 1],
];

function tile({ kernelShape }: Convolution, units: MatrixUnits, limits: ShaderLimits): Tiling | undefined {
  const { rows, columns, depth, subgroupSize } = units;
  const [out, into, ...size] = kernelShape as [number, number, number, number, number];
  const all = Math.ceil(out / rows);
  const channelWorkgroups = Math.ceil(all / (2 * mostBlocks));
  const perWorkgroup = Math.ceil(all / channelWorkgroups);
  const channelGroups = perWorkgroup <= mostBlocks ? 1 : 2;
  const blocks = Math.ceil(perWorkgroup / channelGroups);
  for (const [z, y] of boxes) {
    if (z > limits.registers.voxels || y * channelGroups * subgroupSize > mostThreads) continue;
    const box: Axes3 = [z, y, columns];
    const halo = box.map((length, axis) => length + size[axis]! - 1) as unknown as Axes3;
    const tileBytes = 8 * tileQuads({ extent: halo, staged: depth });
    if (tileBytes + 4 * y * channelGroups * rows * columns > limits.workgroupBytes) continue;
    const chunks = Math.ceil(into / depth);
    return { ...units, box, halo, blocks, channelGroups, channelWorkgroups, chunks };
  }
  return undefined;
}

const tapsOf = ({ kernelShape }: Convolution): number =>
  kernelShape.slice(2).reduce((product, length) => product * length, 1);

function packedLength(convolution: Convolution, tiling: Tiling): number {
  const { rows, depth, chunks, blocks, channelGroups, channelWorkgroups } = tiling;
  return blocks * channelGroups * channelWorkgroups * chunks * tapsOf(convolution) * rows * depth;
}

/** Weights as (block of output channels, group of input channels, tap, output channel, input channel), zeros where there is none. */
function packDispatch(convolution: Convolution, tiling: Tiling, packed: BufferId): Dispatch {
  const { rows, depth, chunks } = tiling;
  const [out, into] = convolution.kernelShape;
  const taps = tapsOf(convolution);
  return linearDispatch({
    label: "weights for matrix units",
    reads: [{ name: "kernel", buffer: convolution.kernel }],
    writes: [{ name: "packed", buffer: packed, element: "f16" }],
    count: packedLength(convolution, tiling),
    code: `
  let tap = i / ${rows * depth}u % ${taps}u;
  let channel = i / ${rows * depth * taps}u % ${chunks}u * ${depth}u + i % ${depth}u;
  let row = i / ${rows * depth * taps * chunks}u * ${rows}u + i / ${depth}u % ${rows}u;
  var value = 0.0f;
  if (row < ${out}u && channel < ${into}u) { value = kernel[(row * ${into}u + channel) * ${taps}u + tap]; }
  packed[i] = packedOf(value);`,
  });
}

function productDispatch(convolution: ScaledConvolution, tiling: Tiling, packed: BufferId): Dispatch {
  const { x, scale, bias, output, inputShape, outputShape } = convolution;
  const { box, channelWorkgroups } = tiling;
  const [batch, out, depth, height, width] = outputShape as [number, number, number, number, number];
  return {
    label: `conv3d ${inputShape[1]}→${out} on matrix units`,
    enables: ["subgroups", "chromium_experimental_subgroup_matrix"],
    reads: [
      { name: "x", buffer: x },
      { name: "packed", buffer: packed, element: "f16" },
      ...(scale === undefined ? [] : [{ name: "scale", buffer: scale }]),
      ...(bias === null ? [] : [{ name: "bias", buffer: bias }]),
    ],
    writes: [{ name: "output", buffer: output }],
    body: shader(convolution, tiling),
    groups: [
      Math.ceil(width / box[2]) * Math.ceil(height / box[1]),
      Math.ceil(depth / box[0]),
      batch * channelWorkgroups,
    ],
  };
}

function shader(convolution: ScaledConvolution, tiling: Tiling): string {
  const { outputShape } = convolution;
  const { box, rows, columns, blocks, channelGroups, channelWorkgroups } = tiling;
  const staged = tileOf(convolution, tiling);
  const boxesX = Math.ceil(outputShape[4]! / box[2]);
  const each = (piece: (z: number, block: number) => string) =>
    repeat(box[0], (z) => repeat(blocks, (block) => piece(z, block)));
  return `${declareTile(staged)}
var<workgroup> results: array<f32, ${box[1] * channelGroups * rows * columns}>;
${writeFunction(convolution, tiling)}
@compute @workgroup_size(${staged.threads})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32,
        @builtin(subgroup_id) subgroup: u32, @builtin(subgroup_invocation_id) own: u32) {
  let firstX = (group.x % ${boxesX}u) * ${box[2]}u;
  let firstY = (group.x / ${boxesX}u) * ${box[1]}u;
  let firstZ = group.y * ${box[0]}u;
  let item = group.z / ${channelWorkgroups}u;
  let row = subgroup % ${box[1]}u;
  let block = (group.z % ${channelWorkgroups}u * ${channelGroups}u + subgroup / ${box[1]}u) * ${blocks}u;
${each((z, b) => `  var sum${z}_${b} = subgroup_matrix_result<f32, ${columns}, ${rows}>();`)}
  for (var chunk = 0u; chunk < ${tiling.chunks}u; chunk++) {
    workgroupBarrier();
${fillTile(staged)}
    workgroupBarrier();
${products(convolution, tiling)}
  }
  let place = subgroup * ${rows * columns}u;
${each(
  (z, b) => `  subgroupMatrixStore<row_major>(&results, place, sum${z}_${b}, ${columns}u);
  workgroupBarrier();
  writeBlock(place, own, (block + ${b}u) * ${rows}u, item, vec3u(firstX, firstY + row, firstZ + ${z}u));
  workgroupBarrier();`,
)}
}`;
}

/** The box with its halo; channels come by the depth of a product. */
function tileOf({ inputShape, padding, scale }: ScaledConvolution, tiling: Tiling): MatrixTile {
  const { box, halo, depth, channelGroups, subgroupSize } = tiling;
  const origin = ["firstZ", "firstY", "firstX"].map((first, axis) => `i32(${first}) - ${padding[axis]![0]}`);
  return {
    tile: "tile",
    source: "x",
    scale: scale === undefined ? undefined : "scale",
    channels: inputShape[1]!,
    staged: depth,
    firstChannel: `chunk * ${depth}u`,
    planes: planesOf("x", inputShape),
    size: inputShape.slice(3) as unknown as MatrixTile["size"],
    extent: halo,
    origin: origin as unknown as MatrixTile["origin"],
    threads: box[1] * channelGroups * subgroupSize,
  };
}

/** WGSL: adds the products of all taps on the tile to the sums. */
function products(convolution: Convolution, tiling: Tiling): string {
  const { box, halo, rows, columns, depth, blocks, chunks } = tiling;
  const [kz, ky, kx] = convolution.kernelShape.slice(2) as unknown as Axes3;
  const taps = kz * ky * kx;
  const quads = voxelQuads(depth);
  const plane = halo[1] * halo[2];
  const size = rows * depth;
  const voxelRow = (v: number) =>
    `        let x${v} = subgroupMatrixLoad<subgroup_matrix_right<f16, ${columns}, ${depth}>, col_major>(&tile, origin + ${v * plane * quads}u, ${quads}u);`;
  const weights = (z: number, b: number) =>
    `        let w${z}_${b} = subgroupMatrixLoad<subgroup_matrix_left<f16, ${depth}, ${rows}>, row_major>(&packed, weight + ${(b * chunks * taps + z * ky * kx) * size}u, ${depth}u);`;
  const add = (z: number, v: number, b: number) =>
    `        sum${v}_${b} = subgroupMatrixMultiplyAccumulate(w${z}_${b}, x${v + z}, sum${v}_${b});`;
  return `    for (var tapY = 0u; tapY < ${ky}u; tapY++) {
      for (var tapX = 0u; tapX < ${kx}u; tapX++) {
        let origin = ((row + tapY) * ${halo[2]}u + tapX) * ${quads}u;
        let weight = ((block * ${chunks}u + chunk) * ${taps}u + tapY * ${kx}u + tapX) * ${size}u;
${repeat(box[0] + kz - 1, voxelRow)}
${repeat(kz, (z) => `${repeat(blocks, (b) => weights(z, b))}\n${repeat(box[0], (v) => repeat(blocks, (b) => add(z, v, b)))}`)}
      }
    }`;
}

/** WGSL: a thread's part of a block of results, with bias and ReLU. */
function writeFunction(convolution: ScaledConvolution, tiling: Tiling): string {
  const { outputShape, bias, relu, scale } = convolution;
  const { rows, columns, subgroupSize } = tiling;
  const [, out, , sizeY, sizeX] = outputShape as [number, number, number, number, number];
  const sum = `results[place + i]${scale === undefined ? "" : " * scale[1]"}${bias === null ? "" : " + bias[channel]"}`;
  return `
fn writeBlock(place: u32, own: u32, firstChannel: u32, item: u32, first: vec3u) {
  let planes = ${planesOf("output", outputShape)};
  if (first.y >= ${sizeY}u || first.z >= planes) { return; }
  for (var i = own; i < ${rows * columns}u; i += ${subgroupSize}u) {
    let channel = firstChannel + i / ${columns}u;
    let xx = first.x + i % ${columns}u;
    if (channel < ${out}u && xx < ${sizeX}u) {
      output[(((item * ${out}u + channel) * planes + first.z) * ${sizeY}u + first.y) * ${sizeX}u + xx] = outputOf(${relu ? `max(${sum}, 0.0f)` : sum});
    }
  }
}
`;
}
