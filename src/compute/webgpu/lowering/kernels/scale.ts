/**
 * A power of two that brings a value's largest element near the largest that 16 bits hold. Gradients, which are too small for
 * 16 bits by themselves, keep their digits so down to 2⁻²⁸ of the largest (the scaling of blocks of "block floating point").
 */
import { type BufferId, type Dispatch, linearDispatch, type Scratch, threadsPerGroup } from "../dispatch.ts";
import { partsOf } from "./reduction.ts";

/** `scale`: the power of two, then its inverse. `length`: elements of `x`. */
export function scaleDispatches(
  x: BufferId,
  { length, scratch }: { length: number; scratch: Scratch },
): { readonly scale: BufferId; readonly dispatches: readonly Dispatch[] } {
  const partCount = partsOf(length);
  const parts = scratch(4 * partCount);
  const scale = scratch(8);
  return {
    scale,
    dispatches: [largestDispatch(x, parts, { length, partCount }), powerDispatch(parts, scale, partCount)],
  };
}

/** The largest absolute value of each part. */
function largestDispatch(
  x: BufferId,
  parts: BufferId,
  { length, partCount }: { length: number; partCount: number },
): Dispatch {
  const chunk = Math.ceil(length / partCount);
  return {
    label: "largest value",
    reads: [{ name: "x", buffer: x }],
    writes: [{ name: "parts", buffer: parts }],
    groups: [partCount, 1, 1],
    body: `
var<workgroup> largest: array<f32, ${threadsPerGroup}>;
@compute @workgroup_size(${threadsPerGroup})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let end = min(${length}u, (group.x + 1u) * ${chunk}u);
  var mine = 0.0f;
  for (var i = group.x * ${chunk}u + lane; i < end; i += ${threadsPerGroup}u) { mine = max(mine, abs(f32(x[i]))); }
  largest[lane] = mine;
  for (var half = ${threadsPerGroup / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { largest[lane] = max(largest[lane], largest[lane + half]); }
  }
  if (lane == 0u) { parts[group.x] = largest[0]; }
}`,
  };
}

/** From the exponent of the largest, by its bits, so that the scale is exact and can be taken back. */
const powerDispatch = (parts: BufferId, scale: BufferId, partCount: number): Dispatch =>
  linearDispatch({
    label: "power of two",
    reads: [{ name: "parts", buffer: parts }],
    writes: [{ name: "scale", buffer: scale }],
    count: 1,
    code: `
  var largest = 0.0f;
  for (var part = 0u; part < ${partCount}u; part++) { largest = max(largest, parts[part]); }
  let exponent = clamp(14 - (i32(bitcast<u32>(largest) >> 23u) - 127), -100, 100);
  scale[0] = bitcast<f32>(u32(127 + exponent) << 23u);
  scale[1] = bitcast<f32>(u32(127 - exponent) << 23u);`,
  });
