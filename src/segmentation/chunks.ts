/** What a program that computes a box in chunks of planes is fed, and what comes of it. */
import type { Feeds, Tensor, Tensors } from "../compute/engine.ts";
import type { Ranges3 } from "../network/restrict.ts";
import type { Chunk, StreamedGraph } from "../network/stream-planes.ts";

/** The chunks of `x`, each read when it is asked for. `box`: that of the whole input, in voxels of the volume. */
export function chunkFeeds(
  { inputs }: StreamedGraph,
  box: Ranges3,
  read: (box: Ranges3) => Tensor | Promise<Tensor>,
): Feeds {
  const placed = (chunk: Ranges3): Ranges3 =>
    chunk.map(([start, end], axis) => [start + box[axis]![0], end + box[axis]![0]]) as unknown as Ranges3;
  return Object.fromEntries(inputs.x!.map((chunk) => [chunk.name, () => read(placed(chunk.box))] as const));
}

/** The output (1, channel, z, y, x), or (1, z, y, x), of its chunks. */
export function joinChunks(chunks: readonly Chunk[], results: Tensors): Tensor["data"] {
  const data = chunks.map(({ name }) => results[name]!.data);
  if (data.length === 1) return data[0]!;
  const shape = results[chunks[0]!.name]!.shape;
  const channels = shape.slice(0, -3).reduce((product, length) => product * length, 1);
  const length = data.reduce((sum, part) => sum + part.length, 0);
  const joined = data[0] instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  let offset = 0;
  for (const part of data) {
    const voxels = part.length / channels;
    for (let channel = 0; channel < channels; channel++)
      joined.set(
        part.subarray(channel * voxels, (channel + 1) * voxels),
        (channel * length) / channels + offset,
      );
    offset += voxels;
  }
  return joined;
}
