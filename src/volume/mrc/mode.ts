/** The modes of MRC2014: how a voxel is stored. */
import { TomoflowError } from "../../core/error.ts";
import type { VoxelType } from "../volume.ts";

export interface MrcMode {
  readonly number: number;
  /** For people, e.g. `float32`. */
  readonly name: string;
  readonly bitsPerVoxel: number;
  /** Null for the modes that are refused: complex numbers and colours. */
  readonly type: VoxelType | null;
}

const modes: readonly MrcMode[] = [
  { number: 0, name: "int8", bitsPerVoxel: 8, type: "int8" },
  { number: 1, name: "int16", bitsPerVoxel: 16, type: "int16" },
  { number: 2, name: "float32", bitsPerVoxel: 32, type: "float32" },
  { number: 3, name: "complex int16", bitsPerVoxel: 32, type: null },
  { number: 4, name: "complex float32", bitsPerVoxel: 64, type: null },
  { number: 6, name: "uint16", bitsPerVoxel: 16, type: "uint16" },
  { number: 12, name: "float16", bitsPerVoxel: 16, type: "float16" },
  { number: 16, name: "RGB colours", bitsPerVoxel: 24, type: null },
  { number: 101, name: "4-bit integers", bitsPerVoxel: 4, type: "uint8" },
];

export const findMode = (number: number): MrcMode | undefined => modes.find((mode) => mode.number === number);

/** The mode and the type on disk for voxels of a type. Unsigned bytes, which MRC2014 lacks, go as uint16 like mrcfile's. */
export function modeForType(type: VoxelType, path: string): { mode: number; type: VoxelType } {
  const stored = type === "uint8" ? "uint16" : type;
  const mode = modes.find((candidate) => candidate.type === stored && candidate.bitsPerVoxel > 4);
  if (mode) return { mode: mode.number, type: stored };
  throw new TomoflowError("mrc-type", `MRC cannot hold ${type}, which was to be written to ${path}`, {
    hint: "choose int8, int16, uint16, float16 or float32, or write HDF5 (.h5)",
  });
}

/** The mode of a header. Throws `mrc-complex`, `mrc-colour` or `mrc-mode` where the voxels are not plain numbers. */
export function readableMode(number: number, path: string): MrcMode & { readonly type: VoxelType } {
  const mode = findMode(number);
  if (mode?.type) return { ...mode, type: mode.type };
  if (!mode)
    throw new TomoflowError("mrc-mode", `${path} has mode ${number}, which no version of MRC defines`, {
      hint: "tomoflow reads the modes 0, 1, 2, 6, 12 and 101; the header may be damaged",
    });
  if (number === 16)
    throw new TomoflowError("mrc-colour", `${path} holds ${mode.name} (mode 16), not densities`, {
      hint: "convert it to grey values first, for example with IMOD: clip 3d -m 2 in.mrc out.mrc",
    });
  throw new TomoflowError("mrc-complex", `${path} holds complex numbers (mode ${number}, ${mode.name})`, {
    hint: "it is a Fourier transform; give the real-space volume (IMOD: clip fft in.mrc out.mrc transforms it back)",
  });
}
