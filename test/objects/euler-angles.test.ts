/** An asymmetric density turned by each program's own rule comes out the same with our angles. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../src/core/random.ts";
import {
  anglesFromDynamo,
  anglesFromRelion,
  anglesOfRotation,
  anglesToDynamo,
  anglesToRelion,
  isRotation,
  multiplyRotations,
  wrapDegrees,
} from "../../src/objects/euler-angles.ts";
import { type Rotation, rotationOf } from "../../src/volume/rotation.ts";

type Point = readonly [x: number, y: number, z: number];

/** Three arms of other lengths and weights, of no symmetry and no handedness of its mirror. */
const density = (x: number, y: number, z: number): number => {
  const ball = (cx: number, cy: number, cz: number, width: number) =>
    Math.exp(-((x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2) / width);
  return 3 * ball(4, 0, 1, 3) + 2 * ball(0, 3, -1, 2) + ball(-1, -2, 5, 4) + 0.5 * ball(-3, 2, 0, 1);
};

const apply = (m: Rotation, [x, y, z]: Point): Point => [
  m[0] * x + m[1] * y + m[2] * z,
  m[3] * x + m[4] * y + m[5] * z,
  m[6] * x + m[7] * y + m[8] * z,
];
const transpose = (m: Rotation): Rotation => [m[0], m[3], m[6], m[1], m[4], m[7], m[2], m[5], m[8]];

/** The density turned by R, on a grid of 13³: at o it is the reference at R⁻¹·o. */
function turned(rotation: Rotation): readonly number[] {
  const back = transpose(rotation);
  const values: number[] = [];
  for (let z = -6; z <= 6; z++)
    for (let y = -6; y <= 6; y++)
      for (let x = -6; x <= 6; x++) values.push(density(...apply(back, [x, y, z])));
  return values;
}

const sinCos = (degrees: number): readonly [number, number] => {
  const radians = (degrees * Math.PI) / 180;
  return [Math.sin(radians), Math.cos(radians)];
};

/** RELION's Euler_angles2matrix (src/euler.cpp), written out: rows are the particle's axes in the reference. */
function relionMatrix(rot: number, tilt: number, psi: number): Rotation {
  const [sa, ca] = sinCos(rot);
  const [sb, cb] = sinCos(tilt);
  const [sg, cg] = sinCos(psi);
  const [cc, cs, sc, ss] = [cb * ca, cb * sa, sb * ca, sb * sa];
  return [
    ...[cg * cc - sg * sa, cg * cs + sg * ca, -cg * sb],
    ...[-sg * cc - cg * sa, -sg * cs + cg * ca, sg * sb],
    ...[sc, ss, cb],
  ] as unknown as Rotation;
}

/** Dynamo's rule: about z by narot, about x by tilt, about z by tdrot, each clockwise as seen from the axis' tip. */
function dynamoMatrix(tdrot: number, tilt: number, narot: number): Rotation {
  const aboutZ = (angle: number): Rotation => {
    const [s, c] = sinCos(-angle);
    return [c, -s, 0, s, c, 0, 0, 0, 1];
  };
  const [s, c] = sinCos(-tilt);
  const aboutX: Rotation = [1, 0, 0, 0, c, -s, 0, s, c];
  return multiplyRotations(aboutZ(tdrot), multiplyRotations(aboutX, aboutZ(narot)));
}

const near = (found: readonly number[], wanted: readonly number[], what: string): void => {
  const worst = Math.max(...found.map((value, index) => Math.abs(value - wanted[index]!)));
  assert.ok(worst < 1e-9, `${what}: off by ${worst}`);
};

const random = new Random(11);
const someAngles = Array.from({ length: 12 }, () => [
  ...[random.uniform() * 720 - 360, random.uniform() * 360 - 180, random.uniform() * 720 - 360],
]) as unknown as readonly (readonly [number, number, number])[];
const cases = [...someAngles, [0, 0, 0], [90, 0, 30], [10, 180, -50], [90, 90, 90]] as const;

test("a density turned as RELION turns it is the one turned with our angles", () => {
  for (const [rot, tilt, psi] of cases) {
    const ours = anglesFromRelion({ rot, tilt, psi });
    near(turned(rotationOf(ours)), turned(relionMatrix(rot, tilt, psi)), `${rot}, ${tilt}, ${psi}`);
    const back = anglesToRelion(ours);
    near(turned(relionMatrix(back.rot, back.tilt, back.psi)), turned(rotationOf(ours)), "and back");
  }
});

test("a density turned as Dynamo turns it is the one turned with our angles", () => {
  for (const [tdrot, tilt, narot] of cases) {
    const ours = anglesFromDynamo({ tdrot, tilt, narot });
    near(turned(rotationOf(ours)), turned(dynamoMatrix(tdrot, tilt, narot)), `${tdrot}, ${tilt}, ${narot}`);
    const back = anglesToDynamo(ours);
    near(turned(dynamoMatrix(back.tdrot, back.tilt, back.narot)), turned(rotationOf(ours)), "and back");
  }
});

test("a wrong sign, order or the inverse would be seen", () => {
  const [rot, tilt, psi] = [20, 50, -70];
  const right = turned(relionMatrix(rot, tilt, psi));
  const { phi, psi: ours, the } = anglesFromRelion({ rot, tilt, psi });
  for (const wrong of [
    { phi: -phi, psi: ours, the },
    { phi: ours, psi: phi, the },
    { phi: -ours, psi: -phi, the: -the },
    { phi, psi: ours, the: -the },
  ]) {
    const other = turned(rotationOf(wrong));
    assert.ok(Math.max(...other.map((value, index) => Math.abs(value - right[index]!))) > 0.1);
  }
});

test("along a filament of Dynamo the particles' z axes point on", () => {
  // neighbours of a table by Dynamo's filament models: y grows by 6, x falls a little, tdrot −2.6459, tilt 90
  const [x, y, z] = apply(
    rotationOf(anglesFromDynamo({ tdrot: -2.6459, tilt: 90, narot: 2.6459 })),
    [0, 0, 1],
  );
  assert.ok(y > 0.99 && x < 0 && Math.abs(z) < 1e-9, `${x}, ${y}, ${z}`);
});

test("angles of a rotation give it back, also where the tilt is 0 or 180", () => {
  for (const [phi, the, psi] of cases) {
    const rotation = rotationOf({ phi, the, psi });
    const found = anglesOfRotation(rotation);
    near(rotationOf(found), rotation, `${phi}, ${the}, ${psi}`);
    assert.ok(found.the >= 0 && found.the <= 180);
  }
  assert.ok(isRotation(rotationOf({ phi: 1, psi: 2, the: 3 })));
  assert.ok(!isRotation([-1, 0, 0, 0, 1, 0, 0, 0, 1]), "a mirror");
  assert.ok(!isRotation([2, 0, 0, 0, 0.5, 0, 0, 0, 1]), "a stretch");
  assert.deepEqual([180, -180, 540, -0, 359, -190].map(wrapDegrees), [180, 180, 180, 0, -1, 170]);
});
