/** Segmentation of a whole volume as one graph; tiles are restrictions of it (see restrict.ts). */
import { type Axes3, type Graph, GraphBuilder, type Padding3 } from "./graph.ts";
import { type Architecture, addNetwork, sideMultipleOf } from "./networks.ts";

/** Zeros that DeepFinder puts on each side of a tomogram before segmenting it, voxels. */
export const deepFinderMargin = 25;

/** Lengths of the volume that the network sees: with the margin on both sides, filled up to a multiple at the end. */
export const paddedExtent = (shape: Axes3, margin: number, multiple: number): Axes3 =>
  shape.map((length) => Math.ceil((length + 2 * margin) / multiple) * multiple) as unknown as Axes3;

/**
 * Input: `x` (1, 1, z, y, x) of the volume, around which the first convolution puts the zeros, and the parameters. Outputs, cropped to the volume: `labels` uint8
 * (1, z, y, x), `scores` class probabilities (1, class, z, y, x).
 */
export function predictionGraph(network: Architecture, shape: Axes3, margin = deepFinderMargin): Graph {
  const builder = new GraphBuilder();
  const extent = paddedExtent(shape, margin, sideMultipleOf(network));
  const zeros = extent.map((length, axis) => [margin, length - margin - shape[axis]!]) as unknown as Padding3;
  const { logits } = addNetwork(builder, network, { batch: 1, extent, margin: zeros });
  const inside = builder.crop3d(logits, [margin, margin, margin], shape);
  const scores = builder.softmax(inside);
  builder.output("labels", builder.argMax(scores)); // of the scores, so that both agree where two are rounded to the same
  builder.output("scores", scores);
  return builder.build();
}
