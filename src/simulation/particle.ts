/** A class of particles made ready for placing: its density, the voxels that it owns, and the room it claims. */
import { prepareMask, type TurnableMask } from "../volume/turned-mask.ts";
import type { DensityCube } from "./shapes.ts";

export interface Particle {
  /** 1…255. */
  readonly label: number;
  /** (side+1)³, (z, y, x): the density, with a plane of zeros after each axis; the centre is voxel side/2. */
  readonly density: Float32Array;
  readonly side: number;
  /** Radius of the ball about the centre that holds all density, voxels. */
  readonly radius: number;
  /** The particle's own voxels: what the truth label map shows. */
  readonly mask: TurnableMask;
  /** The mask grown by the spacing: must be free of other particles. */
  readonly clearance: TurnableMask;
}

export interface ParticleOptions {
  readonly label: number;
  /** A voxel belongs to the particle above this fraction of the greatest density. */
  readonly threshold: number;
  /** Least gap to the voxels of another particle, voxels. */
  readonly spacing: number;
}

export function createParticle({ side, data }: DensityCube, options: ParticleOptions): Particle {
  const greatest = data.reduce((most, value) => Math.max(most, value), 0);
  const mask = data.map((value) => (value > options.threshold * greatest ? 1 : 0));
  return {
    label: options.label,
    density: withBorder(data, side),
    side,
    radius: densityRadius(data, side),
    mask: prepareMask({ data: mask, shape: [side, side, side] }),
    clearance: prepareMask(grow(mask, side, options.spacing)),
  };
}

function withBorder(data: Float32Array, side: number): Float32Array {
  const values = new Float32Array((side + 1) ** 3);
  for (let z = 0; z < side; z++)
    for (let y = 0; y < side; y++) {
      const from = (z * side + y) * side;
      values.set(data.subarray(from, from + side), (z * (side + 1) + y) * (side + 1));
    }
  return values;
}

/** Interpolation carries a voxel's density up to √3 voxels away. */
function densityRadius(data: Float32Array, side: number): number {
  let farthestSquared = 0;
  for (let z = 0, at = 0; z < side; z++)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++, at++)
        if (data[at] > 0)
          farthestSquared = Math.max(
            farthestSquared,
            (z - side / 2) ** 2 + (y - side / 2) ** 2 + (x - side / 2) ** 2,
          );
  return Math.sqrt(farthestSquared) + Math.sqrt(3);
}

/** The mask dilated by a ball of `reach` voxels, in a cube that is larger by as much on each side. */
function grow(mask: Float32Array, side: number, reach: number) {
  const border = Math.ceil(reach) + 1;
  const size = side + 2 * border;
  const data = new Float32Array(size ** 3);
  const ball = ballOffsets(reach, size);
  for (let z = 0, at = 0; z < side; z++)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++, at++) {
        if (mask[at] === 0) continue;
        const centre = ((z + border) * size + y + border) * size + x + border;
        for (const offset of ball) data[centre + offset] = 1;
      }
  return { data, shape: [size, size, size] as const };
}

function ballOffsets(reach: number, size: number): number[] {
  const offsets: number[] = [];
  const whole = Math.floor(reach);
  for (let z = -whole; z <= whole; z++)
    for (let y = -whole; y <= whole; y++)
      for (let x = -whole; x <= whole; x++)
        if (x * x + y * y + z * z <= reach * reach) offsets.push((z * size + y) * size + x);
  return offsets;
}
