/** Networks by name: their layers, parameters and graphs (see networks/network.ts for what a network says of itself). */
import { TomoflowError } from "../core/error.ts";
import { type Axes3, GraphBuilder, type Padding3, samePadding, type ValueId } from "./graph.ts";
import type { Architecture, Convolution, Network } from "./networks/network.ts";
import { networks } from "./networks/registry.ts";
import type { ParameterDefinition } from "./parameters.ts";

export type { Architecture, Network, NetworkParameter } from "./networks/network.ts";
export { deepFinderFilters, networks } from "./networks/registry.ts";

/** @throws TomoflowError `network-unknown` */
export function networkOf({ name = networks[0].name }: Pick<Architecture, "name">): Network {
  const network = networks.find((known) => known.name === name);
  if (network !== undefined) return network;
  throw new TomoflowError("network-unknown", `this version of tomoflow has no network named ${name}`, {
    hint: `it has ${networks.map((known) => known.name).join(", ")}; a newer version may have more`,
  });
}

/** Whose network it is, in sentences: `DeepFinder's`, or the name's. */
export const ownerOf = ({ name }: Pick<Architecture, "name">): string =>
  name === undefined ? "DeepFinder's" : `${name}'s`;

/** Every side of the input must be a multiple of this. */
export const sideMultipleOf = (architecture: Architecture): number =>
  networkOf(architecture).sideMultiple(architecture);

/** A convolution with its weights. */
export interface NetworkLayer {
  readonly name: string;
  readonly into: number;
  readonly out: number;
  /** Side of the kernel. */
  readonly size: number;
  readonly startsAtZero: boolean;
}

/** Convolutions in the order in which they run, which is that of their weights in files. */
export function networkLayers(architecture: Architecture): readonly NetworkLayer[] {
  const side = sideMultipleOf(architecture);
  const builder = new GraphBuilder();
  const layers: NetworkLayer[] = [];
  addOperations(builder, architecture, {
    x: builder.input("x", [1, 1, side, side, side]),
    convolve: (x, { out, size, relu = true, startsAtZero = false }) => {
      const name = layers.length === 0 ? "conv3d" : `conv3d_${layers.length}`;
      const into = builder.shape(x)[1]!;
      layers.push({ name, into, out, size, startsAtZero });
      const kernel = builder.input(`${name}/kernel`, [out, into, size, size, size]);
      return builder.conv3d(x, kernel, { bias: builder.input(`${name}/bias`, [out]), relu });
    },
  });
  return layers;
}

export const networkParameters = (architecture: Architecture): readonly ParameterDefinition[] =>
  networkLayers(architecture).flatMap(({ name, into, out, size, startsAtZero }) => [
    {
      name: `${name}/kernel`,
      shape: [out, into, size, size, size],
      ...(startsAtZero && { startsAtZero }),
    },
    { name: `${name}/bias`, shape: [out] },
  ]);

export interface NetworkInput {
  readonly batch: number;
  /** What the network sees, with the margin: multiples of `sideMultipleOf`. */
  readonly extent: Axes3;
  /** Zeros around the input, part of `extent`; none when not given. */
  readonly margin?: Padding3;
}

export interface NetworkValues {
  /** (batch, 1, z, y, x). */
  readonly input: ValueId;
  readonly parameters: ReadonlyMap<string, ValueId>;
  /** Before the softmax, (batch, classes, z, y, x). */
  readonly logits: ValueId;
}

/** Adds the network for inputs of the given extent. Inputs: `x`, without its margin, and the parameters by name. */
export function addNetwork(
  builder: GraphBuilder,
  architecture: Architecture,
  { batch, extent, margin = noMargin }: NetworkInput,
): NetworkValues {
  const inside = extent.map((length, axis) => length - margin[axis]![0] - margin[axis]![1]);
  const input = builder.input("x", [batch, 1, ...inside]);
  const parameters = new Map(
    networkParameters(architecture).map(({ name, shape }) => [name, builder.input(name, shape)]),
  );
  const layers = networkLayers(architecture).values();
  const convolve = (x: ValueId, { relu = true }: Convolution): ValueId => {
    const { name, size } = layers.next().value!;
    const padding = samePadding([size, size, size]);
    return builder.conv3d(x, parameters.get(`${name}/kernel`)!, {
      bias: parameters.get(`${name}/bias`)!,
      relu,
      padding: x === input ? addPadding(padding, margin) : padding,
    });
  };
  return { input, parameters, logits: addOperations(builder, architecture, { x: input, convolve }) };
}

const noMargin: Padding3 = [
  [0, 0],
  [0, 0],
  [0, 0],
];

const addPadding = (a: Padding3, b: Padding3): Padding3 =>
  a.map(([before, after], axis) => [before + b[axis]![0], after + b[axis]![1]]) as unknown as Padding3;

function addOperations(
  builder: GraphBuilder,
  architecture: Architecture,
  volume: Parameters<Network["add"]>[1],
): ValueId {
  const network = networkOf(architecture);
  const usual = Object.entries(network.parameters).map(([name, parameter]) => [name, parameter.default]);
  const settings = { ...Object.fromEntries(usual), ...architecture.settings };
  return network.add(builder, volume, { ...architecture, name: network.name, settings });
}
