/**
 * DeepFinder's 3-D U-Net (Moebel et al., Nature Methods 2021): two poolings, convolutions of 3×3×3 with ReLU, nearest
 * upsampling followed by a 2×2×2 convolution, skip connections by concatenation, a 1×1×1 convolution to the classes.
 * Widths and depth are parameters; the original's are 32, 48, 64 at three resolutions.
 */
import type { ValueId } from "../graph.ts";
import type { Network } from "./network.ts";

export const unet3d: Network = {
  name: "unet3d",
  summary: "DeepFinder's 3-D U-Net",
  parameters: {},
  sideMultiple: ({ filters }) => 2 ** (filters.length - 1),
  add(builder, { x, convolve }, { classes, filters }) {
    const twice = (value: ValueId, out: number) =>
      convolve(convolve(value, { out, size: 3 }), { out, size: 3 });
    const skipped: ValueId[] = [];
    let value = x;
    for (const width of filters.slice(0, -1)) {
      skipped.push(twice(value, width));
      value = builder.maxPool3d(skipped.at(-1)!);
    }
    value = twice(twice(value, filters.at(-1)!), filters.at(-1)!);
    for (const [level, skip] of [...skipped.entries()].reverse()) {
      const up = convolve(builder.upsample3d(value), { out: filters[level + 1]!, size: 2 });
      value = twice(builder.concat([up, skip]), filters[level]!);
    }
    return convolve(value, { out: classes, size: 1, relu: false });
  },
};
