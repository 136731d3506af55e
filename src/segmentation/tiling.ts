/**
 * How a volume is cut into tiles. Tiles are boxes of the output; what each needs of the input follows from the network's
 * graph, so the labels are the same for every tiling and only time and memory differ.
 */
import type { Engine } from "../compute/engine.ts";
import { formatBytes } from "../core/bytes.ts";
import { TomoflowError } from "../core/error.ts";
import { floatingPointOperations } from "../network/cost.ts";
import type { Graph } from "../network/graph.ts";
import { type Box, restrictToBoxes } from "../network/restrict.ts";
import { formatShape, type Shape3 } from "../volume/volume.ts";

export interface Tiling {
  /** Largest tile, (z, y, x) voxels. */
  readonly tile: Shape3;
  /** Bytes that the engine is expected to take, and the slab of whole planes that results are gathered in. */
  readonly bytes: number;
  /** For the whole volume. */
  readonly floatingPointOperations: number;
}

/** Boxes of at most `tile` voxels that cover the volume, in order of z, then y, then x. */
export function tilesOf(shape: Shape3, tile: Shape3): readonly Box[] {
  const ranges = shape.map((length, axis) => {
    const size = evenly(length, tile[axis]!);
    const count = Math.ceil(length / size);
    return Array.from({ length: count }, (_, i) => [i * size, Math.min(length, (i + 1) * size)] as const);
  });
  return ranges[0]!.flatMap((z) => ranges[1]!.flatMap((y) => ranges[2]!.map((x) => [z, y, x] as Box)));
}

/** Length of nearly equal tiles of at most `most`, even where there are several, so that they start where 2×2×2 cells do. */
function evenly(length: number, most: number): number {
  if (most >= length) return length;
  const mostEven = Math.max(1, most - (most % 2));
  const size = Math.ceil(length / Math.ceil(length / mostEven));
  return Math.min(mostEven, size + (size % 2));
}

/**
 * The fastest tiling whose largest tile fits in `memoryBytes`.
 *
 * @throws TomoflowError `memory-too-small` when even small tiles do not fit
 */
export function planTiling(
  engine: Pick<Engine, "planBytes">,
  graph: Graph,
  { shape, output, memoryBytes }: { shape: Shape3; output: string; memoryBytes: number },
): Tiling {
  let best: Tiling | undefined;
  let smallest = Number.POSITIVE_INFINITY;
  for (const tile of candidates(shape)) {
    const tiling = measure(engine, graph, { shape, output, tile });
    smallest = Math.min(smallest, tiling.bytes);
    if (tiling.bytes > memoryBytes) continue;
    if (best === undefined || tiling.floatingPointOperations < best.floatingPointOperations) best = tiling;
  }
  if (best !== undefined) return best;
  throw new TomoflowError(
    "memory-too-small",
    `segmenting ${formatShape(shape)} voxels takes at least ${formatBytes(smallest)} of memory, but ${formatBytes(memoryBytes)} may be used`,
    { hint: "allow more with `resources: {memory: …}`, or run fewer tasks at a time with --jobs 1" },
  );
}

/** Memory and work of one tile size: those of a tile in the middle, times the number of tiles. */
function measure(
  engine: Pick<Engine, "planBytes">,
  graph: Graph,
  { shape, output, tile }: { shape: Shape3; output: string; tile: Shape3 },
): Tiling {
  const tiles = tilesOf(shape, tile);
  const middle = tiles[Math.floor(tiles.length / 2)]!;
  const { bytes, floatingPointOperations: ofTile } = planBox(engine, graph, { shape, output, box: middle });
  return { tile, bytes, floatingPointOperations: tiles.length * ofTile };
}

/** Bytes that computing one box takes, with the slab that it is gathered in, and its work. */
export function planBox(
  engine: Pick<Engine, "planBytes">,
  graph: Graph,
  { shape, output, box }: { shape: Shape3; output: string; box: Box },
): Pick<Tiling, "bytes" | "floatingPointOperations"> {
  const restricted = restrictToBoxes(graph, { [output]: box }).graph;
  return {
    bytes: engine.planBytes(restricted) + slabBytes(graph, { shape, output, box }),
    floatingPointOperations: floatingPointOperations(restricted),
  };
}

/** See slab-assembler.ts. */
function slabBytes(
  graph: Graph,
  { shape, output, box: [[start, end]] }: { shape: Shape3; output: string; box: Box },
): number {
  const channels = graph.values[graph.outputs[output]!]!.shape.at(-4)!;
  const bytesOfVoxel = output === "scores" ? 1 + 4 * channels : 1;
  return bytesOfVoxel * (end - start) * shape[1] * shape[2];
}

function* candidates(shape: Shape3): Generator<Shape3> {
  const lengths = (whole: number) => [1, 2, 3, 4, 6, 8, 12, 16].map((parts) => Math.ceil(whole / parts));
  const useful = (whole: number) =>
    [...new Set(lengths(whole))].filter((length) => length === whole || length >= 16);
  for (const z of useful(shape[0]))
    for (const side of useful(Math.max(shape[1], shape[2])))
      yield [z, Math.min(side, shape[1]), Math.min(side, shape[2])];
}
