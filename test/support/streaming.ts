/** Feeds and results of graphs whose values come in chunks of planes. */
import type { Tensor, Tensors } from "../../src/compute/engine.ts";
import type { Graph } from "../../src/network/graph.ts";
import { extentOf, type Ranges3 } from "../../src/network/restrict.ts";
import type { Chunk, StreamedGraph } from "../../src/network/stream-planes.ts";
import { copyBox } from "../../src/volume/box.ts";

/** `feeds` of `graph`, those of its volumes cut into the streamed graph's chunks. */
export function chunkFeeds({ inputs }: StreamedGraph, graph: Graph, feeds: Tensors): Tensors {
  const cut: Record<string, Tensor> = {};
  for (const [name, feed] of Object.entries(feeds)) {
    if (graph.inputs[name] === undefined) continue;
    if (inputs[name] === undefined) cut[name] = feed;
    else for (const chunk of inputs[name]) cut[chunk.name] = cutBox(feed, chunk.box);
  }
  return cut;
}

function cutBox({ shape, data }: Tensor, box: Ranges3): Tensor {
  const whole = shape.slice(-3) as [number, number, number];
  const voxels = whole.reduce((a, b) => a * b);
  const start = box.map(([from]) => from) as [number, number, number];
  const extent = extentOf(box);
  const maps = Array.from({ length: data.length / voxels }, (_, map) =>
    copyBox(data.subarray(map * voxels, (map + 1) * voxels) as Float32Array, whole, { start, shape: extent }),
  );
  return { shape: [...shape.slice(0, -3), ...extent], data: joinMaps(maps) };
}

function joinMaps(maps: readonly ArrayLike<number>[]): Float32Array {
  const joined = new Float32Array(maps.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const map of maps) {
    joined.set(map, at);
    at += map.length;
  }
  return joined;
}

/** The output whose chunks are among `results`, in the order of its axes. */
export function joinChunks(chunks: readonly Chunk[], results: Tensors): Tensor["data"] {
  const parts = chunks.map(({ name }) => results[name]!);
  const { shape, data } = parts[0]!;
  const plane = shape.at(-1)! * shape.at(-2)!;
  const maps = data.length / (plane * shape.at(-3)!);
  const depth = parts.reduce((sum, part) => sum + part.shape.at(-3)!, 0);
  const Type = data.constructor as new (length: number) => Tensor["data"];
  const joined = new Type(maps * depth * plane);
  for (let map = 0, at = 0; map < maps; map++)
    for (const part of parts) {
      const length = part.data.length / maps;
      joined.set(part.data.subarray(map * length, (map + 1) * length), at);
      at += length;
    }
  return joined;
}
