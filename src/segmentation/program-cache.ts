import type { Engine, Program } from "../compute/engine.ts";
import type { Graph, ValueId } from "../network/graph.ts";
import type { RestrictedGraph } from "../network/restrict.ts";

/** Tiles of the same shape and padding share a program; those no longer used are released. */
export class ProgramCache {
  readonly #engine: Engine;
  readonly #programs = new Map<string, Program>();
  readonly #most = 4;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async get({ graph }: RestrictedGraph): Promise<Program> {
    const key = JSON.stringify([
      graph.operations,
      graph.values.map(({ shape }: Graph["values"][ValueId]) => shape),
    ]);
    const known = this.#programs.get(key);
    if (known !== undefined) return known;
    if (this.#programs.size >= this.#most) {
      const [oldest, program] = this.#programs.entries().next().value!;
      this.#programs.delete(oldest);
      await program.dispose();
    }
    const program = await this.#engine.compile(graph);
    this.#programs.set(key, program);
    return program;
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#programs.values()].map((program) => program.dispose()));
    this.#programs.clear();
  }
}
