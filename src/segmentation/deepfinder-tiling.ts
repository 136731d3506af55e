/**
 * The original's scheme, for comparison: cubes of P³ of the padded volume, at steps of P + 1 − 55 and one at the far end, each
 * without the 25 voxels at its border, probabilities averaged where cubes overlap (Moebel et al. 2021). The labels depend on P.
 */
import type { Engine, Tensors } from "../compute/engine.ts";
import { formatBytes } from "../core/bytes.ts";
import { TomoflowError } from "../core/error.ts";
import { type Graph, GraphBuilder } from "../network/graph.ts";
import { type Architecture, addNetwork, sideMultipleOf } from "../network/networks.ts";
import { deepFinderMargin } from "../network/prediction-graph.ts";
import { formatShape, type Shape3, voxelCount } from "../volume/volume.ts";

export interface OriginalTiling {
  readonly network: Architecture;
  readonly weights: Tensors;
  /** P: a multiple of `cubeMultiple`. */
  readonly side: number;
  /** What the engine may take together with the sums over the whole volume. */
  readonly memoryBytes: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (doneVoxels: number, totalVoxels: number) => void;
}

/** (z, y, x) ranges of the padded volume. */
type ReadPadded = (start: Shape3, shape: Shape3) => Promise<Float32Array>;

/**
 * Probabilities (class, z, y, x) of the whole volume of `shape`; `read` gives boxes of the padded volume.
 *
 * @throws TomoflowError `tile-size` for cubes that do not fit, `memory-too-small` before anything is computed
 */
export async function scoresByOriginalTiling(
  engine: Engine,
  shape: Shape3,
  { read, ...options }: OriginalTiling & { read: ReadPadded },
): Promise<Float32Array> {
  const { network, side } = options;
  const padded = shape.map((length) => length + 2 * deepFinderMargin) as unknown as Shape3;
  checkSide(side, padded, network);
  checkMemory(engine, shape, options);
  const program = await engine.compile(cubeGraph(network, side));
  const voxels = voxelCount(shape);
  const sums = new Float32Array(network.classes * voxels);
  const counts = new Uint16Array(voxels);
  try {
    const starts = padded.map((length) => positions(length, side));
    const patches = starts[0]!.flatMap((z) =>
      starts[1]!.flatMap((y) => starts[2]!.map((x): Shape3 => [z, y, x])),
    );
    for (const [index, start] of patches.entries()) {
      options.signal?.throwIfAborted();
      const data = await read(start, [side, side, side]);
      const x = { shape: [1, 1, side, side, side], data };
      const { scores } = await program.run({ x, ...options.weights }, options.signal);
      addInner(scores!.data as Float32Array, start, { side, shape, sums, counts });
      options.onProgress?.(Math.round((voxels * (index + 1)) / patches.length), voxels);
    }
  } finally {
    await program.dispose();
  }
  for (let label = 0; label < network.classes; label++)
    for (let i = 0; i < voxels; i++) sums[label * voxels + i]! /= counts[i]!;
  return sums;
}

/** Of smaller cubes the 25 voxels at each border leave nothing new. */
const smallestSide = 56;

function cubeGraph(network: Architecture, side: number): Graph {
  const builder = new GraphBuilder();
  const { logits } = addNetwork(builder, network, { batch: 1, extent: [side, side, side] });
  builder.output("scores", builder.softmax(logits));
  return builder.build();
}

type Planner = Pick<Engine, "planBytes">;

/** The engine's plan for one cube, the cube itself, and the sums and counts of the whole volume. */
function bytesOf(engine: Planner, shape: Shape3, network: Architecture, side: number): number {
  const sums = (4 * network.classes + 2) * voxelCount(shape);
  return engine.planBytes(cubeGraph(network, side)) + 4 * side ** 3 + sums;
}

/** The side is never made smaller by itself: the labels depend on it. */
function checkMemory(
  engine: Planner,
  shape: Shape3,
  { network, side, memoryBytes }: Pick<OriginalTiling, "network" | "side" | "memoryBytes">,
): void {
  const needed = bytesOf(engine, shape, network, side);
  if (needed <= memoryBytes) return;
  const multiple = cubeMultiple(network);
  let fitting = side - multiple;
  while (fitting >= smallestSide && bytesOf(engine, shape, network, fitting) > memoryBytes)
    fitting -= multiple;
  const smaller =
    fitting >= smallestSide ? `give tileSize: ${fitting}, which fits (the labels depend on it), or ` : "";
  throw new TomoflowError(
    "memory-too-small",
    `DeepFinder's tiling in cubes of ${side}³ takes ${formatBytes(needed)} of memory, but ${formatBytes(memoryBytes)} may be used`,
    { hint: `${smaller}use tiling: exact, or allow more with \`resources: {memory: …}\`` },
  );
}

/** First voxels of the cubes along one axis. */
function positions(length: number, side: number): readonly number[] {
  const step = side + 1 - 55;
  const starts: number[] = [];
  for (let start = 0; start + side < length; start += step) starts.push(start);
  return [...starts, length - side];
}

/** Adds the cube without its border; the padded voxel `deepFinderMargin` is the volume's first. */
function addInner(
  scores: Float32Array,
  start: Shape3,
  { side, shape, sums, counts }: { side: number; shape: Shape3; sums: Float32Array; counts: Uint16Array },
): void {
  const inner = side - 2 * deepFinderMargin;
  const voxels = voxelCount(shape);
  const classes = scores.length / side ** 3;
  for (let z = 0; z < inner; z++)
    for (let y = 0; y < inner; y++)
      for (let x = 0; x < inner; x++) {
        const to = ((start[0] + z) * shape[1] + start[1] + y) * shape[2] + start[2] + x;
        const from = ((z + deepFinderMargin) * side + y + deepFinderMargin) * side + x + deepFinderMargin;
        for (let label = 0; label < classes; label++)
          sums[label * voxels + to]! += scores[label * side ** 3 + from]!;
        counts[to]!++;
      }
}

/** The original's multiple of 4, and what deeper networks need. */
export const cubeMultiple = (network: Architecture): number => Math.max(4, sideMultipleOf(network));

function checkSide(side: number, padded: Shape3, network: Architecture): void {
  const multiple = cubeMultiple(network);
  const smallest = Math.ceil(smallestSide / multiple) * multiple;
  if (side % multiple === 0 && side >= smallest && padded.every((length) => length >= side)) return;
  const largest = Math.floor(Math.min(...padded) / multiple) * multiple;
  throw new TomoflowError(
    "tile-size",
    `DeepFinder's tiling cannot cut cubes of ${side}³ from ${formatShape(padded)} voxels (the volume with its margin)`,
    { hint: `use a tileSize that is a multiple of ${multiple}, from ${smallest} to ${largest}` },
  );
}
