/**
 * How activations are stored: one tensor a z-plane, so that a 3-D convolution is a sum of 2-D ones over neighbouring
 * planes. Where the processor has them, planes are in onnxruntime's blocked layout "NCHWc": declared (batch, channel,
 * y, x), stored (batch, channel / block, y, x, block), which its fastest 2-D kernels read and write. Its operations
 * take weights at run time too, so that training needs no new session when the weights change.
 */
import { TomoflowError } from "../../core/error.ts";
import { type ModelBuilder, nchwcDomain } from "./model.ts";

/** Activations, a tensor a plane. */
export interface Planes {
  readonly kind: "planes";
  /** Tensor of each z-plane. */
  readonly names: readonly string[];
  readonly batch: number;
  /** Channels of each concatenated part; in the blocked layout each is filled up with zeros to whole blocks. */
  readonly segments: readonly number[];
  readonly height: number;
  readonly width: number;
  readonly blocked: boolean;
}

/** Activations in one plain tensor (z · batch, channel, y, x), z slowest: what works voxel by voxel across channels. */
export interface Stack {
  readonly kind: "stack";
  readonly name: string;
  readonly depth: number;
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Anything else: parameters, scalars, labels. */
export interface Plain {
  readonly kind: "plain";
  readonly name: string;
  readonly shape: readonly number[];
}

export type Lowered = Planes | Stack | Plain;

/** Channels stored for `channels` real ones. */
export const paddedTo = (channels: number, block: number): number => Math.ceil(channels / block) * block;

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Stored channels of a plane. */
export const storedChannels = (planes: Planes, block: number): number =>
  planes.blocked ? sum(planes.segments.map((segment) => paddedTo(segment, block))) : sum(planes.segments);

/** Moves tensors between the representations, adding nodes to `model`. */
export class Layout {
  readonly model: ModelBuilder;
  /** Channels a block; 1 where the processor has no blocked kernels. */
  readonly block: number;

  constructor(model: ModelBuilder, block: number) {
    this.model = model;
    this.block = block;
  }

  get isBlocked(): boolean {
    return this.block > 1;
  }

  reshape(tensor: string, shape: readonly number[]): string {
    return this.model.node("Reshape", [tensor, this.model.integers(shape)]);
  }

  transpose(tensor: string, perm: readonly number[]): string {
    return this.model.node("Transpose", [tensor], { perm });
  }

  /** Elements [start, end) along one axis. */
  slice(tensor: string, axis: number, start: number, end: number): string {
    const { model } = this;
    return model.node("Slice", [
      tensor,
      model.integers([start]),
      model.integers([end]),
      model.integers([axis]),
    ]);
  }

  concat(tensors: readonly string[], axis: number): string {
    return tensors.length === 1 ? tensors[0]! : this.model.node("Concat", tensors, { axis });
  }

  /** Adds zeros before and after along the named axes. */
  pad(tensor: string, rank: number, zeros: ReadonlyMap<number, readonly [number, number]>): string {
    const before = Array.from({ length: rank }, (_, axis) => zeros.get(axis)?.[0] ?? 0);
    const after = Array.from({ length: rank }, (_, axis) => zeros.get(axis)?.[1] ?? 0);
    if ([...before, ...after].every((count) => count === 0)) return tensor;
    return this.model.node("Pad", [tensor, this.model.integers([...before, ...after])]);
  }

  /** Splits evenly along axis 0 into `count` parts. */
  split(tensor: string, count: number): readonly string[] {
    return count === 1
      ? [tensor]
      : this.model.nodes("Split", [tensor], count, { axis: 0, num_outputs: count });
  }

  /** A fed tensor (batch, channel, z, y, x) as a stack. */
  stackFromPlain(tensor: string, shape: readonly number[]): Stack {
    const [batch, channels, depth, height, width] = shape as [number, number, number, number, number];
    const turned = batch === 1 && channels === 1 ? tensor : this.transpose(tensor, [2, 0, 1, 3, 4]);
    const name = this.reshape(turned, [depth * batch, channels, height, width]);
    return { kind: "stack", name, depth, batch, channels, height, width };
  }

  /** (batch, channel, z, y, x) again. */
  plainFromStack(stack: Stack): string {
    const { depth, batch, channels, height, width } = stack;
    const parts = this.reshape(stack.name, [depth, batch, channels, height, width]);
    return this.transpose(parts, [1, 2, 0, 3, 4]);
  }

  toStack(value: Lowered): Stack {
    if (value.kind === "stack") return value;
    if (value.kind === "plain") return this.stackFromPlain(value.name, value.shape);
    const { names, batch, height, width, segments } = value;
    const joined = this.concat(names, 0);
    const name = value.blocked ? this.#unblock(joined, segments) : joined;
    return { kind: "stack", name, depth: names.length, batch, channels: sum(segments), height, width };
  }

  /** Planes in the blocked layout where there is one; `keepPlain` leaves the channels as they are. */
  toPlanes(value: Lowered, keepPlain = false): Planes {
    if (value.kind === "planes") {
      if (value.blocked || keepPlain || !this.isBlocked) return value;
      return this.toPlanes(this.toStack(value));
    }
    const stack = this.toStack(value);
    const { depth, batch, channels, height, width } = stack;
    const blocked = this.isBlocked && !keepPlain;
    const tensor = blocked ? this.#toBlocks(stack) : stack.name;
    const names = this.split(tensor, depth);
    return { kind: "planes", names, batch, segments: [channels], height, width, blocked };
  }

  #toBlocks({ name, channels }: Stack): string {
    const padded = this.pad(name, 4, new Map([[1, [0, paddedTo(channels, this.block) - channels]]]));
    return this.model.node("ReorderInput", [padded], {}, nchwcDomain);
  }

  #unblock(tensor: string, segments: readonly number[]): string {
    const stored = segments.map((segment) => paddedTo(segment, this.block));
    const last = segments.length - 1;
    const channels = sum(stored) - stored[last]! + segments[last]!;
    const plain = this.model.node("ReorderOutput", [tensor], { channels }, nchwcDomain);
    return this.dropPadding(plain, 1, segments);
  }

  /** Removes the zeros that fill up each segment along `axis` (those of the last segment may be gone already). */
  dropPadding(tensor: string, axis: number, segments: readonly number[]): string {
    const { block } = this;
    if (segments.slice(0, -1).every((segment) => segment % block === 0)) return tensor;
    let start = 0;
    const parts = segments.map((segment) => {
      const part = this.slice(tensor, axis, start, start + segment);
      start += paddedTo(segment, block);
      return part;
    });
    return this.concat(parts, axis);
  }

  /** Fills each segment along `axis` up with zeros to whole blocks. */
  addPadding(tensor: string, rank: number, axis: number, segments: readonly number[]): string {
    const { block } = this;
    if (segments.every((segment) => segment % block === 0)) return tensor;
    let start = 0;
    const parts = segments.map((segment) => {
      const part = segments.length === 1 ? tensor : this.slice(tensor, axis, start, start + segment);
      start += segment;
      return this.pad(part, rank, new Map([[axis, [0, paddedTo(segment, block) - segment]]]));
    });
    return this.concat(parts, axis);
  }
}

/** Narrows a value that must be a plain tensor (parameters and scalars). */
export function plainOf(value: Lowered): Plain {
  if (value.kind !== "plain")
    throw new TomoflowError("graph-shape", "a parameter must be a graph input or its gradient");
  return value;
}
