/**
 * Changes of a patch that leave the missing wedge where it is: the tilt axis is y, so the wedge lies in x and z and is its
 * own image under the half turns about y, z and x, and under a mirror along y. Cubes (z, y, x) are changed in place.
 */

/** Half turn about y: (z, y, x) → (−z, y, −x). */
export function turnAboutTiltAxis(cube: Float32Array | Uint8Array, side: number): void {
  const plane = side * side;
  for (let z = 0; z < Math.ceil(side / 2); z++)
    for (let y = 0; y < side; y++) {
      const row = cube.slice(z * plane + y * side, z * plane + (y + 1) * side).reverse();
      const opposite = (side - 1 - z) * plane + y * side;
      cube.set(cube.slice(opposite, opposite + side).reverse(), z * plane + y * side);
      cube.set(row, opposite);
    }
}

/** Half turn about the beam, z: (z, y, x) → (z, −y, −x), the 180° in-plane turn. */
export function turnAboutBeam(cube: Float32Array | Uint8Array, side: number): void {
  const plane = side * side;
  for (let z = 0; z < side; z++) cube.subarray(z * plane, (z + 1) * plane).reverse();
}

/** y → −y. Turns a particle into its mirror image: proteins have a hand, so this is off unless asked for. */
export function mirrorAlongY(cube: Float32Array | Uint8Array, side: number): void {
  const plane = side * side;
  for (let z = 0; z < side; z++)
    for (let y = 0; y < Math.floor(side / 2); y++) {
      const [here, there] = [z * plane + y * side, z * plane + (side - 1 - y) * side];
      const row = cube.slice(here, here + side);
      cube.copyWithin(here, there, there + side);
      cube.set(row, there);
    }
}

/** Multiplies by a factor and adds an offset, in place. */
export function adjustIntensity(
  density: Float32Array,
  { factor, offset }: { readonly factor: number; readonly offset: number },
): void {
  for (let i = 0; i < density.length; i++) density[i] = density[i]! * factor + offset;
}
