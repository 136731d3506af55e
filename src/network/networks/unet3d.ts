/**
 * DeepFinder's 3-D U-Net (Moebel et al., Nature Methods 2021): two poolings, convolutions of 3×3×3 with ReLU, nearest
 * upsampling followed by a 2×2×2 convolution, skip connections by concatenation, a 1×1×1 convolution to the classes.
 * Widths and depth are parameters; the original's are 32, 48, 64 at three resolutions.
 */
import { type Axes3, type GraphBuilder, type Padding3, samePadding, type ValueId } from "../graph.ts";
import type { ParameterDefinition } from "../parameters.ts";

export interface UNet3dOptions {
  /** Background included. */
  readonly classes: number;
  /** Channels at each resolution, from the full one on: half, quarter and so on. At least two. */
  readonly filters: readonly number[];
}

export const deepFinderFilters: UNet3dOptions["filters"] = [32, 48, 64];

/** Every side of the input must be a multiple of this: two for each pooling. */
export const sideMultipleOf = ({ filters }: Pick<UNet3dOptions, "filters">): number =>
  2 ** (filters.length - 1);

interface Layer {
  readonly name: string;
  readonly into: number;
  readonly out: number;
  /** Side of the kernel. */
  readonly size: number;
}

/** Layers in the order of the original's weight file: down, four convolutions at the bottom, up again. */
export function unet3dLayers({ classes, filters }: UNet3dOptions): readonly Layer[] {
  const levels = filters.slice(0, -1);
  const bottom = filters.at(-1)!;
  const sizes: (readonly [into: number, out: number, size: number])[] = [];
  levels.forEach((width, level) => {
    sizes.push([level === 0 ? 1 : filters[level - 1]!, width, 3], [width, width, 3]);
  });
  sizes.push([levels.at(-1)!, bottom, 3], [bottom, bottom, 3], [bottom, bottom, 3], [bottom, bottom, 3]);
  for (let level = levels.length - 1; level >= 0; level--) {
    const [width, below] = [filters[level]!, filters[level + 1]!];
    sizes.push([below, below, 2], [below + width, width, 3], [width, width, 3]);
  }
  sizes.push([filters[0]!, classes, 1]);
  return sizes.map(([into, out, size], index) => ({
    name: index === 0 ? "conv3d" : `conv3d_${index}`,
    into,
    out,
    size,
  }));
}

/** Number of layers of a network with so many resolutions. */
export const layersOfDepth = (resolutions: number): number => 5 * resolutions;

export const unet3dParameters = (options: UNet3dOptions): readonly ParameterDefinition[] =>
  unet3dLayers(options).flatMap(({ name, into, out, size }) => [
    { name: `${name}/kernel`, shape: [out, into, size, size, size] },
    { name: `${name}/bias`, shape: [out] },
  ]);

export interface UNet3dValues {
  /** (batch, 1, z, y, x). */
  readonly input: ValueId;
  readonly parameters: ReadonlyMap<string, ValueId>;
  /** Before the softmax, (batch, classes, z, y, x). */
  readonly logits: ValueId;
}

const noMargin: Padding3 = [
  [0, 0],
  [0, 0],
  [0, 0],
];

const addPadding = (a: Padding3, b: Padding3): Padding3 =>
  a.map(([before, after], axis) => [before + b[axis]![0], after + b[axis]![1]]) as unknown as Padding3;

export interface UNet3dInput {
  readonly batch: number;
  /** What the network sees, with the margin: multiples of `sideMultipleOf`. */
  readonly extent: Axes3;
  /** Zeros around the input, part of `extent`; none when not given. */
  readonly margin?: Padding3;
}

/** Adds the network for inputs of the given extent. Inputs: `x`, without its margin, and the parameters by name. */
export function addUNet3d(
  builder: GraphBuilder,
  options: UNet3dOptions,
  { batch, extent, margin = noMargin }: UNet3dInput,
): UNet3dValues {
  const inside = extent.map((length, axis) => length - margin[axis]![0] - margin[axis]![1]);
  const input = builder.input("x", [batch, 1, ...inside]);
  const parameters = new Map(
    unet3dParameters(options).map(({ name, shape }) => [name, builder.input(name, shape)]),
  );
  const layers = unet3dLayers(options).values();
  const convolve = (x: ValueId, relu = true): ValueId => {
    const { name, size } = layers.next().value!;
    const padding = samePadding([size, size, size]);
    return builder.conv3d(x, parameters.get(`${name}/kernel`)!, {
      bias: parameters.get(`${name}/bias`)!,
      relu,
      padding: x === input ? addPadding(padding, margin) : padding,
    });
  };
  const twice = (x: ValueId) => convolve(convolve(x));

  const skipped: ValueId[] = [];
  let value = input;
  for (const _ of options.filters.slice(0, -1)) {
    skipped.push(twice(value));
    value = builder.maxPool3d(skipped.at(-1)!);
  }
  value = twice(twice(value));
  for (const skip of skipped.toReversed())
    value = twice(builder.concat([convolve(builder.upsample3d(value)), skip]));
  return { input, parameters, logits: convolve(value, false) };
}
