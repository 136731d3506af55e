import { createVolume } from "../src/volume/formats.ts";
import type { Shape3 } from "../src/volume/volume.ts";

/** Writes float32 noise over slow waves, so that neighbouring slices differ. */
export async function writeNoise(path: string, shape: Shape3): Promise<void> {
  const [depth, height, width] = shape;
  const sampling = { voxelSizeAngstrom: [10, 10, 10], originAngstrom: [0, 0, 0] } as const;
  const writer = await createVolume(path, { shape, type: "float32", ...sampling });
  const plane = new Float32Array(height * width);
  let state = 1;
  for (let z = 0; z < depth; z++) {
    for (let i = 0; i < plane.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      plane[i] = state / 2 ** 31 + Math.sin((i % width) / 40 + z / 25);
    }
    await writer.append(plane);
  }
  await writer.close();
}
