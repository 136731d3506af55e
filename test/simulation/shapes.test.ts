import assert from "node:assert/strict";
import { test } from "node:test";
import { drawShape, isShapeName, type ShapeName, shapeDescriptions } from "../../src/simulation/shapes.ts";

const names = Object.keys(shapeDescriptions) as ShapeName[];
const massOf = (name: ShapeName, radius: number) =>
  drawShape(name, radius).data.reduce((sum, value) => sum + value, 0);

/** Volumes in units of R³. */
const volumes: Partial<Record<ShapeName, number>> = {
  globule: (4 / 3) * Math.PI,
  shell: (4 / 3) * Math.PI * (1 - 0.65 ** 3),
  barrel: Math.PI * (0.72 ** 2 * 1.38 - 0.36 ** 2 * (1.38 - 0.28)),
  rod: Math.PI * 0.3 ** 2 * 1.4 + (4 / 3) * Math.PI * 0.3 ** 3,
  ring: 2 * Math.PI ** 2 * 0.68 * 0.32 ** 2,
  vesicle: (4 / 3) * Math.PI * (1 - 0.87 ** 3 + 0.7 ** 3 - 0.57 ** 3),
};

for (const [name, volume] of Object.entries(volumes))
  test(`a ${name} has the volume of its solid`, () => {
    const radius = 9.5;
    const mass = massOf(name as ShapeName, radius);
    assert.ok(Math.abs(mass / (volume * radius ** 3) - 1) < 0.025, `${mass / radius ** 3} is not ${volume}`);
  });

for (const name of names)
  test(`a ${name} fills its ball along some direction and stays inside`, () => {
    const radius = 8;
    const { side, data } = drawShape(name, radius);
    let farthest = 0;
    for (const [at, value] of data.entries()) {
      assert.ok(value >= 0 && value <= 1);
      if (value < 0.5) continue;
      const [z, y, x] = [Math.floor(at / side ** 2), Math.floor(at / side) % side, at % side];
      farthest = Math.max(farthest, Math.hypot(x - side / 2, y - side / 2, z - side / 2));
    }
    assert.equal(side % 2, 0);
    assert.ok(farthest > radius - 1 && farthest < radius + 0.5, `${farthest}`);
  });

test("no two shapes of a radius weigh the same", () => {
  const masses = names.map((name) => massOf(name, 8)).sort((a, b) => a - b);
  for (let index = 1; index < masses.length; index++)
    assert.ok(masses[index] > 1.05 * masses[index - 1], `${masses}`);
});

test("only the names of the table are shapes", () => {
  assert.ok(isShapeName("two-lobed"));
  assert.ok(!isShapeName("toString"));
});
