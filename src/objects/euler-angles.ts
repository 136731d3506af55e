/**
 * Euler angles of other programs in ours and back. An orientation turns the reference into the particle: a point r of the reference lies
 * at R·r of the tomogram (column vectors (x, y, z), right-handed).
 *
 *     DeepFinder, PyTom, TOM, STOPGAP   R = Rz(psi)·Rx(the)·Rz(phi)
 *     RELION, Warp, M                   R = Rz(−psi)·Ry(−tilt)·Rz(−rot)       (Euler_angles2matrix, which turns the reference's axes)
 *     Dynamo                            R = Rz(−tdrot)·Rx(−tilt)·Rz(−narot)
 *
 * With Ry(a) = Rz(90°)·Rx(a)·Rz(−90°) and Rx(−a) = Rz(180°)·Rx(a)·Rz(180°) each is a sum of angles. A tilt stays what it is.
 */
import type { EulerAngles, Rotation } from "../volume/rotation.ts";

/** Degrees, as RELION's `rlnAngleRot`, `rlnAngleTilt`, `rlnAnglePsi`. */
export interface RelionAngles {
  readonly rot: number;
  readonly tilt: number;
  readonly psi: number;
}

/** Degrees, as columns 7 to 9 of a Dynamo table. */
export interface DynamoAngles {
  readonly tdrot: number;
  readonly tilt: number;
  readonly narot: number;
}

export const anglesFromRelion = ({ rot, tilt, psi }: RelionAngles): EulerAngles => ({
  phi: wrapDegrees(90 - rot),
  psi: wrapDegrees(-90 - psi),
  the: tilt,
});

export const anglesToRelion = ({ phi, psi, the }: EulerAngles): RelionAngles => ({
  rot: wrapDegrees(90 - phi),
  tilt: the,
  psi: wrapDegrees(-90 - psi),
});

export const anglesFromDynamo = ({ tdrot, tilt, narot }: DynamoAngles): EulerAngles => ({
  phi: wrapDegrees(180 - narot),
  psi: wrapDegrees(180 - tdrot),
  the: tilt,
});

export const anglesToDynamo = ({ phi, psi, the }: EulerAngles): DynamoAngles => ({
  tdrot: wrapDegrees(180 - psi),
  tilt: the,
  narot: wrapDegrees(180 - phi),
});

/** Into (−180, 180], without changing an angle that is there. */
export function wrapDegrees(angle: number): number {
  if (angle > -180 && angle <= 180) return angle === 0 ? 0 : angle;
  const turned = angle - 360 * Math.ceil((angle - 180) / 360);
  return turned === 0 ? 0 : turned;
}

/** The angles of a rotation: 0 ≤ the ≤ 180. Where it is 0 or 180, phi and psi are not told apart, and psi is 0. */
export function anglesOfRotation([xx, , xz, yx, , yz, zx, zy, zz]: Rotation): EulerAngles {
  const sine = Math.hypot(zx, zy);
  // below this rounding alone would say which way the axis leans
  if (sine < 1e-9)
    return { phi: wrapDegrees(degrees(Math.atan2(Math.sign(zz) * yx, xx))), psi: 0, the: zz > 0 ? 0 : 180 };
  return {
    phi: wrapDegrees(degrees(Math.atan2(zx, zy))),
    psi: wrapDegrees(degrees(Math.atan2(xz, -yz))),
    the: degrees(Math.atan2(sine, zz)),
  };
}

/** Whether a matrix turns, and does no more: neither scales nor mirrors. */
export function isRotation(matrix: readonly number[], tolerance = 1e-3): boolean {
  const [a, b, c, d, e, f, g, h, i] = matrix;
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  if (!(Math.abs(determinant - 1) < tolerance)) return false;
  const rows = [matrix.slice(0, 3), matrix.slice(3, 6), matrix.slice(6, 9)];
  return rows.every((one, row) =>
    rows.every((other, column) => {
      const product = one[0] * other[0] + one[1] * other[1] + one[2] * other[2];
      return Math.abs(product - (row === column ? 1 : 0)) < tolerance;
    }),
  );
}

/** first·second: `second` is applied first. */
export function multiplyRotations(first: Rotation, second: Rotation): Rotation {
  const product = Array.from({ length: 9 }, (_, index) => {
    const [row, column] = [index - (index % 3), index % 3];
    return (
      first[row] * second[column] + first[row + 1] * second[column + 3] + first[row + 2] * second[column + 6]
    );
  });
  return product as unknown as Rotation;
}

const degrees = (radians: number): number => (radians * 180) / Math.PI;
