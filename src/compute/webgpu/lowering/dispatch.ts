/** A step of the GPU's work: one compute shader over some buffers. */
import type { MatrixUnits } from "../device/matrix-units.ts";
import type { Precision } from "../device/precision.ts";

/** Index of a buffer of the plan: a value's id, or one of scratch space behind them. */
export type BufferId = number;

export interface Binding {
  /** As the shader calls it. */
  readonly name: string;
  readonly buffer: BufferId;
  /** Elements of the array that the shader sees: `f32` when not given. */
  readonly element?: "f32" | "u32" | "vec4f" | "f16";
}

export interface Dispatch {
  /** Shown in Dawn's messages. */
  readonly label: string;
  /** Extensions of WGSL that the body uses, beside f16. */
  readonly enables?: readonly string[];
  readonly reads: readonly Binding[];
  readonly writes: readonly Binding[];
  /**
   * WGSL without the bindings. Activations may be stored in 16 bits: kernels read theirs as `f32(x[i])` and write them as
   * `output[i] = outputOf(value)`, whichever it is.
   */
  readonly body: string;
  readonly groups: readonly [x: number, y: number, z: number];
}

/** Scratch space that a kernel needs beside the values it reads and writes. */
export type Scratch = (bytes: number) => BufferId;

/** What kernels are fitted to. */
export interface ShaderLimits {
  /** Of memory that the threads of a workgroup share. */
  readonly workgroupBytes: number;
  /** How activations are stored; all arithmetic is in 32 bits. 32 when not given. */
  readonly precision?: Precision;
  /** Convolutions of 16-bit activations use them where they fit. */
  readonly matrixUnits?: MatrixUnits;
  /** How much of a result a thread of the convolutions keeps in registers. */
  readonly registers: ThreadRegisters;
}

export interface ThreadRegisters {
  /** Voxels along z, at most. */
  readonly voxels: 8 | 4 | 2;
  /** Output channels of a convolution, a multiple of 4; a kernel's gradient takes up to twice as many. */
  readonly channels: 8 | 4;
}

/** What GPUs have registers for. */
export const gpuRegisters: ThreadRegisters = { voxels: 8, channels: 8 };

/** Short shaders: SwiftShader takes ten seconds to compile one of the GPU's. */
export const softwareRegisters: ThreadRegisters = { voxels: 2, channels: 4 };

/** The whole shader; bindings are numbered in order, reads first. */
export function shaderOf({ enables = [], reads, writes, body }: Dispatch): string {
  const declare = (access: string) => (binding: Binding, index: number) =>
    `@group(0) @binding(${index}) var<storage, ${access}> ${binding.name}: array<${binding.element ?? "f32"}>;`;
  const declarations = [
    ...reads.map(declare("read")),
    ...writes.map((binding, index) => declare("read_write")(binding, reads.length + index)),
  ];
  const stores = writes.filter(({ name }) => body.includes(`${name}Of(`)).map(storeOf);
  const isHalf = [...reads, ...writes].some(({ element }) => element === "f16");
  const extensions = [...(isHalf ? ["f16"] : []), ...enables].map((name) => `enable ${name};`);
  return `${[...extensions, ...declarations, ...stores].join("\n")}\n${body}`;
}

/** WGSL: a value as it is stored; the largest that 16 bits hold where it is larger, since infinities spread. */
const storeOf = ({ name, element }: Binding): string =>
  element === "f16"
    ? `fn ${name}Of(value: f32) -> f16 { return f16(clamp(value, -65504.0f, 65504.0f)); }`
    : `fn ${name}Of(value: f32) -> f32 { return value; }`;

export const threadsPerGroup = 256;

/** Most workgroups along one axis of a dispatch, guaranteed by WebGPU. */
const mostGroups = 65535;

/** A kernel with one thread for each `i` below `count`; `code` is the thread's work, `functions` what it calls. */
export function linearDispatch({
  count,
  code,
  functions = "",
  ...rest
}: Omit<Dispatch, "body" | "groups"> & {
  count: number;
  code: string;
  functions?: string;
}): Dispatch {
  const groups = Math.ceil(count / threadsPerGroup);
  const columns = Math.min(groups, mostGroups);
  const body = `${functions}
@compute @workgroup_size(${threadsPerGroup})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * ${columns}u + group.x) * ${threadsPerGroup}u + lane;
  if (i >= ${count}u) { return; }
${code}
}`;
  return { ...rest, body, groups: [columns, Math.ceil(groups / columns), 1] };
}

/** A WGSL literal of type f32 for any finite number. */
export const float = (value: number): string => {
  const text = String(Math.fround(value));
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
};

/** `count` pieces of code, one for each number below it. */
export const repeat = (count: number, piece: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => piece(index)).join("\n");

/**
 * WGSL: the planes of a bound value, from its length, so that values of any depth share a shader; compiling takes longer than many
 * a run. Bindings end at 4 bytes, which is the next plane only where a plane has one element of 16 bits.
 */
export function planesOf(name: string, [batch, channels, depth, height, width]: readonly number[]): string {
  const plane = batch! * channels! * height! * width!;
  return plane === 1 ? `${depth}u` : `arrayLength(&${name}) / ${plane}u`;
}
