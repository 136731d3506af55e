import assert from "node:assert/strict";
import { test } from "node:test";
import type { StepRow } from "../../../src/steps/step-kind.ts";
import { checkVoxelSizes } from "../../../src/steps/train/check-voxel-sizes.ts";

const rowOf = (id: string) => ({ id, files: { tomogram: `${id}.mrc` } }) as unknown as StepRow;
const sizeOf = (edge: number | null) => ({
  voxelSizeAngstrom: edge === null ? null : ([edge, edge, edge] as const),
});

test("warns of training rows more than 2 % apart, and not of unknown sizes", () => {
  const sizes: [string, number | null][] = [
    ["t0", null],
    ["t1", 10],
    ["t2", 13.68],
    ["t3", 10.1],
  ];
  const headers = new Map(sizes.map(([id, edge]) => [id, sizeOf(edge)]));
  const found = checkVoxelSizes(
    sizes.map(([id]) => rowOf(id)),
    headers,
  );
  assert.equal(found.length, 1);
  assert.match(found[0]!.message, /^t2: .*13\.68.* t1 10 × 10 × 10$/);
  assert.equal(found[0]!.severity, "warning");
});
