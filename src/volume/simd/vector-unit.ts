/** The kernels made ready to run, in a memory of their own that all blocks of this thread pass through, one after another. */
import { hostIsLittleEndian } from "../byte-swap.ts";
import { assemble } from "./assembler.ts";
import { addresses, blockBytes, kernels, lanes, pages } from "./kernels.ts";
import { planeBytes, shuffledAt } from "./shuffle-kernels.ts";

/** Views of the kernels' memory. A block is set into one of the first four, at 0. */
export interface VectorUnit {
  readonly bytes: Uint8Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly float16Bits: Uint16Array;
  /** What `decodeFloat16` makes of `float16Bits`, half a block at most. */
  readonly decoded: Float32Array;
  /** What a kernel of shuffle-kernels.ts makes of `bytes`. */
  readonly shuffled: Uint8Array;
  /** Mean and scale, for kernels that need them. */
  readonly scaling: Float64Array;
  /** A lane each. */
  readonly sums: Float64Array;
  readonly minima: Float64Array;
  readonly maxima: Float64Array;
  /** Four sums of integers. */
  readonly integerSums: Int32Array;
  /** Two sums of their squares, the lower 32 bits first. */
  readonly integerSquares: Uint32Array;
  readonly integerMinima: Int16Array;
  readonly integerMaxima: Int16Array;
  /**
   * Runs a kernel over `bytes` of a block, a multiple of 8 voxels, one at least; from its first on where no `start` is given.
   * Kernels that shuffle count voxels instead, a multiple of 16.
   */
  run(kernel: keyof typeof kernels, bytes: number, start?: number): void;
}

interface Instance {
  readonly exports: Readonly<Record<keyof typeof kernels, (start: number, end: number) => void>> & {
    readonly memory: { readonly buffer: ArrayBuffer };
  };
}

/** What the types of Node 20 leave out. */
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => Instance;
};

let unit: VectorUnit | null | undefined;

/** Null where the processor has no 128-bit vectors that WebAssembly, whose memory is little-endian, can use. */
export function vectorUnit(): VectorUnit | null {
  if (unit === undefined) {
    const program = assemble(kernels, pages);
    unit = hostIsLittleEndian && WebAssembly.validate(program) ? start(program) : null;
  }
  return unit;
}

function start(program: Uint8Array): VectorUnit {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(program));
  const { buffer } = exports.memory;
  const perLane = (address: number) => new Float64Array(buffer, address, lanes);
  return {
    bytes: new Uint8Array(buffer, 0, blockBytes),
    float32: new Float32Array(buffer, 0, blockBytes / 4),
    float64: new Float64Array(buffer, 0, blockBytes / 8),
    float16Bits: new Uint16Array(buffer, 0, blockBytes / 4),
    decoded: new Float32Array(buffer, addresses.float32FromFloat16, blockBytes / 4),
    shuffled: new Uint8Array(buffer, shuffledAt, 4 * planeBytes),
    scaling: new Float64Array(buffer, addresses.scaling, 2),
    sums: perLane(addresses.sums),
    minima: perLane(addresses.minima),
    maxima: perLane(addresses.maxima),
    integerSums: new Int32Array(buffer, addresses.integers, 4),
    integerSquares: new Uint32Array(buffer, addresses.integers + 16, 4),
    integerMinima: new Int16Array(buffer, addresses.integers + 32, 8),
    integerMaxima: new Int16Array(buffer, addresses.integers + 48, 8),
    run: (kernel, bytes, start = 0) => exports[kernel](start, start + bytes),
  };
}
