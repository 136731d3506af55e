/**
 * Shaders for matrix units with the units' work written out, in 32 bits, so that any adapter runs them and sizes can be had that
 * no adapter at hand multiplies. The first thread of a subgroup does the whole product, straight from memory.
 */

import type { MatrixUnits } from "../../src/compute/webgpu/device/matrix-units.ts";
import { type Dispatch, shaderOf } from "../../src/compute/webgpu/lowering/dispatch.ts";

/** The shader of `dispatch`, in which nothing of subgroups and 16-bit floats is left. */
export function emulatedShader(dispatch: Dispatch, units: MatrixUnits): string {
  const { rows, columns, depth, subgroupSize } = units;
  const isGradient = dispatch.label.startsWith("conv3dKernelGradient");
  const [left, right] = isGradient
    ? ["col_major>(&gradients", "row_major>(&tile"]
    : ["row_major>(&packed", "col_major>(&tile"];
  const code = shaderOf(dispatch)
    .replaceAll(/^enable .*$/gm, "")
    .replace(
      "@builtin(subgroup_id) subgroup: u32, @builtin(subgroup_invocation_id) own: u32) {",
      `) {\n  let subgroup = lane / ${subgroupSize}u;\n  let own = lane % ${subgroupSize}u;`,
    )
    .replaceAll(`subgroup_matrix_result<f32, ${columns}, ${rows}>`, `array<f32, ${rows * columns}>`)
    .replaceAll(`subgroupMatrixLoad<subgroup_matrix_left<f16, ${depth}, ${rows}>, ${left}, `, "vec2u(")
    .replaceAll(`subgroupMatrixLoad<subgroup_matrix_right<f16, ${columns}, ${depth}>, ${right}, `, "vec2u(")
    .replaceAll(
      /(sum\w+) = subgroupMatrixMultiplyAccumulate\((\w+), (\w+), (\w+)\);/g,
      "multiplyAdd(own, $2, $3, &$4);",
    )
    .replaceAll(
      /subgroupMatrixStore<row_major>\(&results, (\w+), (\w+), (\w+)\);/g,
      "storeResult(own, $1, &$2, $3);",
    )
    .replaceAll("f16", "f32");
  if (/subgroupMatrix|subgroup_/.test(code)) throw new Error(`not all of it is written out:\n${code}`);
  return code.includes("multiplyAdd") ? `${code}\n${functions(units, isGradient)}` : code;
}

/** WGSL: element (i, k) of the left operand and (k, j) of the right. */
const elements = {
  convolution: ["packed[left.x + i * left.y + k]", "tile[right.x + j * right.y + k / 4u][k % 4u]"],
  gradient: [
    "gradients[left.x + k * left.y + i / 4u][i % 4u]",
    "tile[right.x + k * right.y + j / 4u][j % 4u]",
  ],
} as const;

/** An operand is told by its place: where it begins, and how far its next line is. */
function functions({ rows, columns, depth }: MatrixUnits, isGradient: boolean): string {
  const [left, right] = elements[isGradient ? "gradient" : "convolution"];
  return `
alias Result = array<f32, ${rows * columns}>;

fn multiplyAdd(own: u32, left: vec2u, right: vec2u, sum: ptr<function, Result>) {
  if (own != 0u) { return; }
  for (var at = 0u; at < ${rows * columns}u; at++) {
    let i = at / ${columns}u;
    let j = at % ${columns}u;
    var total = (*sum)[at];
    for (var k = 0u; k < ${depth}u; k++) { total += ${left} * ${right}; }
    (*sum)[at] = total;
  }
}

fn storeResult(own: u32, offset: u32, sum: ptr<function, Result>, stride: u32) {
  if (own != 0u) { return; }
  for (var i = 0u; i < ${rows * columns}u; i++) { results[offset + i / ${columns}u * stride + i % ${columns}u] = (*sum)[i]; }
}
`;
}
