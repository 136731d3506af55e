/**
 * Shaders for matrix units with the units' work written out, in 32 bits, so that any adapter runs them and sizes can be had that
 * no adapter at hand multiplies. Every thread of a subgroup does the whole product, straight from memory; the first stores it.
 */
import { type Dispatch, shaderOf } from "../../src/compute/webgpu/dispatch.ts";
import type { MatrixUnits } from "../../src/compute/webgpu/matrix-units.ts";

/** The shader of `dispatch`, in which nothing of subgroups and 16-bit floats is left. */
export function emulatedShader(dispatch: Dispatch, units: MatrixUnits): string {
  const { rows, columns, depth, subgroupSize } = units;
  const code = shaderOf(dispatch)
    .replaceAll(/^enable .*$/gm, "")
    .replace(
      "@builtin(subgroup_id) subgroup: u32, @builtin(subgroup_invocation_id) own: u32) {",
      `) {\n  let subgroup = lane / ${subgroupSize}u;\n  let own = lane % ${subgroupSize}u;`,
    )
    .replaceAll(`subgroup_matrix_result<f32, ${columns}, ${rows}>`, `array<f32, ${rows * columns}>`)
    .replaceAll(
      `subgroupMatrixLoad<subgroup_matrix_left<f16, ${depth}, ${rows}>, row_major>(&packed, `,
      "vec2u(",
    )
    .replaceAll(
      `subgroupMatrixLoad<subgroup_matrix_right<f16, ${columns}, ${depth}>, col_major>(&tile, `,
      "vec2u(",
    )
    .replaceAll(
      /(sum\w+) = subgroupMatrixMultiplyAccumulate\((\w+), (\w+), (\w+)\);/g,
      "multiplyAdd($2, $3, &$4);",
    )
    .replaceAll(
      /subgroupMatrixStore<row_major>\(&results, (\w+), (\w+), (\w+)\);/g,
      "storeResult(own, $1, &$2, $3);",
    )
    .replaceAll("f16", "f32");
  if (/subgroupMatrix|subgroup_/.test(code)) throw new Error(`not all of it is written out:\n${code}`);
  return code.includes("multiplyAdd") ? `${code}\n${functions(units)}` : code;
}

/** An operand is told by its place: where it begins, and how far its next line is. Lines of the left are rows, of the right columns. */
const functions = ({ rows, columns, depth }: MatrixUnits): string => `
alias Result = array<f32, ${rows * columns}>;

fn multiplyAdd(left: vec2u, right: vec2u, sum: ptr<function, Result>) {
  for (var i = 0u; i < ${rows * columns}u; i++) {
    let a = left.x + i / ${columns}u * left.y;
    let b = right.x + i % ${columns}u * right.y;
    var total = (*sum)[i];
    for (var k = 0u; k < ${depth}u; k++) { total += packed[a + k] * tile[b + k / 4u][k % 4u]; }
    (*sum)[i] = total;
  }
}

fn storeResult(own: u32, offset: u32, sum: ptr<function, Result>, stride: u32) {
  if (own != 0u) { return; }
  for (var i = 0u; i < ${rows * columns}u; i++) { results[offset + i / ${columns}u * stride + i % ${columns}u] = (*sum)[i]; }
}
`;
