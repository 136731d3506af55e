/**
 * Prints how the `webgpu` engine would cut a tomogram of 200×512×512 on GPUs of several sizes, at full width, and the work of
 * that over the useful work, that of the volume's own voxels. No GPU is needed: `node --import tsx bench/tiling.ts [ZxYxX]`.
 */
import { gpuRegisters } from "../src/compute/webgpu/lowering/dispatch.ts";
import { planWebgpuBytes } from "../src/compute/webgpu/lowering/memory.ts";
import { floatingPointOperations } from "../src/network/cost.ts";
import type { Graph } from "../src/network/graph.ts";
import { deepFinderFilters } from "../src/network/networks.ts";
import { predictionGraph } from "../src/network/prediction-graph.ts";
import { planTiling, type Tiling } from "../src/segmentation/tiling.ts";
import type { Shape3 } from "../src/volume/volume.ts";

const shape = (process.argv[2] ?? "200x512x512").split("x").map(Number) as unknown as Shape3;
const network = { classes: 13, filters: deepFinderFilters };
/** What Vulkan drivers bind at once, at most. */
const largestValue = 2 ** 32 - 4;
/** Of a GPU's memory: what the engine plans with, and what `segment` takes of that. */
const usableShare = 0.85 * 0.7;

const useful = floatingPointOperations(predictionGraph(network, shape, 0));
const graph = predictionGraph(network, shape);
const limits = { workgroupBytes: 49152, registers: gpuRegisters };

/** `streamsPlanes`: as if the engine streamed by itself, and chunks of planes were not needed. */
function plan(memoryGigabytes: number, streamsPlanes: boolean): string {
  const planBytes = (one: Graph) => planWebgpuBytes(one, limits, { largestValue });
  const start = performance.now();
  try {
    const memoryBytes = usableShare * memoryGigabytes * 1e9;
    const tiling = planTiling({ planBytes, streamsPlanes }, graph, { shape, output: "labels", memoryBytes });
    return `${describe(tiling)}, planned in ${((performance.now() - start) / 1000).toFixed(2)} s`;
  } catch (error) {
    return (error as Error).message;
  }
}

const describe = ({ tile, planes, bytes, floatingPointOperations: work }: Tiling): string =>
  `${(work / useful).toFixed(3)} × the useful work: tiles of ${tile.join("×")}${planes ? ` in chunks of ${planes} planes` : ""}, ${(bytes / 1e9).toFixed(2)} GB`;

for (const memory of [2, 4, 8, 16, 24, 80]) {
  process.stdout.write(`${memory} GB, tiles as a whole: ${plan(memory, true)}\n`);
  process.stdout.write(`${memory} GB, planes streamed:  ${plan(memory, false)}\n`);
}
