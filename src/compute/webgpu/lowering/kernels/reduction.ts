/** Sums in two passes whose order depends on shapes alone, so that the same numbers give the same bits every time. */
import { type BufferId, type Dispatch, linearDispatch, type Scratch, threadsPerGroup } from "../dispatch.ts";

/** output[i] = Σ_part parts[part · count + i], in order. */
export const sumPartsDispatch = (
  parts: BufferId,
  output: BufferId,
  { count, partCount }: { count: number; partCount: number },
): Dispatch =>
  linearDispatch({
    label: "sum of parts",
    reads: [{ name: "parts", buffer: parts }],
    writes: [{ name: "output", buffer: output }],
    count,
    code: `
  var sum = 0.0f;
  for (var part = 0u; part < ${partCount}u; part++) { sum += parts[part * ${count}u + i]; }
  output[i] = sum;`,
  });

/** Workgroups that share the sum over `length` elements. */
export const partsOf = (length: number): number => Math.max(1, Math.min(64, Math.ceil(length / 4096)));

/** WGSL: the workgroup's sum of `value` (a vec4f in each thread), left in `sums[0]`. */
export const treeSum = `
var<workgroup> sums: array<vec4f, ${threadsPerGroup}>;

fn sumOverGroup(lane: u32, value: vec4f) {
  sums[lane] = value;
  for (var half = ${threadsPerGroup / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { sums[lane] += sums[lane + half]; }
  }
  workgroupBarrier();
}`;

/** Sum over batch, z, y, x: (channel). `shape`: of x. */
export function sumToChannelsDispatches(
  x: BufferId,
  output: BufferId,
  { shape, scratch }: { shape: readonly number[]; scratch: Scratch },
): readonly Dispatch[] {
  const [batch, channels, ...extent] = shape as [number, number, ...number[]];
  const voxels = extent.reduce((a, b) => a * b, 1);
  const length = batch * voxels;
  const partCount = partsOf(length);
  const chunk = Math.ceil(length / partCount);
  const parts = scratch(4 * partCount * channels);
  const first: Dispatch = {
    label: "sumToChannels",
    reads: [{ name: "x", buffer: x }],
    writes: [{ name: "parts", buffer: parts }],
    groups: [partCount, channels, 1],
    body: `${treeSum}
@compute @workgroup_size(${threadsPerGroup})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let end = min(${length}u, (group.x + 1u) * ${chunk}u);
  var sum = 0.0f;
  for (var i = group.x * ${chunk}u + lane; i < end; i += ${threadsPerGroup}u) {
    sum += x[(i / ${voxels}u * ${channels}u + group.y) * ${voxels}u + i % ${voxels}u];
  }
  sumOverGroup(lane, vec4f(sum, 0.0f, 0.0f, 0.0f));
  if (lane == 0u) { parts[group.x * ${channels}u + group.y] = sums[0].x; }
}`,
  };
  return [first, sumPartsDispatch(parts, output, { count: channels, partCount })];
}
