/**
 * Writes small WebAssembly programs that work on 128-bit vectors, which JavaScript alone cannot use: a function is one loop
 * over memory, written as nested calls that read like formulas. Each call gives the bytes of its instruction after those of
 * its operands, the order in which WebAssembly's stack machine wants them.
 * Source: WebAssembly core specification 2.0, binary format; opcodes from its index of instructions.
 */

/** The bytes of instructions that leave one value, or none. */
export type Code = readonly number[];

/** An unsigned integer, seven bits a byte, the lowest first (LEB128). */
const unsigned = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];

/** The same for signed ones: the last byte's sixth bit is the sign. */
const signed = (value: number): number[] =>
  value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)];

const plain =
  (opcode: number) =>
  (...operands: readonly Code[]): Code => [...operands.flat(), opcode];

const vector =
  (opcode: number) =>
  (...operands: readonly Code[]): Code => [...operands.flat(), 0xfd, ...unsigned(opcode)];

/** `offset` bytes from the address, aligned to a byte. */
const memory =
  (opcode: number) =>
  (offset: number, ...operands: readonly Code[]): Code => [
    ...operands.flat(),
    ...[0xfd, ...unsigned(opcode)],
    ...[0, ...unsigned(offset)],
  ];

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  add: plain(0x6a),
  lessUnsigned: plain(0x49),
  shiftLeft: plain(0x74),
  shiftRight: plain(0x76),
};

export const f64 = {
  /** From a fixed address. */
  load: (address: number): Code => [...i32.const(address), 0x2b, 0, 0],
};

export const v128 = {
  load: memory(0x00),
  /** Eight signed bytes as 16-bit integers. */
  loadInt8: memory(0x01),
  loadUint8: memory(0x02),
  /** Four unsigned 16-bit integers as 32-bit ones. */
  loadUint16: memory(0x04),
  /** The lower half of a vector; the upper one is 0. */
  loadHalf: memory(0x5d),
  /** Address, value. */
  store: memory(0x0b),
  /** Sixteen bytes picked from those of two vectors: 0 to 15 of the first, 16 to 31 of the second. */
  pick: (bytes: readonly number[], ...operands: readonly Code[]): Code => [
    ...operands.flat(),
    ...[0xfd, 0x0d],
    ...bytes,
  ],
  /** The lower half. Address, value. */
  storeHalf: (offset: number, ...operands: readonly Code[]): Code => [
    ...memory(0x5b)(offset, ...operands),
    0,
  ],
  and: vector(0x4e),
  or: vector(0x50),
  xor: vector(0x51),
  /** The first where the mask (the third) is set, else the second. */
  select: vector(0x52),
};

export const i16x8 = {
  of: (value: number): Code => vector(0x10)(i32.const(value)),
  lesser: vector(0x96),
  greater: vector(0x98),
};

export const i64x2 = {
  /** Of the lower two lanes of four unsigned 32-bit integers. */
  fromLowerUint32: vector(0xc9),
  fromUpperUint32: vector(0xca),
  add: vector(0xce),
};

export const i32x4 = {
  /** The same number in each lane. */
  of: (value: number): Code => vector(0x11)(i32.const(value)),
  equal: vector(0x37),
  less: vector(0x39),
  greater: vector(0x3b),
  shiftLeft: vector(0xab),
  shiftRight: vector(0xad),
  add: vector(0xae),
  subtract: vector(0xb1),
  /** Products of 16-bit integers, two neighbours added. */
  productsOfInt16: vector(0xba),
  /** Eight lanes of 16 bits of two vectors; what does not fit is clipped. */
  toUint16: vector(0x86),
};

/** float32. */
export const f32x4 = { add: vector(0xe4), subtract: vector(0xe5) };

export const f64x2 = {
  /** One number in both lanes. */
  splat: vector(0x14),
  /** Of the lower two lanes of four float32. */
  fromFloat32: vector(0x5f),
  /** To float32, in the lower half. */
  toFloat32: vector(0x5e),
  add: vector(0xf0),
  subtract: vector(0xf1),
  multiply: vector(0xf2),
  /** The second where it is less than the first, else the first. */
  lesser: vector(0xf6),
  /** The second where it is greater than the first, else the first. */
  greater: vector(0xf7),
};

/** Local variables of a function: its parameters, the loop's address, from the first on, and where it ends; then its vectors. */
export const at = 0;
const end = 1;
export const firstVector = 2;

export interface Kernel {
  /** Vectors kept in local variables, numbered from `firstVector`; all lanes are 0 at the start. */
  readonly vectors: number;
  readonly before?: Code;
  /** For each address `at`, `step` bytes apart. At least one step is made. */
  readonly body: Code;
  readonly step: number;
  readonly after?: Code;
}

const [typeI32, typeV128] = [0x7f, 0x7b];

function functionBody({ vectors, before = [], body, step, after = [] }: Kernel): Code {
  const locals = [1, ...unsigned(vectors), typeV128];
  const advance = set(at, i32.add(get(at), i32.const(step)));
  const again = [...i32.lessUnsigned(get(at), get(end)), 0x0d, 0];
  const loop = [0x03, 0x40, ...body, ...advance, ...again, 0x0b];
  return sized([...locals, ...before, ...loop, ...after, 0x0b]);
}

const sized = (bytes: Code): Code => [...unsigned(bytes.length), ...bytes];

const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];

const section = (id: number, items: readonly Code[]): Code => [id, ...sized(list(items))];

const name = (text: string): Code => sized([...new TextEncoder().encode(text)]);

/** A module that exports each kernel, (start: i32, end: i32) → (), and the `memory` of so many 64 KiB pages that they work on. */
export function assemble(kernels: Readonly<Record<string, Kernel>>, pages: number): Uint8Array {
  const entries = Object.entries(kernels);
  const exported = entries.map(([key], index) => [...name(key), 0, index]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [[0x60, 2, typeI32, typeI32, 0]]),
    ...section(
      3,
      entries.map(() => [0]),
    ),
    ...section(5, [[0, ...unsigned(pages)]]),
    ...section(7, [[...name("memory"), 2, 0], ...exported]),
    ...section(
      10,
      entries.map(([, kernel]) => functionBody(kernel)),
    ),
  ]);
}
