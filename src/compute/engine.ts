/** What every engine offers: it compiles graphs of primitives and knows nothing of networks, training or tomograms. */
import { TomoflowError } from "../core/error.ts";
import type { Graph } from "../network/graph.ts";

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array;
}

export type Tensors = Readonly<Record<string, Tensor>>;

/**
 * What an input is fed: a tensor, or a function that gives it. The function is called once a run, when the work that reads the
 * input is next: reading a file, say, then overlaps the work before. It must not wait for another run of the same engine.
 */
export type Feed = Tensor | (() => Tensor | Promise<Tensor>);

export type Feeds = Readonly<Record<string, Feed>>;

export interface EngineOptions {
  /** Processor threads to use. */
  readonly threads: number;
  /** Of the processor's memory, for programs: all of it when not given. A GPU has its own. */
  readonly memoryBytes?: number;
  /** Told in words what takes a while. */
  readonly log?: (text: string) => void;
}

export interface CompileOptions {
  /**
   * Inputs that stay with the program between runs: they are loaded, not fed. An output of the same name takes the place
   * of its input after every run and is not returned: weights that a training step changes.
   */
  readonly kept?: readonly string[];
  /**
   * Gives the memory of a run back after it, for programs that are held beside others; `onnx` is some per cent slower so,
   * and would hold each program's memory otherwise.
   */
  readonly releasesMemory?: boolean;
}

/** A processor ready to run graphs. */
export interface Engine {
  /** `onnx`, `webgpu` or `tensorflow`. */
  readonly name: string;
  /** Of the processor, as it names itself. */
  readonly device: string;
  /**
   * Whether programs compute forward graphs plane by plane by themselves, in memory that does not depend on the depth. For other
   * engines network/stream-planes.ts rewrites graphs so.
   */
  readonly streamsPlanes: boolean;
  /** How many runs of a program are worth asking for before the first is done; one when not given. */
  readonly runsInFlight?: number;
  /** Memory that programs may plan with. */
  memoryBytes(): number;
  /** Bytes that running `graph` is expected to take at its peak. */
  planBytes(graph: Graph, options?: CompileOptions): number;
  /** Makes kernels, buffers and sessions ready; shapes are fixed. */
  compile(graph: Graph, options?: CompileOptions): Promise<Program>;
  dispose(): Promise<void>;
}

export interface Program {
  /**
   * Feeds every graph input that is not kept, by name, and returns every graph output that is not kept. Runs are done in
   * the order of the calls; the next may be asked for before the last is done. `signal` ends a run before its time where
   * the engine can: `webgpu` between two submissions, `tensorflow` between two operations, all while they wait for a feed. A feed
   * that fails ends the run with its error; kept inputs are then as before the run.
   */
  run(feeds: Feeds, signal?: AbortSignal): Promise<Tensors>;
  /** Sets kept inputs; each must be set before the first run. */
  load(values: Tensors): Promise<void>;
  /** Kept inputs as they are after the runs so far, to the bit. */
  read(names: readonly string[]): Promise<Tensors>;
  dispose(): Promise<void>;
}

const smallerPlanCodes = ["gpu-out-of-memory", "gpu-buffer-limit", "gpu-lost"];

/**
 * Whether an engine failed because it was given too much at once, as far as can be told: too little memory, or a device
 * that was lost (by a watchdog, say). Programs must be compiled again; smaller ones may run.
 */
export const asksForSmallerPlan = (error: unknown): boolean =>
  error instanceof TomoflowError && smallerPlanCodes.includes(error.code);
