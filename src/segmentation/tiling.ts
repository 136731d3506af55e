/**
 * How a volume is cut into tiles, and in how many planes at a time a tile is computed. Tiles are boxes of the output; what each
 * needs of the input follows from the network's graph, so the labels are the same for every tiling and only time and memory
 * differ: the borders of tiles are computed twice, while chunks of planes cost nothing (see network/stream-planes.ts).
 */
import type { Engine } from "../compute/engine.ts";
import { formatBytes } from "../core/bytes.ts";
import { TomoflowError } from "../core/error.ts";
import { floatingPointOperations } from "../network/cost.ts";
import type { Graph } from "../network/graph.ts";
import { type Ranges3, restrictToBoxes } from "../network/restrict.ts";
import { streamPlanes } from "../network/stream-planes.ts";
import { formatShape, type Shape3 } from "../volume/volume.ts";

export interface Tiling {
  /** Largest tile, (z, y, x) voxels. */
  readonly tile: Shape3;
  /** Of the chunks that a tile is computed in; the engine's affair where not given. */
  readonly planes?: number;
  /** Bytes that the engine is expected to take, and the slab of whole planes that results are gathered in. */
  readonly bytes: number;
  /** For the whole volume. */
  readonly floatingPointOperations: number;
}

/** Boxes of at most `tile` voxels that cover the volume, in order of z, then y, then x. */
export function tilesOf(shape: Shape3, tile: Shape3): readonly Ranges3[] {
  const ranges = shape.map((length, axis) => {
    const size = evenly(length, tile[axis]!);
    const count = Math.ceil(length / size);
    return Array.from({ length: count }, (_, i) => [i * size, Math.min(length, (i + 1) * size)] as const);
  });
  return ranges[0]!.flatMap((z) => ranges[1]!.flatMap((y) => ranges[2]!.map((x) => [z, y, x] as Ranges3)));
}

/** Length of nearly equal tiles of at most `most`, even where there are several, so that they start where 2×2×2 cells do. */
function evenly(length: number, most: number): number {
  if (most >= length) return length;
  const mostEven = Math.max(1, most - (most % 2));
  const size = Math.ceil(length / Math.ceil(length / mostEven));
  return Math.min(mostEven, size + (size % 2));
}

type Planner = Pick<Engine, "planBytes" | "streamsPlanes">;

interface Whole {
  /** Of the volume. */
  readonly shape: Shape3;
  /** Which output of the graph is asked for. */
  readonly output: string;
}

/**
 * The tiling of the least work that fits in `memoryBytes`, in the largest chunks of planes that do.
 *
 * @throws TomoflowError `memory-too-small` when even small tiles do not fit
 */
export function planTiling(
  engine: Planner,
  graph: Graph,
  { memoryBytes, ...whole }: Whole & { memoryBytes: number },
): Tiling {
  let smallest = Number.POSITIVE_INFINITY;
  for (const { tile, work } of byWork(engine, graph, whole)) {
    const box = middleOf(whole.shape, tile);
    const { fitting, leastBytes } = planChunks(engine, graph, { ...whole, box, memoryBytes });
    if (fitting !== undefined) return { tile, ...fitting, floatingPointOperations: work };
    smallest = Math.min(smallest, leastBytes);
  }
  throw new TomoflowError(
    "memory-too-small",
    `segmenting ${formatShape(whole.shape)} voxels takes at least ${formatBytes(smallest)} of memory, but ${formatBytes(memoryBytes)} may be used`,
    { hint: "allow more with `resources: {memory: …}`, or run fewer tasks at a time with --jobs 1" },
  );
}

/** The largest chunks that fit for tiles of a size that was asked for; the smallest there are if none fits. */
export function planPlanes(
  engine: Planner,
  graph: Graph,
  { tile, memoryBytes, ...whole }: Whole & { tile: Shape3; memoryBytes: number },
): number | undefined {
  const box = middleOf(whole.shape, tile);
  const { fitting } = planChunks(engine, graph, { ...whole, box, memoryBytes });
  return fitting === undefined ? chunksOf(engine, box).at(-1) : fitting.planes;
}

