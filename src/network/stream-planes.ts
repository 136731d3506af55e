/**
 * Rewrites a forward graph so that its values are made in chunks of planes along z, depth first: all that the outputs need up to
 * one plane is made before anything that only later planes need. Every plane is computed once, and by the same additions as in
 * the graph itself, planes of a margin that are alike once for all; memory depends on the planes of a chunk and on how far the
 * network sees, not on the depth of the volume.
 */
import { TomoflowError } from "../core/error.ts";
import { emitOnBox, extentOf, isVolume, neededBoxes, type Range, type Ranges3, requiredOf } from "./boxes.ts";
import {
  type Axes3,
  type Graph,
  GraphBuilder,
  type Operation,
  type PlaneRange,
  resultsOf,
  type ValueId,
} from "./graph.ts";
import { repeatedPlanes } from "./repeated-planes.ts";

export interface StreamedGraph {
  readonly graph: Graph;
  /** By volume-shaped input: the inputs that take its place, in order of z. */
  readonly inputs: Readonly<Record<string, readonly Chunk[]>>;
  /** By output: the outputs that take its place, in order of z. */
  readonly outputs: Readonly<Record<string, readonly Chunk[]>>;
}

/** One input or output of the streamed graph. */
export interface Chunk {
  readonly name: string;
  /** Of the whole input or output. */
  readonly box: Ranges3;
}

/**
 * `planes`: those of the outputs in a chunk. Other values come in as many, or half or a quarter of them where they are pooled.
 *
 * @throws TomoflowError `not-restrictable` for operations that have no meaning on a box, and outputs of different depths
 */
export function streamPlanes(graph: Graph, planes: number): StreamedGraph {
  const stream = new Stream(graph);
  for (const end of ends(graph, planes)) stream.advance(end);
  return stream.finish();
}

/** Boxes of the outputs from the first plane to `end`. */
function boxesUntil(graph: Graph, end: number): Record<string, Ranges3> {
  return Object.fromEntries(
    Object.entries(graph.outputs).map(([name, value]) => {
      const [height, width] = graph.values[value]!.shape.slice(-2) as [number, number];
      return [
        name,
        [
          [Math.min(0, end), end],
          [0, height],
          [0, width],
        ],
      ];
    }),
  );
}

/** Planes of the outputs. */
function depthOf(graph: Graph): number {
  const depths = new Set(Object.values(graph.outputs).map((value) => graph.values[value]!.shape.at(-3)!));
  if (depths.size === 1) return [...depths][0]!;
  throw new TomoflowError(
    "not-restrictable",
    `outputs of different depths (${[...depths].join(", ")}) cannot be made in chunks`,
  );
}

/**
 * How far the outputs are made, step by step. The first ends lie before their first plane: until then only what the first plane
 * needs of other values is made, so that it does not come all at once. One chunk comes in one step.
 */
function ends(graph: Graph, planes: number): readonly number[] {
  const depth = depthOf(graph);
  if (planes >= depth) return [depth];
  const whole = neededBoxes(graph, boxesUntil(graph, depth));
  const isNothingNeeded = (end: number) =>
    [...neededBoxes(graph, boxesUntil(graph, end))].every(
      ([value, [[, to]]]) => to <= whole.get(value)![0][0],
    );
  const found: number[] = [];
  for (let end = 0; !isNothingNeeded(end); end -= planes) found.unshift(end);
  for (let end = planes; end < depth; end += planes) found.push(end);
  return [...found, depth];
}

/** A value's planes that are made. */
interface Made {
  readonly value: ValueId;
  /** In voxels of the whole value. */
  readonly box: Ranges3;
  /** Where all planes of the box are alike: which plane of `value` they are. */
  readonly repeated?: number;
}

/** What costs a copy alone is made where it is read, for the planes that are read. */
const isCopy = ({ type }: Operation): boolean =>
  type === "crop3d" || type === "concat" || type === "upsample3d";

