/**
 * Writes ONNX models (IR 10, opset 21) as protobuf, with the official schema `onnx.proto` beside this file.
 * Tensors are named by numbers handed out in order; nothing here knows of networks.
 */
import { readFileSync } from "node:fs";
import type protobuf from "protobufjs";

export const nchwcDomain = "com.microsoft.nchwc";
export const contribDomain = "com.microsoft";

export type Attribute = number | string | readonly number[] | { readonly float: number };

export type ElementType = "float32" | "int64" | "uint8" | "int32" | "bool" | "float64";

const elementTypes: Record<ElementType, number> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
};

interface NodeProto {
  readonly opType: string;
  readonly domain: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly object[];
}

/** Collects nodes, constants, inputs and outputs, then encodes them. */
export class ModelBuilder {
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: object[] = [];
  readonly #inputs: object[] = [];
  readonly #outputs: object[] = [];
  readonly #constants = new Map<string, string>();
  /** Outputs of each node, by what it computes. */
  readonly #known = new Map<string, readonly string[]>();
  #count = 0;

  /** Adds a node with one output and returns the output's name; `""` stands for an absent optional input. */
  node(
    opType: string,
    input: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = "",
  ): string {
    return this.nodes(opType, input, 1, attributes, domain)[0]!;
  }

  /** Adds a node with several outputs; a node that computes the same as one before is that one. */
  nodes(
    opType: string,
    input: readonly string[],
    outputs: number,
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = "",
  ): readonly string[] {
    const key = JSON.stringify([opType, domain, input, outputs, attributes]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const output = Array.from({ length: outputs }, () => this.#fresh());
    this.#known.set(key, output);
    const attribute = Object.entries(attributes).map(([name, value]) => encodeAttribute(name, value));
    this.#nodes.push({ opType, domain, input, output, attribute });
    return output;
  }

  /** A graph input, which is fed at every run. */
  input(name: string, type: ElementType, shape: readonly number[]): string {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  /** Declares `tensor` as the graph output `name`. */
  output(name: string, tensor: string, type: ElementType, shape: readonly number[]): void {
    this.#nodes.push({ opType: "Identity", domain: "", input: [tensor], output: [name], attribute: [] });
    this.#outputs.push(valueInfo(name, type, shape));
  }

  /** A constant int64 vector, shared between equal ones. */
  integers(values: readonly number[]): string {
    const key = `i${values.join(",")}`;
    return this.#shared(key, () => ({
      dims: [values.length],
      dataType: elementTypes.int64,
      rawData: new Uint8Array(BigInt64Array.from(values.map((value) => BigInt(value))).buffer),
    }));
  }

  /** A constant float scalar, shared between equal ones. */
  scalar(value: number): string {
    return this.#shared(`s${value}`, () => ({
      dims: [],
      dataType: elementTypes.float32,
      rawData: new Uint8Array(Float32Array.of(value).buffer),
    }));
  }

  /** A constant double scalar, shared between equal ones. */
  double(value: number): string {
    return this.#shared(`d${value}`, () => ({
      dims: [],
      dataType: elementTypes.float64,
      rawData: new Uint8Array(Float64Array.of(value).buffer),
    }));
  }

  /** `tensor` in another type. */
  cast(tensor: string, to: ElementType): string {
    return this.node("Cast", [tensor], { to: elementTypes[to] });
  }

  /** A constant float tensor. */
  floats(shape: readonly number[], data: Float32Array): string {
    const name = this.#fresh();
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#initializers.push({ name, dims: [...shape], dataType: elementTypes.float32, rawData });
    return name;
  }

  /** A float tensor of the given shape filled with zeros. */
  zeros(shape: readonly number[]): string {
    const key = `z${shape.join(",")}`;
    const size = shape.reduce((product, length) => product * length, 1);
    return this.#shared(key, () => ({
      dims: [...shape],
      dataType: elementTypes.float32,
      rawData: new Uint8Array(size * 4),
    }));
  }

  get nodeCount(): number {
    return this.#nodes.length;
  }

  /** Number of nodes of one type. */
  countOf(type: string): number {
    return this.#nodes.filter(({ opType }) => opType === type).length;
  }

  /** The model as protobuf bytes, ready for a session. */
  async encode(): Promise<Uint8Array> {
    const type = await modelType();
    const model = type.fromObject({
      irVersion: 10,
      producerName: "tomoflow",
      opsetImport: [
        { domain: "", version: 21 },
        { domain: contribDomain, version: 1 },
        { domain: nchwcDomain, version: 1 },
      ],
      graph: {
        name: "tomoflow",
        node: this.#nodes,
        initializer: this.#initializers,
        input: this.#inputs,
        output: this.#outputs,
      },
    });
    return type.encode(model).finish();
  }

  #fresh(): string {
    return `t${this.#count++}`;
  }

  #shared(key: string, make: () => object): string {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.#fresh();
    this.#initializers.push({ name, ...make() });
    this.#constants.set(key, name);
    return name;
  }
}

export function encodeAttribute(name: string, value: Attribute): object {
  if (typeof value === "number") return { name, type: 2, i: value };
  if (typeof value === "string") return { name, type: 3, s: Buffer.from(value) };
  if ("float" in value) return { name, type: 1, f: value.float };
  return { name, type: 7, ints: value };
}

const valueInfo = (name: string, type: ElementType, shape: readonly number[]): object => ({
  name,
  type: {
    tensorType: { elemType: elementTypes[type], shape: { dim: shape.map((dimValue) => ({ dimValue })) } },
  },
});

let loadedType: Promise<protobuf.Type> | undefined;

/** The message `ModelProto` of the official schema. */
export function modelType(): Promise<protobuf.Type> {
  loadedType ??= import("protobufjs").then(({ default: protobufjs }) => {
    const source = readFileSync(new URL("onnx.proto", import.meta.url), "utf8");
    return protobufjs.parse(source).root.lookupType("onnx.ModelProto");
  });
  return loadedType;
}
