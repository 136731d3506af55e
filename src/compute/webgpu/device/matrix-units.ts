/**
 * The matrix units of a GPU, as Dawn offers them in its experimental feature `chromium-experimental-subgroup-matrix`: the threads
 * of a subgroup together multiply a small matrix by another and add to a third.
 */
import type { FoundAdapter } from "./adapter.ts";

/** One size of product: (rows × depth) · (depth × columns), 16-bit operands, sums in 32 bits. */
export interface MatrixUnits {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** Threads that do a product together. */
  readonly subgroupSize: number;
}

/** What a device needs to use them, beside shader-f16. */
export const matrixFeatures = ["subgroups", "chromium-experimental-subgroup-matrix"] as const;

/** Dawn's, which the types of WebGPU do not know yet. */
interface MatrixConfig {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly componentType: string;
  readonly resultComponentType: string;
}

/**
 * The largest product of 16-bit floats with sums in 32 bits that the adapter does; undefined where it does none, or where its
 * subgroups come in several sizes. Needs an adapter that was found with Dawn's experimental features.
 */
export function matrixUnitsOf({ gpu, adapter }: FoundAdapter): MatrixUnits | undefined {
  const { subgroupMinSize, subgroupMaxSize: subgroupSize } = adapter.info;
  const has = (feature: string) => adapter.features.has(feature);
  if (![...matrixFeatures, "shader-f16"].every(has) || !gpu.wgslLanguageFeatures.has("subgroup_id"))
    return undefined;
  if (subgroupSize === undefined || subgroupMinSize !== subgroupSize) return undefined;
  const { subgroupMatrixConfigs = [] } = adapter.info as { subgroupMatrixConfigs?: readonly MatrixConfig[] };
  const [best] = subgroupMatrixConfigs
    .filter(
      ({ componentType, resultComponentType }) => componentType === "f16" && resultComponentType === "f32",
    )
    .filter(({ K }) => K % 8 === 0)
    .sort((a, b) => b.M * b.N * b.K - a.M * a.N * a.K);
  return best && { rows: best.M, columns: best.N, depth: best.K, subgroupSize };
}

/** Of a workgroup, guaranteed by WebGPU. */
export const mostThreads = 256;
