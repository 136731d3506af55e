/**
 * Derivative of conv3d with respect to its kernel on a GPU's matrix units: for each tap, (output channels × voxels) · (voxels ×
 * input channels). A workgroup goes through the boxes of one part of the volume with both operands in workgroup memory in 16 bits,
 * the gradient scaled so that they hold it; a subgroup keeps the sums of a few (y, x) taps, all taps along z. Parts are added in
 * order by a second pass. Sums are in 32 bits.
 */
import type { Axes3 } from "../../../../network/graph.ts";
import { type MatrixUnits, mostThreads } from "../../device/matrix-units.ts";
import { type BufferId, type Dispatch, repeat, type Scratch, type ShaderLimits } from "../dispatch.ts";
import type { KernelGradient } from "./kernel-gradient.ts";
import { declareTile, fillTile, type MatrixTile, tileQuads, voxelQuads } from "./matrix-tile.ts";
import { sumPartsDispatch } from "./reduction.ts";
import { scaleDispatches } from "./scale.ts";

/** The dispatches; undefined where matrix units are missing, or would mostly multiply zeros, or the tiles do not fit. */
export function matrixKernelGradientDispatches(
  operation: KernelGradient,
  { limits, scratch }: { limits: ShaderLimits; scratch: Scratch },
): readonly Dispatch[] | undefined {
  const { matrixUnits } = limits;
  const { x, gradient, output, kernelShape, gradientShape } = operation;
  if (matrixUnits === undefined) return undefined;
  if (2 * kernelShape[0]! < matrixUnits.rows || 2 * kernelShape[1]! < matrixUnits.columns) return undefined;
  const tiling = tile(operation, matrixUnits, limits);
  if (tiling === undefined) return undefined;
  const count = kernelShape.reduce((a, b) => a * b, 1);
  const length = gradientShape.reduce((a, b) => a * b, 1);
  const { scale, dispatches } = scaleDispatches(gradient, { length, scratch });
  const { partCount } = tiling;
  const parts: BufferId = partCount === 1 ? output : scratch(4 * partCount * count);
  const product: Dispatch = {
    label: `conv3dKernelGradient ${kernelShape[1]}→${kernelShape[0]} on matrix units`,
    enables: ["subgroups", "chromium_experimental_subgroup_matrix"],
    reads: [
      { name: "x", buffer: x },
      { name: "gradient", buffer: gradient },
      { name: "scale", buffer: scale },
    ],
    writes: [{ name: "parts", buffer: parts }],
    groups: [partCount, tiling.intoGroups, tiling.outGroups],
    body: shader(operation, tiling),
  };
  return [
    ...dispatches,
    product,
    ...(partCount === 1 ? [] : [sumPartsDispatch(parts, output, { count, partCount })]),
  ];
}

interface Tiling extends MatrixUnits {
  readonly box: Axes3;
  readonly halo: Axes3;
  /** Blocks of output channels of a workgroup. */
  readonly blocks: number;
  /** (y, x) taps of a subgroup. */
  readonly taps: number;
  readonly subgroups: number;
  readonly intoGroups: number;
  readonly outGroups: number;
  readonly boxes: Axes3;
  readonly partCount: number;
}

/** Boxes of (z, y) from best to smallest. */
const boxes: readonly (readonly [number, number])[] = [
  [4, 4],
  [4, 2],
  [2, 2],
  [1, 2],
  [1, 1],
];
/** Workgroups that keep the largest processors busy. */
const wantedGroups = 2048;
const mostPartBytes = 64 * 2 ** 20;

