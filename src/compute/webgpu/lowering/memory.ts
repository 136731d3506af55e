/** The memory that a program on a GPU takes. */
import type { Graph } from "../../../network/graph.ts";
import type { ShaderLimits } from "./dispatch.ts";
import { lowerGraph } from "./lower.ts";
import { planBuffers } from "./plan.ts";

export interface MemoryOptions {
  /** Bytes of the largest buffer that the GPU makes and binds. */
  readonly largestValue: number;
  /** Names of the inputs that stay with the program. */
  readonly kept?: ReadonlySet<string>;
  readonly submissionWork?: number;
}

/** Bytes of all buffers of a program; infinite where a value is too large to bind. */
export function planWebgpuBytes(
  graph: Graph,
  limits: ShaderLimits,
  { largestValue, ...options }: MemoryOptions,
): number {
  const lowered = lowerGraph(graph, limits);
  if (lowered.bytes.some((size) => size > largestValue)) return Number.POSITIVE_INFINITY;
  return planBuffers(graph, lowered, options).totalBytes;
}
