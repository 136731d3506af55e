/**
 * Runs a graph with tfjs. Values are freed after their last use; the way to a loss is run and differentiated in one go, all
 * else operation by operation, and between two of them the process can attend to other things, as to being stopped.
 */
import { setImmediate } from "node:timers/promises";
import { TomoflowError } from "../../core/error.ts";
import { type Graph, type Operation, operandsOf, resultsOf, type ValueId } from "../../network/graph.ts";
import type { CompileOptions, Program, Tensors } from "../engine.ts";
import { checkFeeds, checkKept, checkLoaded, giveFeeds, keptInputs } from "../feeds.ts";
import { takingTurns } from "../kept.ts";
import { type ApplyContext, applyOperation } from "./apply.ts";
import type { Formulation } from "./convolution.ts";
import { type Differentiated, scheduleGraph } from "./differentiation.ts";
import { type Layout, layoutOf } from "./layout.ts";
import type { Tensor, TensorFlow } from "./runtime.ts";

/** What a graph needs to run; nothing is compiled, TensorFlow takes one operation after the other. */
export function createProgram(
  tf: TensorFlow,
  graph: Graph,
  { formulation, kept: names }: CompileOptions & { formulation: Formulation },
): Program {
  const layout = layoutOf(graph);
  const place: TensorProgram = { tf, graph, layout };
  const kept = keptInputs(graph, names);
  const loaded = new Map<string, Tensor>();
  const run = createRun(place, formulation);
  const inTurn = takingTurns();
  const keep = (name: string, tensor: Tensor) => {
    loaded.get(name)?.dispose();
    loaded.set(name, tensor);
  };
  return {
    run: (feeds, signal) =>
      inTurn(async () => {
        checkFeeds(graph, feeds, { kept, loaded });
        signal?.throwIfAborted();
        const names = Object.keys(graph.inputs).filter((name) => !kept.has(name));
        const values = feedValues(place, await giveFeeds(graph, feeds, { names, signal }), loaded);
        try {
          await run(values, signal);
          const fresh = Object.entries(graph.outputs).filter(([name]) => !kept.has(name));
          const results = await readValues(place, values, fresh);
          for (const [name, value] of Object.entries(graph.outputs))
            if (kept.has(name)) keep(name, tf.clone(values.get(value)!));
          return results;
        } finally {
          free(values, [...values.keys()]);
        }
      }),
    load: (tensors) =>
      inTurn(async () => {
        checkLoaded(graph, tensors, kept);
        for (const [name, tensor] of Object.entries(tensors))
          keep(name, feedValue(place, graph.inputs[name]!, tensor));
      }),
    read: (wanted) =>
      inTurn(async () => {
        checkRead(wanted, { kept, loaded });
        const places = wanted.map((name) => [name, graph.inputs[name]!] as const);
        return readValues(place, new Map(places.map(([name, value]) => [value, loaded.get(name)!])), places);
      }),
    dispose: () =>
      inTurn(async () => {
        tf.dispose([...loaded.values()]);
        loaded.clear();
      }),
  };
}

/** @throws TomoflowError `feed-unknown`, `feed-missing` unless each is kept and was loaded */
function checkRead(
  names: readonly string[],
  { kept, loaded }: { kept: ReadonlySet<string>; loaded: ReadonlyMap<string, Tensor> },
): void {
  for (const name of names) {
    checkKept(name, kept);
    if (!loaded.has(name))
      throw new TomoflowError("feed-missing", `the network's kept input ${name} was not loaded`);
  }
}

interface TensorProgram {
  readonly tf: TensorFlow;
  readonly graph: Graph;
  readonly layout: Layout;
}

/** Computes every output into `values`, which hold the inputs. */
function createRun({ tf, graph, layout }: TensorProgram, formulation: Formulation) {
  const context: ApplyContext = { tf, formulation, shape: layout.shape };
  const { differentiated, operations } = scheduleGraph(graph);
  const expiries = expiriesOf(operations, Object.values(graph.outputs));
  return async (values: Values, signal: AbortSignal | undefined): Promise<void> => {
    if (differentiated !== undefined) differentiate(context, differentiated, values);
    for (const [index, operation] of operations.entries()) {
      runOperation(context, operation, values);
      free(values, expiries[index]!);
      await setImmediate();
      signal?.throwIfAborted();
    }
  };
}

type Values = Map<ValueId, Tensor>;