/** Tile sizes and the work of all their tiles: that of a tile in the middle, times their number. */
function byWork(
  engine: Planner,
  graph: Graph,
  { shape, output }: Whole,
): readonly { tile: Shape3; work: number }[] {
  return [...candidates(shape)]
    .map((tile) => {
      const box = middleOf(shape, tile);
      const { graph: restricted } = restrictToBoxes(graph, { [output]: box });
      const [planes] = chunksOf(engine, box); // the work is the same for chunks of any size
      const computed = planes === undefined ? restricted : streamPlanes(restricted, planes).graph;
      return { tile, work: tilesOf(shape, tile).length * floatingPointOperations(computed) };
    })
    .sort((a, b) => a.work - b.work);
}

function middleOf(shape: Shape3, tile: Shape3): Ranges3 {
  const tiles = tilesOf(shape, tile);
  return tiles[Math.floor(tiles.length / 2)]!;
}

/** Planes of a chunk, from the most: more would gain nothing, and less little memory. */
const chunkPlanes = [64, 32, 16, 8, 4];

/** Chunks to choose from, from the largest; `undefined` leaves streaming to the engine. Smaller volumes come in one chunk. */
const chunksOf = ({ streamsPlanes }: Planner, [[start, end]]: Ranges3): readonly (number | undefined)[] =>
  streamsPlanes
    ? [undefined]
    : chunkPlanes.filter((planes) => planes === chunkPlanes[0] || planes < end - start);

/** The largest chunks that fit, by bisection: the smaller they are, the less memory they take. */
function planChunks(
  engine: Planner,
  graph: Graph,
  { memoryBytes, ...options }: Whole & { box: Ranges3; memoryBytes: number },
): { fitting: Pick<Tiling, "planes" | "bytes"> | undefined; leastBytes: number } {
  const chunks = chunksOf(engine, options.box);
  const plan = (index: number) => {
    const planes = chunks[index];
    const bytes = planBox(engine, graph, { ...options, planes });
    return { bytes, ...(planes !== undefined && { planes }) };
  };
  const least = plan(chunks.length - 1);
  if (least.bytes > memoryBytes) return { fitting: undefined, leastBytes: least.bytes };
  let fitting: Pick<Tiling, "planes" | "bytes"> = least;
  let [low, high] = [0, chunks.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    const tried = plan(middle);
    if (tried.bytes <= memoryBytes) [fitting, high] = [tried, middle];
    else low = middle + 1;
  }
  return { fitting, leastBytes: least.bytes };
}

/** Bytes that computing one box takes, in chunks of `planes` if given, with the slab that it is gathered in. */
export function planBox(
  engine: Planner,
  graph: Graph,
  { planes, ...options }: Whole & { box: Ranges3; planes?: number },
): number {
  const slab = slabBytes(graph, options);
  const restricted = restrictToBoxes(graph, { [options.output]: options.box }).graph;
  return slab + engine.planBytes(planes === undefined ? restricted : streamPlanes(restricted, planes).graph);
}

/** See slab-assembler.ts. */
function slabBytes(
  graph: Graph,
  { shape, output, box: [[start, end]] }: { shape: Shape3; output: string; box: Ranges3 },
): number {
  const channels = graph.values[graph.outputs[output]!]!.shape.at(-4)!;
  const bytesOfVoxel = output === "scores" ? 1 + 4 * channels : 1;
  return bytesOfVoxel * (end - start) * shape[1] * shape[2];
}

/** Squares and strips of whole rows. */
function* candidates(shape: Shape3): Generator<Shape3> {
  const lengths = (whole: number) => [1, 2, 3, 4, 6, 8, 12, 16].map((parts) => Math.ceil(whole / parts));
  const useful = (whole: number) =>
    [...new Set(lengths(whole))].filter((length) => length === whole || length >= 16);
  for (const z of useful(shape[0])) {
    for (const side of useful(Math.max(shape[1], shape[2])))
      yield [z, Math.min(side, shape[1]), Math.min(side, shape[2])];
    for (const rows of useful(shape[1])) if (rows < shape[1]) yield [z, rows, shape[2]];
  }
}