function tile(operation: KernelGradient, units: MatrixUnits, limits: ShaderLimits): Tiling | undefined {
  const { kernelShape, gradientShape } = operation;
  const { rows, columns, depth, subgroupSize } = units;
  const [out, into, ...size] = kernelShape as [number, number, number, number, number];
  const blocks = Math.min(2, Math.ceil(out / rows));
  const columnsOfTaps = size[1]! * size[2]!;
  const taps = Math.ceil(columnsOfTaps / Math.min(columnsOfTaps, mostThreads / subgroupSize));
  const subgroups = Math.ceil(columnsOfTaps / taps);
  for (const [z, y] of boxes) {
    if (z > limits.registers.voxels) continue;
    const box: Axes3 = [z, y, depth];
    const halo = box.map((length, axis) => length + size[axis]! - 1) as unknown as Axes3;
    const quads =
      tileQuads({ extent: halo, staged: columns }) + tileQuads({ extent: box, staged: blocks * rows });
    if (8 * quads + 4 * subgroups * rows * columns > limits.workgroupBytes) continue;
    const counts = box.map((length, axis) =>
      Math.ceil(gradientShape[2 + axis]! / length),
    ) as unknown as Axes3;
    const intoGroups = Math.ceil(into / columns);
    const outGroups = Math.ceil(out / (blocks * rows));
    const boxCount = gradientShape[0]! * counts[0] * counts[1] * counts[2];
    const partBytes = 4 * kernelShape.reduce((a, b) => a * b, 1);
    const wanted = Math.min(
      Math.ceil(wantedGroups / (intoGroups * outGroups)),
      Math.floor(mostPartBytes / partBytes),
    );
    const partCount = Math.max(1, Math.min(boxCount, wanted));
    return { ...units, box, halo, blocks, taps, subgroups, intoGroups, outGroups, boxes: counts, partCount };
  }
  return undefined;
}

function tilesOf(operation: KernelGradient, tiling: Tiling): readonly [x: MatrixTile, gradient: MatrixTile] {
  const { inputShape, gradientShape, padding } = operation;
  const { box, halo, columns, rows, blocks, subgroups, subgroupSize } = tiling;
  const threads = subgroups * subgroupSize;
  const first = ["firstZ", "firstY", "firstX"] as const;
  return [
    {
      tile: "tile",
      source: "x",
      channels: inputShape[1]!,
      staged: columns,
      firstChannel: "firstInto",
      planes: `${inputShape[2]}u`,
      size: inputShape.slice(3) as unknown as MatrixTile["size"],
      extent: halo,
      origin: first.map(
        (name, axis) => `i32(${name}) - ${padding[axis]![0]}`,
      ) as unknown as MatrixTile["origin"],
      threads,
    },
    {
      tile: "gradients",
      source: "gradient",
      scale: "scale",
      channels: gradientShape[1]!,
      staged: blocks * rows,
      firstChannel: "firstOut",
      planes: `${gradientShape[2]}u`,
      size: gradientShape.slice(3) as unknown as MatrixTile["size"],
      extent: box,
      origin: first.map((name) => `i32(${name})`) as unknown as MatrixTile["origin"],
      threads,
    },
  ];
}

function shader(operation: KernelGradient, tiling: Tiling): string {
  const { kernelShape, gradientShape } = operation;
  const { box, rows, columns, blocks, subgroups, subgroupSize, partCount } = tiling;
  const [kz, ky, kx] = kernelShape.slice(2) as unknown as Axes3;
  const [boxesZ, boxesY, boxesX] = tiling.boxes;
  const boxCount = gradientShape[0]! * boxesZ * boxesY * boxesX;
  const [x, gradient] = tilesOf(operation, tiling);
  const each = (piece: (tap: number, z: number, block: number) => string) =>
    repeat(tiling.taps, (t) => repeat(kz, (z) => repeat(blocks, (b) => piece(t, z, b))));
  return `${declareTile(x)}${declareTile(gradient)}
var<workgroup> results: array<f32, ${subgroups * rows * columns}>;
${writeFunction(operation, tiling)}
@compute @workgroup_size(${subgroups * subgroupSize})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32,
        @builtin(subgroup_id) subgroup: u32, @builtin(subgroup_invocation_id) own: u32) {
  let firstInto = group.y * ${columns}u;
  let firstOut = group.z * ${blocks * rows}u;
${repeat(tiling.taps, (t) => `  let tap${t} = min(subgroup * ${tiling.taps}u + ${t}u, ${ky * kx - 1}u);`)}
${each((t, z, b) => `  var sum${t}_${z}_${b} = subgroup_matrix_result<f32, ${columns}, ${rows}>();`)}
  let perPart = ${Math.ceil(boxCount / partCount)}u;
  let end = min(${boxCount}u, (group.x + 1u) * perPart);
  for (var box = group.x * perPart; box < end; box++) {
    let firstX = box % ${boxesX}u * ${box[2]}u;
    let firstY = box / ${boxesX}u % ${boxesY}u * ${box[1]}u;
    let firstZ = box / ${boxesX * boxesY}u % ${boxesZ}u * ${box[0]}u;
    let item = box / ${boxesX * boxesY * boxesZ}u;
    workgroupBarrier();
${fillTile(x)}
${fillTile(gradient)}
    workgroupBarrier();
${products(operation, tiling)}
  }
  let place = subgroup * ${rows * columns}u;
${each(
  (t, z, b) => `  subgroupMatrixStore<row_major>(&results, place, sum${t}_${z}_${b}, ${columns}u);
  workgroupBarrier();
  writeBlock(place, own, vec3u(group.x, firstOut + ${b * rows}u, firstInto), ${z * ky * kx}u, subgroup * ${tiling.taps}u + ${t}u);
  workgroupBarrier();`,
)}
}`;
}

