/**
 * The engine of a step. A worker keeps that of a GPU for the next task: opening the device, its checks and its compiled shaders
 * are then paid for once, not with every tomogram.
 */
import type { Engine, EngineOptions } from "../compute/engine.ts";
import type { RunContext } from "./step-kind.ts";

type Context = Pick<RunContext<unknown>, "engine" | "threads" | "memoryBytes" | "report">;

/** Those that do not depend on what a task may use of the processor. */
const keptNames: readonly string[] = ["webgpu"];

type Open = (name: string, options: EngineOptions) => Promise<Engine>;

const openEngine: Open = async (name, options) =>
  (await import("../compute/engines.ts")).openEngine(name, options);

export class EngineShelf {
  readonly #open: Open;
  #keeps = false;
  #kept: { readonly asked: string; readonly engine: Engine } | undefined;

  constructor(open: Open = openEngine) {
    this.#open = open;
  }

  /** For processes that do one task after the other and are ended from outside: an open device keeps a process alive. */
  keepForNext(): void {
    this.#keeps = true;
  }

  /** Does `work` with the engine that the task asks for, and says which it is. After a failure the engine is not used again. */
  async use<Result>(context: Context, work: (engine: Engine) => Promise<Result>): Promise<Result> {
    const engine = await this.#take(context);
    let isWell = false;
    try {
      context.report({ type: "engine", name: `${engine.name} (${engine.device})` });
      const result = await work(engine);
      isWell = true;
      return result;
    } finally {
      if (isWell && this.#keeps && keptNames.includes(engine.name))
        this.#kept = { asked: context.engine, engine };
      else await engine.dispose();
    }
  }

  async #take(context: Context): Promise<Engine> {
    const kept = this.#kept;
    this.#kept = undefined;
    if (kept?.asked === context.engine) return kept.engine;
    await kept?.engine.dispose();
    const { engine, threads, memoryBytes, report } = context;
    return this.#open(engine, { threads, memoryBytes, log: (text) => report({ type: "log", text }) });
  }
}

/** Of this process. */
const shelf = new EngineShelf();

export const withEngine: EngineShelf["use"] = (context, work) => shelf.use(context, work);

/** See `EngineShelf.keepForNext`. */
export const keepEngine = (): void => shelf.keepForNext();