/** Values of the graph's inputs: those fed, and those `loaded` before. */
function feedValues(place: TensorProgram, feeds: Tensors, loaded: ReadonlyMap<string, Tensor>): Values {
  return new Map(
    Object.entries(place.graph.inputs).map(([name, value]) => {
      const known = loaded.get(name);
      return [value, known === undefined ? feedValue(place, value, feeds[name]!) : place.tf.clone(known)];
    }),
  );
}

/** uint8 becomes int32, TensorFlow.js's only type for labels. */
function feedValue({ tf, graph, layout }: TensorProgram, value: ValueId, { data }: Tensors[string]): Tensor {
  const { shape, type } = graph.values[value]!;
  return tf.tidy(() => {
    const fed =
      type === "uint8"
        ? tf.tensor(Int32Array.from(data), [...shape], "int32")
        : tf.tensor(data, [...shape], "float32");
    return layout.store(tf, value, fed);
  });
}

function runOperation(context: ApplyContext, operation: Operation, values: Values): void {
  const results = explained(() =>
    context.tf.tidy(() => [...applyOperation(context, operation, (value) => values.get(value)!)]),
  );
  for (const [index, value] of resultsOf(operation).entries()) values.set(value, results[index]!);
}

/** Adds the derivatives, and what is kept of the values on the way, to `values`. */
function differentiate(
  context: ApplyContext,
  { loss, operations, wanted, kept }: Differentiated,
  values: Values,
): void {
  const { tf } = context;
  const expiries = expiriesOf(operations, [...kept, loss, ...values.keys()]);
  const keptTensors: Tensor[] = [];
  const evaluate = (...leaves: Tensor[]): Tensor => {
    const local: Values = new Map(values);
    for (const [index, { of }] of wanted.entries()) local.set(of, leaves[index]!);
    for (const [index, operation] of operations.entries()) {
      runOperation(context, operation, local);
      free(local, expiries[index]!);
    }
    keptTensors.push(...kept.map((value) => tf.keep(tf.clone(local.get(value)!))));
    return tf.reshape(local.get(loss)!, []);
  };
  try {
    const gradients = explained(() =>
      tf.tidy(() => tf.grads(evaluate)(wanted.map(({ of }) => values.get(of)!))),
    );
    for (const [index, { value }] of wanted.entries()) values.set(value, gradients[index]!);
    for (const [index, value] of kept.entries()) values.set(value, keptTensors[index]!);
  } catch (error) {
    tf.dispose(keptTensors);
    throw error;
  }
}

/** @throws TomoflowError `gpu-out-of-memory` where TensorFlow says that its memory, the GPU's or the processor's, ran out */
function explained<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const [reason] = /OOM when allocating.*/.exec(error instanceof Error ? error.message : "") ?? [];
    if (reason === undefined) throw error;
    throw new TomoflowError("gpu-out-of-memory", `TensorFlow has too little memory: ${reason}`, {
      hint: "use a smaller tile, batch or patch, or end other programs that use its memory",
      cause: error,
    });
  }
}

/** For each operation, the values that no later one reads, and that are not among `lasting`. */
function expiriesOf(
  operations: readonly Operation[],
  lasting: readonly ValueId[],
): readonly (readonly ValueId[])[] {
  const seen = new Set(lasting);
  return operations
    .toReversed()
    .map((operation) => {
      const expired = [...operandsOf(operation), ...resultsOf(operation)].filter((value) => !seen.has(value));
      for (const value of expired) seen.add(value);
      return [...new Set(expired)];
    })
    .reverse();
}

function free(values: Values, expired: readonly ValueId[]): void {
  for (const value of expired) {
    values.get(value)?.dispose();
    values.delete(value);
  }
}

async function readValues(
  { tf, graph, layout }: TensorProgram,
  values: Values,
  wanted: readonly (readonly [name: string, value: ValueId])[],
): Promise<Tensors> {
  const found: Record<string, Tensors[string]> = {};
  for (const [name, value] of wanted) {
    const { shape, type } = graph.values[value]!;
    const tensor = tf.tidy(() => tf.clone(layout.restore(tf, value, values.get(value)!)));
    try {
      const data = await tensor.data();
      found[name] = { shape, data: type === "uint8" ? Uint8Array.from(data) : Float32Array.from(data) };
    } finally {
      tensor.dispose();
    }
  }
  return found;
}
