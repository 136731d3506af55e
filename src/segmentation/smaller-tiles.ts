/**
 * What happens when the engine has too little memory after all, or loses its device: the tile is computed again in smaller
 * boxes, and so are those that follow. Labels are the same for every tiling, so only time is lost.
 */
import { asksForSmallerPlan, type Engine } from "../compute/engine.ts";
import { TomoflowError } from "../core/error.ts";
import { extentOf, type Ranges3 } from "../network/restrict.ts";
import { type Shape3, voxelCount } from "../volume/volume.ts";
import type { SegmentedTile } from "./segmented-tile.ts";
import type { PredictorOptions, TilePredictor } from "./tile-predictor.ts";
import { planBox, planTiling, type Tiling, tilesOf } from "./tiling.ts";

/** Of the memory that was too much: the first of them for which there is a tiling. */
const shares = [0.5, 0.7, 0.9];
/** Where so much smaller tiles do not help, something else is wrong. */
const mostShrinkings = 3;

export class ShrinkingPredictor {
  readonly #engine: Engine;
  readonly #predictor: TilePredictor;
  readonly #options: PredictorOptions & { readonly shape: Shape3 };
  /** How large boxes are computed at once, and in which chunks; as asked for while not set. */
  #largest: Pick<Tiling, "tile" | "planes"> | undefined;
  #shrinkings = 0;
  /** Computations under way: programs are released only when none is. */
  readonly #attempts = new Set<Promise<unknown>>();
  #shrinking: Promise<void> | undefined;

  constructor(
    engine: Engine,
    predictor: TilePredictor,
    options: PredictorOptions & { readonly shape: Shape3 },
  ) {
    this.#engine = engine;
    this.#predictor = predictor;
    this.#options = options;
  }

  /** @throws what the engine threw when smaller boxes did not help */
  async predict(box: Ranges3): Promise<SegmentedTile> {
    for (;;) {
      await this.#shrinking;
      const largest = this.#largest;
      const attempt = this.#compute(box, largest);
      this.#attempts.add(attempt);
      try {
        return await attempt;
      } catch (error) {
        this.#attempts.delete(attempt);
        if (!asksForSmallerPlan(error)) throw error;
        await Promise.allSettled([...this.#attempts]);
        if (this.#largest !== largest) continue; // another tile met the same and has shrunk them
        this.#shrinking ??= this.#shrink(box, error).finally(() => {
          this.#shrinking = undefined;
        });
        await this.#shrinking;
      } finally {
        this.#attempts.delete(attempt);
      }
    }
  }

  async #compute(box: Ranges3, largest: Pick<Tiling, "tile" | "planes"> | undefined): Promise<SegmentedTile> {
    const parts = largest === undefined ? [box] : partsOf(box, largest.tile);
    const { planes } = largest ?? this.#options;
    if (parts.length === 1) return this.#predictor.predict(box, planes);
    const whole: SegmentedTile = {
      box,
      labels: new Uint8Array(voxelCount(extentOf(box))),
      ...(this.#options.scores && {
        scores: new Float32Array(this.#options.network.classes * voxelCount(extentOf(box))),
      }),
    };
    for (const part of parts) place(await this.#predictor.predict(part, planes), whole);
    return whole;
  }

  async #shrink(box: Ranges3, error: unknown): Promise<void> {
    if (this.#shrinkings === mostShrinkings) throw error;
    this.#shrinkings++;
    const { graph, output, shape } = this.#options;
    const before = this.#largest === undefined ? box : partsOf(box, this.#largest.tile)[0]!;
    const { planes } = this.#largest ?? this.#options;
    const bytes = planBox(this.#engine, graph, { shape, output, box: before, planes });
    await this.#predictor.dispose();
    const smaller = shares
      .map((share) => this.#tilingWithin(share * bytes))
      .find((tiling) => tiling !== undefined);
    if (smaller === undefined) throw error;
    this.#largest = smaller;
  }

  #tilingWithin(memoryBytes: number): Tiling | undefined {
    const { graph, output, shape } = this.#options;
    try {
      return planTiling(this.#engine, graph, { shape, output, memoryBytes });
    } catch (error) {
      if (error instanceof TomoflowError && error.code === "memory-too-small") return undefined;
      throw error;
    }
  }
}

const partsOf = (box: Ranges3, largest: Shape3): readonly Ranges3[] =>
  tilesOf(extentOf(box), largest).map(
    (part) =>
      part.map(([start, end], axis) => [start + box[axis]![0], end + box[axis]![0]]) as unknown as Ranges3,
  );

/** Copies a part's labels and scores to their place in the whole. */
function place(part: SegmentedTile, whole: SegmentedTile): void {
  const [planes, rows, width] = extentOf(part.box);
  const [depth, height, length] = extentOf(whole.box);
  const [z0, y0, x0] = part.box.map(([start], axis) => start - whole.box[axis]![0]) as unknown as Shape3;
  const maps = part.scores && whole.scores ? part.scores.length / part.labels.length : 0;
  for (let z = 0; z < planes; z++)
    for (let y = 0; y < rows; y++) {
      const from = (z * rows + y) * width;
      const to = ((z0 + z) * height + y0 + y) * length + x0;
      whole.labels.set(part.labels.subarray(from, from + width), to);
      for (let map = 0; map < maps; map++) {
        const start = map * planes * rows * width + from;
        whole.scores!.set(part.scores!.subarray(start, start + width), map * depth * height * length + to);
      }
    }
}