class Stream {
  readonly #graph: Graph;
  readonly #builder = new GraphBuilder();
  readonly #copies: ReadonlyMap<ValueId, Operation>;
  readonly #repeats: ReadonlyMap<ValueId, readonly boolean[]>;
  /** Of the whole outputs. */
  readonly #needed: ReadonlyMap<ValueId, Ranges3>;
  readonly #parameters = new Map<ValueId, ValueId>();
  /** In order of z; what is no longer needed too. */
  readonly #made = new Map<ValueId, Made[]>();
  readonly #inputs: Record<string, Chunk[]> = {};
  readonly #outputs: Record<string, Chunk[]> = {};

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#needed = neededBoxes(graph, boxesUntil(graph, depthOf(graph)));
    this.#repeats = repeatedPlanes(graph);
    this.#copies = new Map(
      graph.operations.filter(isCopy).map((operation) => [resultsOf(operation)[0]!, operation]),
    );
    for (const [name, value] of Object.entries(graph.inputs)) {
      const { shape, type } = graph.values[value]!;
      if (isVolume(graph, value)) this.#inputs[name] = [];
      else this.#parameters.set(value, this.#builder.input(name, shape, type));
    }
    for (const name of Object.keys(graph.outputs)) this.#outputs[name] = [];
  }

  /** Makes all that the outputs need up to the plane `end`. */
  advance(end: number): void {
    const needed = neededBoxes(this.#graph, boxesUntil(this.#graph, end));
    const next = (value: ValueId): Ranges3 | undefined => {
      const whole = this.#needed.get(value);
      if (whole === undefined) return undefined;
      const [[first, last], ...plane] = whole;
      const from = this.#made.get(value)?.at(-1)?.box[0][1] ?? first;
      const to = Math.min(last, needed.get(value)![0][1]);
      return to > from ? [[from, to], ...plane] : undefined;
    };
    for (const [name, chunks] of Object.entries(this.#inputs)) {
      const value = this.#graph.inputs[name]!;
      const box = next(value);
      if (box !== undefined) this.#keep(value, { value: this.#input(name, chunks, box), box });
    }
    for (const operation of this.#graph.operations) {
      const [value] = resultsOf(operation) as [ValueId];
      const box = isCopy(operation) ? undefined : next(value);
      if (box !== undefined) this.#make(operation, box);
    }
    for (const [name, box] of Object.entries(boxesUntil(this.#graph, end)))
      if (end > 0) this.#output(name, box);
  }

  finish(): StreamedGraph {
    return { graph: this.#builder.build(), inputs: this.#inputs, outputs: this.#outputs };
  }

  /** Of planes that are alike the first, where it is not made yet. */
  #make(operation: Operation, [[from, to], ...plane]: Ranges3): void {
    const [value] = resultsOf(operation) as [ValueId];
    const isRepeated = (at: number) => this.#repeats.get(value)![at]! && (at > from || this.#made.has(value));
    for (let at = from; at < to; ) {
      const start = at;
      const repeats = isRepeated(at);
      do at++;
      while (at < to && isRepeated(at) === repeats);
      const box: Ranges3 = [[start, at], ...plane];
      this.#keep(
        value,
        repeats ? lastOf(this.#made.get(value)!, box) : { value: this.#emit(operation, box), box },
      );
    }
  }

  #keep(value: ValueId, made: Made): void {
    const chunks = this.#made.get(value);
    if (chunks === undefined) this.#made.set(value, [made]);
    else chunks.push(made);
  }

  #input(name: string, chunks: Chunk[], box: Ranges3): ValueId {
    const { shape, type } = this.#graph.values[this.#graph.inputs[name]!]!;
    const chunk = { name: `${name}/${chunks.length}`, box };
    chunks.push(chunk);
    return this.#builder.input(chunk.name, [...shape.slice(0, -3), ...extentOf(box)], type);
  }

  /** Those planes of `until` that no chunk has yet. */
  #output(name: string, [[, end], ...plane]: Ranges3): void {
    const chunks = this.#outputs[name]!;
    const box: Ranges3 = [[chunks.at(-1)?.box[0][1] ?? 0, end], ...plane];
    const chunk = { name: `${name}/${chunks.length}`, box };
    chunks.push(chunk);
    this.#builder.output(chunk.name, this.#read(this.#graph.outputs[name]!, box));
  }

  #emit(operation: Operation, box: Ranges3): ValueId {
    const read = (operand: ValueId) =>
      this.#parameters.get(operand) ?? this.#read(operand, requiredOf(this.#graph, operation, box));
    return emitOnBox(this.#graph, this.#builder, { operation, box, read });
  }

  /** A box of a value, of the chunks that hold its planes. */
  #read(value: ValueId, box: Ranges3): ValueId {
    const copy = this.#copies.get(value);
    if (copy !== undefined) return this.#emit(copy, box);
    const [, height, width] = extentOf(box);
    const parts = this.#made.get(value)!.flatMap((made) => partOf(made, box));
    return this.#builder.joinPlanes(parts, [height, width]);
  }
}

/** Planes that are as the last that are made. */
function lastOf(made: readonly Made[], box: Ranges3): Made {
  const { value, box: last, repeated } = made.at(-1)!;
  return { value, box, repeated: repeated ?? last[0][1] - last[0][0] - 1 };
}

/** The planes of `made` that lie in `box`; none where they do not meet. */
function partOf({ value, box: [planes, [y], [x]], repeated }: Made, box: Ranges3): readonly PlaneRange[] {
  const [first, last]: Range = [Math.max(planes[0], box[0][0]), Math.min(planes[1], box[0][1])];
  if (last <= first) return [];
  const from = (plane: number): Axes3 => [plane, box[1][0] - y, box[2][0] - x];
  if (repeated === undefined) return [{ x: value, start: from(first - planes[0]), count: last - first }];
  return Array.from({ length: last - first }, () => ({ x: value, start: from(repeated), count: 1 }));
}
