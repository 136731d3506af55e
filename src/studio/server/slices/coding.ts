/** Voxels as codes of 16 bits: exact for whole numbers of 8 and 16 bits and for labels, else in 65,536 steps over a range. */
import { TomoflowError } from "../../../core/error.ts";
import { isLabel } from "../../../volume/labels.ts";
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

const greatestCode = 65535;

/** Part of the range of the voxels looked at that is left free on either side, for those that were not. */
const margin = 0.25;

/** The voxels looked at. */
export interface CodedValues {
  readonly range: { readonly low: number; readonly high: number };
  /** Whole numbers, several of them. */
  readonly isWhole: boolean;
}

export function codingOf(type: VolumeInfo["type"], { range, isWhole }: CodedValues): Coding {
  const known = exact[type];
  if (known) return known;
  const { low, high } = range;
  if (isWhole && high - low < greatestCode)
    return { offset: low - Math.floor((greatestCode - (high - low)) / 2), scale: 1 };
  // of one value alone: what may lie beside it
  const room = high > low ? (high - low) * margin : Math.max(1, Math.abs(low));
  return { offset: low - room, scale: (high - low + 2 * room) / greatestCode };
}

export interface CodingWay {
  readonly coding: Coding;
  readonly isLabels: boolean;
}

/**
 * What lies outside of the range is taken to its end; what is no number to its beginning. Throws `labels-invalid` for a label map
 * with a voxel that is no label.
 */
export function encodeVoxels(voxels: VoxelArray, { coding, isLabels }: CodingWay): Uint16Array {
  if (isLabels) return encodeLabels(voxels);
  const codes = new Uint16Array(voxels.length);
  const [offset, steps] = [coding.offset, 1 / coding.scale];
  for (let i = 0; i < voxels.length; i++) {
    const code = (voxels[i]! - offset) * steps + 0.5;
    codes[i] = code > 0 ? (code < greatestCode ? code : greatestCode) : 0;
  }
  return codes;
}

function encodeLabels(voxels: VoxelArray): Uint16Array {
  const codes = new Uint16Array(voxels.length);
  for (let i = 0; i < voxels.length; i++) {
    const label = voxels[i]!;
    if (!isLabel(label) || label > greatestCode)
      throw new TomoflowError("labels-invalid", `this is not a label map: a voxel holds ${label}`, {
        hint: `a label map holds whole numbers from 0 (background) to ${greatestCode}`,
      });
    codes[i] = label;
  }
  return codes;
}
