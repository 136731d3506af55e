import type { CompileOptions, Engine, Program } from "../compute/engine.ts";
import type { Graph, ValueId } from "../network/graph.ts";
import type { RestrictedGraph } from "../network/restrict.ts";
import { type StreamedGraph, streamPlanes } from "../network/stream-planes.ts";

/** What computes boxes of one shape and padding. */
export interface BoxProgram {
  readonly program: Program;
  /** Where it computes them in chunks of planes. */
  readonly streamed: StreamedGraph | undefined;
}

/**
 * Tiles of the same shape and padding share a program; the one not used for longest is released. Tiles under way must be
 * fewer than the programs that are held.
 */
export class ProgramCache {
  readonly #engine: Engine;
  readonly #options: CompileOptions;
  /** Least recently used first. */
  readonly #programs = new Map<string, Promise<BoxProgram>>();
  readonly #most = 4;

  constructor(engine: Engine, options: CompileOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  /** `planes`: of a chunk; the box as a whole when not given. */
  async get({ graph }: RestrictedGraph, planes: number | undefined): Promise<BoxProgram> {
    const key = JSON.stringify([
      graph.operations,
      graph.values.map(({ shape }: Graph["values"][ValueId]) => shape),
      planes,
    ]);
    const known = this.#programs.get(key);
    if (known === undefined) await this.#makeRoom();
    const program = known ?? this.#programs.get(key) ?? this.#compile(graph, planes);
    this.#programs.delete(key);
    this.#programs.set(key, program);
    try {
      return await program;
    } catch (error) {
      if (this.#programs.get(key) === program) this.#programs.delete(key);
      throw error;
    }
  }

  async #compile(graph: Graph, planes: number | undefined): Promise<BoxProgram> {
    const streamed = planes === undefined ? undefined : streamPlanes(graph, planes);
    return { program: await this.#engine.compile(streamed?.graph ?? graph, this.#options), streamed };
  }

  async dispose(): Promise<void> {
    const programs = [...this.#programs.values()];
    this.#programs.clear();
    await Promise.all(programs.map(release));
  }

  async #makeRoom(): Promise<void> {
    while (this.#programs.size >= this.#most) {
      const [oldest, program] = this.#programs.entries().next().value!;
      this.#programs.delete(oldest);
      await release(program);
    }
  }
}

/** One that failed to compile has nothing to release. */
const release = async (compiling: Promise<BoxProgram>): Promise<void> => {
  const compiled = await compiling.catch(() => undefined);
  await compiled?.program.dispose();
};
