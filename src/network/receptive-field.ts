/** How far the network sees: found by asking the graph which input voxels one output voxel needs. */
import { GraphBuilder } from "./graph.ts";
import { type Architecture, addNetwork, sideMultipleOf } from "./networks.ts";
import { type Ranges3, restrictToBoxes } from "./restrict.ts";

/** Voxels along each axis, the most over all positions in the grid of poolings. */
export interface ReceptiveField {
  readonly before: number;
  readonly after: number;
}

export function receptiveField(network: Architecture): ReceptiveField {
  const multiple = sideMultipleOf(network);
  const side = 48 * multiple; // wide enough that no border is reached from its middle
  const builder = new GraphBuilder();
  builder.output("logits", addNetwork(builder, network, { batch: 1, extent: [side, side, side] }).logits);
  const graph = builder.build();
  const reaches = Array.from({ length: multiple }, (_, phase): ReceptiveField => {
    const voxel = side / 2 + phase;
    const box: Ranges3 = [
      [voxel, voxel + 1],
      [voxel, voxel + 1],
      [voxel, voxel + 1],
    ];
    const [, , [start, end]] = restrictToBoxes(graph, { logits: box }).inputBoxes.x!;
    return { before: voxel - start, after: end - 1 - voxel };
  });
  return {
    before: Math.max(...reaches.map(({ before }) => before)),
    after: Math.max(...reaches.map(({ after }) => after)),
  };
}
