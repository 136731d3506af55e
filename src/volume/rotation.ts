/**
 * Rotations by Euler angles, PyTom/TOM convention: R = Rz(psi)·Rx(the)·Rz(phi) on column vectors (x, y, z),
 * right-handed, phi first. A particle's reference is turned by R, so a turned map at o is the reference at R⁻¹·o.
 */

/** 3×3, row-major, acts on column vectors (x, y, z). */
export type Rotation = readonly [
  xx: number,
  xy: number,
  xz: number,
  yx: number,
  yy: number,
  yz: number,
  zx: number,
  zy: number,
  zz: number,
];

/** Degrees. */
export interface EulerAngles {
  readonly phi: number;
  readonly psi: number;
  readonly the: number;
}

/** The rotation R = Rz(psi)·Rx(the)·Rz(phi). Multiples of 90° are exact. */
export function rotationOf({ phi, psi, the }: EulerAngles): Rotation {
  const [sinPhi, cosPhi] = sineAndCosine(phi);
  const [sinPsi, cosPsi] = sineAndCosine(psi);
  const [sinThe, cosThe] = sineAndCosine(the);
  return [
    cosPsi * cosPhi - sinPsi * cosThe * sinPhi,
    -cosPsi * sinPhi - sinPsi * cosThe * cosPhi,
    sinPsi * sinThe,
    sinPsi * cosPhi + cosPsi * cosThe * sinPhi,
    -sinPsi * sinPhi + cosPsi * cosThe * cosPhi,
    -cosPsi * sinThe,
    sinThe * sinPhi,
    sinThe * cosPhi,
    cosThe,
  ];
}

function sineAndCosine(degrees: number): readonly [number, number] {
  const quarters = degrees / 90;
  if (Number.isInteger(quarters)) {
    const quarter = ((quarters % 4) + 4) % 4;
    return [[0, 1, 0, -1][quarter], [1, 0, -1, 0][quarter]];
  }
  const radians = (degrees * Math.PI) / 180;
  return [Math.sin(radians), Math.cos(radians)];
}
