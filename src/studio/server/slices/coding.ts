/** Voxels as codes of 16 bits: exact for whole numbers of 8 and 16 bits, else in 65,536 steps over a range. */
import type { VolumeInfo, VoxelArray } from "../../../volume/volume.ts";

/** The value of code c is `offset + scale × c`. */
export interface Coding {
  readonly offset: number;
  readonly scale: number;
}

const exact: Partial<Record<VolumeInfo["type"], Coding>> = {
  uint8: { offset: 0, scale: 1 },
  int8: { offset: -128, scale: 1 },
  uint16: { offset: 0, scale: 1 },
  int16: { offset: -32768, scale: 1 },
};

export const labelCoding: Coding = { offset: 0, scale: 1 };

/** Part of the range of the voxels looked at that is left free on either side, for those that were not. */
const margin = 0.25;

/** @param seen least and greatest value of the voxels looked at */
export function codingOf(
  type: VolumeInfo["type"],
  seen: { readonly minimum: number; readonly maximum: number },
): Coding {
  const { minimum, maximum } = seen;
  const whole = exact[type];
  if (whole) return whole;
  const room = (maximum - minimum) * margin;
  const span = maximum - minimum + 2 * room;
  return span > 0 ? { offset: minimum - room, scale: span / 65535 } : { offset: minimum, scale: 1 };
}

/** What lies outside of the range is taken to its end; what is no number to its beginning. */
export function encodeVoxels(voxels: VoxelArray, { offset, scale }: Coding): Uint16Array {
  const codes = new Uint16Array(voxels.length);
  if (scale === 1 && Number.isInteger(offset)) {
    for (let i = 0; i < voxels.length; i++) {
      const code = voxels[i]! - offset;
      codes[i] = code > 0 ? (code < 65535 ? code : 65535) : 0;
    }
    return codes;
  }
  const steps = 1 / scale;
  for (let i = 0; i < voxels.length; i++) {
    const code = (voxels[i]! - offset) * steps + 0.5;
    codes[i] = code > 0 ? (code < 65535 ? code : 65535) : 0;
  }
  return codes;
}