/** WGSL: adds the products of the tiles to the sums. */
function products({ kernelShape }: KernelGradient, tiling: Tiling): string {
  const { box, halo, rows, columns, depth, blocks } = tiling;
  const [kz, , kx] = kernelShape.slice(2) as unknown as Axes3;
  const [xQuads, gradientQuads] = [voxelQuads(columns), voxelQuads(blocks * rows)];
  const plane = halo[1] * halo[2];
  const gradient = (z: number, b: number) =>
    `      let g${z}_${b} = subgroupMatrixLoad<subgroup_matrix_left<f16, ${depth}, ${rows}>, col_major>(&gradients, (${z * box[1]}u + y) * ${box[2] * gradientQuads}u + ${(b * rows) / 4}u, ${gradientQuads}u);`;
  const input = (v: number) =>
    `        let x${v} = subgroupMatrixLoad<subgroup_matrix_right<f16, ${columns}, ${depth}>, row_major>(&tile, origin + ${v * plane * xQuads}u, ${xQuads}u);`;
  const add = (t: number, k: number, z: number, b: number) =>
    `        sum${t}_${k}_${b} = subgroupMatrixMultiplyAccumulate(g${z}_${b}, x${z + k}, sum${t}_${k}_${b});`;
  return `    for (var y = 0u; y < ${box[1]}u; y++) {
${repeat(box[0], (z) => repeat(blocks, (b) => gradient(z, b)))}
${repeat(
  tiling.taps,
  (t) => `      {
        let origin = ((y + tap${t} / ${kx}u) * ${halo[2]}u + tap${t} % ${kx}u) * ${xQuads}u;
${repeat(box[0] + kz - 1, input)}
${repeat(box[0], (z) => repeat(kz, (k) => repeat(blocks, (b) => add(t, k, z, b))))}
      }`,
)}
    }`;
}

/** WGSL: a thread's part of a block of results; `first`: part, output channel, input channel. */
function writeFunction({ kernelShape }: KernelGradient, tiling: Tiling): string {
  const { rows, columns, subgroupSize } = tiling;
  const [out, into, kz, ky, kx] = kernelShape as [number, number, number, number, number];
  return `
fn writeBlock(place: u32, own: u32, first: vec3u, layer: u32, tap: u32) {
  if (tap >= ${ky * kx}u) { return; }
  for (var i = own; i < ${rows * columns}u; i += ${subgroupSize}u) {
    let row = first.y + i / ${columns}u;
    let channel = first.z + i % ${columns}u;
    if (row < ${out}u && channel < ${into}u) {
      parts[((first.x * ${out}u + row) * ${into}u + channel) * ${kz * ky * kx}u + layer + tap] = results[place + i] * scale[1];
    }
  }
}
`;
}
