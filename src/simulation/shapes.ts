/**
 * Built-in particles: solids inside a ball of radius R about the origin, axis along z. They are told apart by size, mass
 * and form; none has the mirror images or symmetries of another.
 */

/** A solid: 1 inside, 0 outside, at (x, y, z) voxels from its centre; R is `radius`, in voxels. */
type Solid = (x: number, y: number, z: number, radius: number) => boolean;

/** What each shape looks like, by the name written in the class table. */
export const shapeDescriptions = {
  globule: "a solid ball",
  shell: "a hollow ball with a wall of 0.35 R, like ferritin",
  barrel: "an open tube of radius 0.72 R and length 1.4 R with a septum, like a chaperonin",
  "two-lobed": "a large and a small ball that touch, like a ribosome's subunits",
  rod: "a stick of radius 0.3 R and length 2 R with round ends",
  ring: "a torus of radius 0.68 R with a tube of 0.32 R",
  vesicle: "a closed membrane, two thin leaflets 0.3 R apart",
} as const;

export type ShapeName = keyof typeof shapeDescriptions;

export const isShapeName = (name: string): name is ShapeName => Object.hasOwn(shapeDescriptions, name);

const solids: Readonly<Record<ShapeName, Solid>> = {
  globule: (x, y, z, radius) => within(x, y, z, radius),
  shell: (x, y, z, radius) => within(x, y, z, radius) && !within(x, y, z, 0.65 * radius),
  barrel: (x, y, z, radius) => {
    const axial = Math.hypot(x, y);
    const height = Math.abs(z);
    return (
      height <= 0.69 * radius && axial <= 0.72 * radius && (axial >= 0.36 * radius || height <= 0.14 * radius)
    );
  },
  "two-lobed": (x, y, z, radius) =>
    within(x, y, z + 0.38 * radius, 0.62 * radius) ||
    within(x - 0.12 * radius, y, z - 0.55 * radius, 0.42 * radius),
  rod: (x, y, z, radius) => {
    const beyond = Math.max(0, Math.abs(z) - 0.7 * radius);
    return within(x, y, beyond, 0.3 * radius);
  },
  ring: (x, y, z, radius) => Math.hypot(Math.hypot(x, y) - 0.68 * radius, z) <= 0.32 * radius,
  vesicle: (x, y, z, radius) => {
    const distance = Math.hypot(x, y, z) / radius;
    return (distance <= 1 && distance >= 0.87) || (distance <= 0.7 && distance >= 0.57);
  },
};

const within = (x: number, y: number, z: number, radius: number): boolean =>
  x * x + y * y + z * z <= radius * radius;

/** Samples along each axis of a voxel, so that a surface is as smooth as the voxels allow. */
const samples = 4;

/** Voxels around the particle, so that interpolation fades to zero. */
const margin = 2;

/** A cube with an even side, (z, y, x), whose voxel side/2 on each axis is its centre. */
export interface DensityCube {
  readonly side: number;
  readonly data: Float32Array;
}

/** Draws a shape: the fraction of each voxel inside it, 0…1. @param radius voxels */
export function drawShape(name: ShapeName, radius: number): DensityCube {
  const centre = Math.ceil(radius) + margin;
  const side = 2 * centre;
  const data = new Float32Array(side ** 3);
  const contains = solids[name];
  const offsets = Array.from({ length: samples }, (_, index) => (index + 0.5) / samples - 0.5);
  for (let z = 0, at = 0; z < side; z++)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++, at++) {
        let hits = 0;
        for (const dz of offsets)
          for (const dy of offsets)
            for (const dx of offsets)
              if (contains(x - centre + dx, y - centre + dy, z - centre + dz, radius)) hits++;
        data[at] = hits / samples ** 3;
      }
  return { side, data };
}
