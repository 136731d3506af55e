/** Builds MRC2014 headers (version 20141), little-endian. */
import type { VoxelStatistics } from "../statistics.ts";
import type { Triple, VolumeSpec } from "../volume.ts";
import { headerBytes } from "./fields.ts";

const ourLabel = "Written by tomoflow";

/**
 * The 1024 bytes of a header. Without statistics they are marked as unknown, as MRC2014 asks (maximum < minimum, …).
 * No time stamps: the same volume gives the same bytes.
 */
export function buildHeader(spec: VolumeSpec, mode: number, statistics: VoxelStatistics | null): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  const view = new DataView(bytes.buffer);
  const { minimum, maximum, mean, standardDeviation } = statistics?.count ? statistics : unknownStatistics;
  const integers = (at: number, values: readonly number[]) =>
    values.forEach((value, i) => void view.setInt32(at + 4 * i, value, true));
  const reals = (at: number, values: readonly number[]) =>
    values.forEach((value, i) => void view.setFloat32(at + 4 * i, value, true));
  const size = reversed(spec.shape);
  const voxelSize = reversed(spec.voxelSizeAngstrom ?? [0, 0, 0]);
  integers(0, [...size, mode]);
  integers(28, size);
  reals(40, [...size.map((length, axis) => length * voxelSize[axis]), 90, 90, 90]);
  integers(64, [1, 2, 3]);
  reals(76, [minimum, maximum, mean]);
  integers(88, [1]);
  integers(108, [20141]);
  reals(196, reversed(spec.originAngstrom));
  bytes.set([0x4d, 0x41, 0x50, 0x20, 0x44, 0x44], 208);
  reals(216, [standardDeviation]);
  const labels = labelsOf(spec);
  integers(220, [labels.length]);
  labels.forEach((label, i) => void bytes.set(encodeLabel(label), 224 + 80 * i));
  return bytes;
}

const unknownStatistics = { minimum: 0, maximum: -1, mean: -2, standardDeviation: -1 };

const reversed = ([z, y, x]: Triple): Triple => [x, y, z];

/** The labels that came with the volume, the last nine of them, and ours. */
function labelsOf({ labels = [] }: VolumeSpec): string[] {
  const others = labels.filter((label) => label.trim() !== "" && label !== ourLabel);
  return [...others.slice(-9), ourLabel];
}

/** 80 characters of ASCII, filled up with blanks. */
function encodeLabel(label: string): Uint8Array {
  const ascii = label.replace(/[^\x20-\x7e]/g, "?").slice(0, 80);
  return new TextEncoder().encode(ascii.padEnd(80));
}
