/** What a network is: how its operations follow from channels and classes. One file of this folder each, listed in registry.ts. */
import type { GraphBuilder, ValueId } from "../graph.ts";

/** Which network: plain data that travels in files of weights and in checkpoints. */
export interface Architecture {
  /** DeepFinder's U-Net where there is none: its files say no name, and those without a name are its. */
  readonly name?: string;
  /** Background included. */
  readonly classes: number;
  /** Channels at each resolution, from the full one on: half, quarter and so on. At least two. */
  readonly filters: readonly number[];
  /** Values of the network's own parameters; their defaults where not given. */
  readonly settings?: Readonly<Record<string, number>>;
}

/** A parameter that one network has and others do not: a whole number. */
export interface NetworkParameter {
  /** One sentence, for `train`. */
  readonly description: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number;
}

export interface Network {
  /** As `network` of `train` names it, and files of weights. */
  readonly name: string;
  /** For people who choose: a part of a sentence. */
  readonly summary: string;
  /** By name: those of its own, beside `filters`. */
  readonly parameters: Readonly<Record<string, NetworkParameter>>;
  /** Every side of the input must be a multiple of this. */
  sideMultiple(architecture: Architecture): number;
  /**
   * Adds what leads from the volume to the logits of the classes, which the last convolution makes, at the resolution of the
   * volume. Convolutions are to be asked for in one order, whatever the extent: it is that of their weights in files.
   */
  add(builder: GraphBuilder, volume: NetworkVolume, architecture: Required<Architecture>): ValueId;
}

export interface NetworkVolume {
  /** (batch, 1, z, y, x). */
  readonly x: ValueId;
  /** A convolution that keeps the size by zeros, with a kernel and bias of its own. */
  readonly convolve: (x: ValueId, convolution: Convolution) => ValueId;
}

export interface Convolution {
  /** Channels that it makes. */
  readonly out: number;
  /** Side of the kernel, voxels. */
  readonly size: number;
  /** Followed by max(0, ·); yes when not given. */
  readonly relu?: boolean;
  /** Its kernel starts as zeros, so that what it adds to another value is nothing before it is learnt; no when not given. */
  readonly startsAtZero?: boolean;
}
