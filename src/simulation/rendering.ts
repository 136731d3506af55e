/** Adds turned particles to a density volume, to fractions of a voxel, by trilinear interpolation. */
import { interpolateCell } from "../volume/interpolation.ts";
import { rotationOf } from "../volume/rotation.ts";
import type { Shape3 } from "../volume/volume.ts";
import type { Particle } from "./particle.ts";
import type { PlacedObject } from "./placement.ts";

export interface DensityVolume {
  /** (z, y, x) */
  readonly data: Float32Array;
  readonly shape: Shape3;
}

/** Adds the particle at its place; what lies outside the volume is left out. */
export function addParticle({ data, shape }: DensityVolume, particle: Particle, place: PlacedObject): void {
  const [depth, height, width] = shape;
  const { density, side, radius } = particle;
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = rotationOf(place);
  const rowStride = side + 1;
  const planeStride = rowStride * rowStride;
  const centre = side / 2;
  const last = side - 1;
  for (let z = Math.max(0, Math.ceil(place.z - radius)); z <= Math.min(depth - 1, place.z + radius); z++) {
    const dz = z - place.z;
    for (let y = Math.max(0, Math.ceil(place.y - radius)); y <= Math.min(height - 1, place.y + radius); y++) {
      const dy = y - place.y;
      const reach = Math.sqrt(Math.max(0, radius * radius - dz * dz - dy * dy));
      const to = Math.min(width - 1, place.x + reach);
      const row = (z * height + y) * width;
      for (let x = Math.max(0, Math.ceil(place.x - reach)); x <= to; x++) {
        const dx = x - place.x;
        // The inverse of a rotation is its transpose.
        const sx = xx * dx + yx * dy + zx * dz + centre;
        const sy = xy * dx + yy * dy + zy * dz + centre;
        const sz = xz * dx + yz * dy + zz * dz + centre;
        if (!(sx >= 0 && sx <= last && sy >= 0 && sy <= last && sz >= 0 && sz <= last)) continue;
        const ix = sx | 0;
        const iy = sy | 0;
        const iz = sz | 0;
        const corner = iz * planeStride + iy * rowStride + ix;
        data[row + x] += interpolateCell(density, corner, rowStride, planeStride, sz - iz, sy - iy, sx - ix);
      }
    }
  }
}
