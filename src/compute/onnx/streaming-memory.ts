/**
 * The memory of a forward graph whose planes are computed one by one. onnxruntime orders nodes depth first from the output:
 * a plane is computed when the first plane after it asks for it and freed after the last, so what is alive at one time is
 * a few planes of each layer and the skip connections' delay, whatever the depth of the volume. Here the same walk is
 * made over planes alone.
 */
import { bytesOfValue } from "../../network/cost.ts";
import { type Graph, type Operation, operandsOf, resultsOf, type ValueId } from "../../network/graph.ts";

/** What onnxruntime keeps for each plane's nodes beside the data. */
const bytesOfNodes = 30_000;

/** True for graphs without gradients: every operation works plane by plane. */
export const isForward = (graph: Graph): boolean =>
  graph.operations.every(({ type }) => forwardTypes.has(type)) &&
  Object.values(graph.outputs).every((value) => graph.values[value]!.shape.length >= 4);

const forwardTypes = new Set<Operation["type"]>([
  "conv3d",
  "maxPool3d",
  "upsample3d",
  "sumPool3d",
  "concat",
  "crop3d",
  "joinPlanes",
  "zeros",
  "add",
  "softmax",
  "argMax",
]);

/** Peak bytes; `block`: channels are stored in groups of this many. */
export function streamingBytes(graph: Graph, block: number): number {
  const walk = new Walk(graph, block);
  for (const value of Object.values(graph.outputs))
    for (let plane = 0; plane < walk.planesOf(value); plane++) walk.compute(value, plane);
  return walk.peak;
}

class Walk {
  peak: number;
  readonly #graph: Graph;
  readonly #producers: ReadonlyMap<ValueId, Operation>;
  readonly #planeBytes: ReadonlyMap<ValueId, number>;
  /** Planes that still wait for a plane, by value and plane; -1 once it is computed and freed. */
  readonly #waiting = new Map<ValueId, Int32Array>();
  readonly #done = new Map<ValueId, Uint8Array>();
  #alive: number;

  constructor(graph: Graph, block: number) {
    this.#graph = graph;
    this.#producers = new Map(
      graph.operations.flatMap((operation) => resultsOf(operation).map((id) => [id, operation])),
    );
    const values = [...new Set(graph.operations.flatMap((o) => [...operandsOf(o), ...resultsOf(o)]))];
    this.#planeBytes = new Map(values.map((id) => [id, bytesOfValue(graph, id, block) / this.planesOf(id)]));
    const inputs = Object.values(graph.inputs).reduce((sum, id) => sum + bytesOfValue(graph, id, block), 0);
    const outputs = Object.values(graph.outputs).reduce((sum, id) => sum + bytesOfValue(graph, id, block), 0);
    const planes = values.reduce((sum, id) => sum + this.planesOf(id), 0);
    this.#alive = 2 * inputs + 2 * outputs + planes * bytesOfNodes;
    this.peak = this.#alive;
    this.#countConsumers();
  }

  /** Planes of a value that are computed apart: its depth, or 1 for what is fed. */
  planesOf(value: ValueId): number {
    if (!this.#producers.has(value)) return 1;
    return this.#graph.values[value]!.shape.at(-3)!;
  }

  /** Computes a plane and all that it needs, depth first. */
  compute(value: ValueId, plane: number): void {
    const pending: (readonly [ValueId, number])[] = [[value, plane]];
    while (pending.length > 0) {
      const [id, at] = pending.at(-1)!;
      const done = this.#doneOf(id);
      const producer = this.#producers.get(id);
      if (producer === undefined || done[at]) {
        pending.pop();
        continue;
      }
      const missing = this.#needs(producer, at).filter(([need, index]) => this.#isMissing(need, index));
      if (missing.length > 0) {
        pending.push(...missing);
        continue;
      }
      pending.pop();
      done[at] = 1;
      this.#alive += this.#planeBytes.get(id)!;
      this.peak = Math.max(this.peak, this.#alive + this.#workspace(producer, id));
      for (const [need, index] of this.#needs(producer, at)) this.#release(need, index);
    }
  }

  #isMissing(value: ValueId, plane: number): boolean {
    return this.#producers.has(value) && this.#doneOf(value)[plane] === 0;
  }

  #release(value: ValueId, plane: number): void {
    if (!this.#producers.has(value)) return;
    const waiting = this.#waiting.get(value)!;
    waiting[plane]!--;
    if (waiting[plane] === 0) this.#alive -= this.#planeBytes.get(value)!;
  }

  #countConsumers(): void {
    for (const operation of this.#graph.operations)
      for (const result of resultsOf(operation))
        for (let plane = 0; plane < this.planesOf(result); plane++)
          for (const [need, index] of this.#needs(operation, plane)) {
            if (!this.#producers.has(need)) continue;
            let waiting = this.#waiting.get(need);
            if (waiting === undefined) {
              waiting = new Int32Array(this.planesOf(need));
              this.#waiting.set(need, waiting);
            }
            waiting[index]!++;
          }
  }

  /** Planes of the operands that one plane of the result is made of. */
  #needs(operation: Operation, plane: number): readonly (readonly [ValueId, number])[] {
    switch (operation.type) {
      case "conv3d": {
        const depth = this.planesOf(operation.x);
        const size = this.#graph.values[operation.kernel]!.shape[2]!;
        const first = plane - operation.padding[0][0];
        return range(Math.max(0, first), Math.min(depth, first + size)).map((index) => [operation.x, index]);
      }
      case "maxPool3d":
      case "sumPool3d":
        return [0, 1].map((index) => [operation.x, 2 * plane + index]);
      case "upsample3d":
        return [[operation.x, plane >> 1]];
      case "crop3d":
        return [[operation.x, plane + operation.start[0]]];
      case "joinPlanes": {
        let from = 0;
        for (const { x, start, count } of operation.parts) {
          if (plane < from + count) return [[x, this.#producers.has(x) ? plane - from + start[0] : 0]];
          from += count;
        }
        return [];
      }
      default: {
        const whole = (operand: ValueId) => (this.planesOf(operand) === 1 ? 0 : plane);
        return operandsOf(operation).map((operand) => [operand, whole(operand)]);
      }
    }
  }

  /** Beside operands and result: the softmax's parts, 64-bit labels. */
  #workspace(operation: Operation, result: ValueId): number {
    if (operation.type === "softmax") return 3 * this.#planeBytes.get(result)!;
    return operation.type === "argMax" ? 8 * this.#planeBytes.get(result)! : 0;
  }

  #doneOf(value: ValueId): Uint8Array {
    let done = this.#done.get(value);
    if (done === undefined) {
      done = new Uint8Array(this.planesOf(value));
      this.#done.set(value, done);
    }
    return done;
  }
}

const range = (start: number, end: number): readonly number[] =>
  Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index);
