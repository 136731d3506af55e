import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { findComponents } from "../../../src/objects/clustering/components.ts";
import type { Shape3 } from "../../../src/volume/volume.ts";

const fixture = JSON.parse(
  readFileSync(new URL("../../fixtures/objects/components.json", import.meta.url), "utf8"),
) as {
  readonly cases: readonly {
    readonly shape: Shape3;
    readonly index: readonly number[];
    readonly component: readonly number[];
    readonly sizes: readonly number[];
    readonly centers: readonly (readonly number[])[];
  }[];
};

for (const { shape, index, component, sizes, centers } of fixture.cases)
  test(`components of ${index.length} voxels are scipy's`, () => {
    const found = findComponents({
      shape,
      index: Uint32Array.from(index),
      label: new Uint16Array(index.length),
    });
    // Ours are ranked by size: the first voxel of each tells which of scipy's it is.
    const names = [...found.sizes].map((_, cluster) => component[found.assigned.indexOf(cluster)]);
    assert.deepEqual(
      [...found.assigned].map((cluster) => names[cluster]),
      component,
    );
    assert.deepEqual(
      [...found.sizes],
      names.map((name) => sizes[name]),
    );
    assert.deepEqual(
      [...found.sizes],
      sizes.toSorted((a, b) => b - a),
    );
    names
      .flatMap((name) => centers[name])
      .forEach((value, at) => {
        assert.ok(Math.abs(found.centres[at] - value) < 1e-9);
      });
  });

test("voxels at the end of one row and the start of the next do not touch", () => {
  const index = Uint32Array.from([4, 10]);
  const found = findComponents({ shape: [2, 3, 5], index, label: new Uint16Array(2) });
  assert.deepEqual([...found.sizes], [1, 1]);
  const wrapped = findComponents({
    shape: [2, 3, 5],
    index: Uint32Array.from([4, 5]),
    label: new Uint16Array(2),
  });
  assert.deepEqual([...wrapped.sizes], [1, 1]);
});
