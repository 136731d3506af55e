/** What every engine offers: it compiles graphs of primitives and knows nothing of networks, training or tomograms. */
import type { Graph } from "../network/graph.ts";

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array;
}

export type Tensors = Readonly<Record<string, Tensor>>;

export interface EngineOptions {
  /** Processor threads to use. */
  readonly threads: number;
  /** Of the processor's memory, for programs: all of it when not given. A GPU has its own. */
  readonly memoryBytes?: number;
}

/** A processor ready to run graphs. */
export interface Engine {
  /** `onnx`, `webgpu` or `tensorflow`. */
  readonly name: string;
  /** Of the processor, as it names itself. */
  readonly device: string;
  /** Memory that programs may plan with. */
  memoryBytes(): number;
  /** Bytes that running `graph` is expected to take at its peak. */
  planBytes(graph: Graph): number;
  /** Makes kernels, buffers and sessions ready; shapes are fixed. */
  compile(graph: Graph): Promise<Program>;
  dispose(): Promise<void>;
}

export interface Program {
  /** Feeds every graph input by name and returns every graph output. */
  run(feeds: Tensors): Promise<Tensors>;
  dispose(): Promise<void>;
}
