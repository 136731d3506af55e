/**
 * A residual 3-D U-Net: at each resolution a convolution to its width, then blocks that add two convolutions of their input to it
 * (He et al. 2016). The second is not rectified and starts as zeros (Goyal et al. 2017), so that a block is nothing at first, however
 * many there are. What comes up is added to what was skipped, not joined with it (Drozdzal et al. 2016), which spares the widest convolutions.
 */
import type { ValueId } from "../graph.ts";
import type { Network } from "./network.ts";

export const residualUnet3d: Network = {
  name: "residual-unet3d",
  summary: "a U-Net of residual blocks, for more layers than three resolutions give",
  parameters: {
    blocks: { description: "Residual blocks at each resolution.", minimum: 1, maximum: 8, default: 1 },
  },
  sideMultiple: ({ filters }) => 2 ** (filters.length - 1),
  add(builder, { x, convolve }, { classes, filters, settings }) {
    const refine = (value: ValueId, width: number): ValueId => {
      let refined = value;
      for (let block = 0; block < settings.blocks!; block++) {
        const change = convolve(convolve(refined, { out: width, size: 3 }), {
          out: width,
          size: 3,
          relu: false,
          startsAtZero: true,
        });
        refined = builder.add(refined, change);
      }
      return refined;
    };
    const skipped: ValueId[] = [];
    let value = x;
    for (const [level, width] of filters.entries()) {
      if (level > 0) value = builder.maxPool3d(value);
      value = refine(convolve(value, { out: width, size: 3 }), width);
      skipped.push(value);
    }
    for (const [level, skip] of [...skipped.slice(0, -1).entries()].reverse()) {
      const up = convolve(builder.upsample3d(value), { out: filters[level]!, size: 2 });
      value = refine(builder.add(up, skip), filters[level]!);
    }
    return convolve(value, { out: classes, size: 1, relu: false });
  },
};
