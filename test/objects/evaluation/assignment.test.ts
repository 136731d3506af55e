import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Random } from "../../../src/core/random.ts";
import { assignPairs } from "../../../src/objects/evaluation/assignment.ts";
import { createMatchGraph } from "../../../src/objects/evaluation/candidates.ts";
import { thresholdCurve } from "../../../src/objects/evaluation/curves.ts";
import type { MatchedPair } from "../../../src/objects/evaluation/match-graph.ts";
import { graphOfPairs, noPause, pairsOfGraph } from "../../support/listed-pairs.ts";

const fixture = JSON.parse(
  readFileSync(new URL("../../fixtures/objects/assignment.json", import.meta.url), "utf8"),
) as {
  readonly cases: readonly {
    readonly pairs: readonly (readonly [row: number, column: number, distance: number])[];
    readonly count: number;
    readonly total: number;
  }[];
};

const pair = (row: number, column: number, distance: number): MatchedPair => ({ row, column, distance });

const assign = (pairs: readonly MatchedPair[]) => assignPairs(graphOfPairs(pairs), noPause);

const total = (pairs: readonly MatchedPair[]): number =>
  pairs.reduce((sum, { distance }) => sum + distance, 0);

function assertOneToOne(chosen: readonly MatchedPair[]): void {
  assert.equal(new Set(chosen.map(({ row }) => row)).size, chosen.length, "a row twice");
  assert.equal(new Set(chosen.map(({ column }) => column)).size, chosen.length, "a column twice");
}

fixture.cases.forEach(({ pairs, count, total: expected }, index) => {
  test(`as many pairs, and as near, as scipy finds (${index + 1}: ${pairs.length} candidates)`, async () => {
    const chosen = await assign(pairs.map(([row, column, distance]) => pair(row, column, distance)));
    assertOneToOne(chosen);
    assert.equal(chosen.length, count);
    assert.ok(Math.abs(total(chosen) - expected) < 1e-4, `${total(chosen)}, not ${expected}`);
  });
});

test("more pairs come before nearer ones", async () => {
  const chosen = await assign([pair(0, 0, 1), pair(0, 1, 9), pair(1, 0, 9)]);
  assert.deepEqual(chosen, [pair(0, 1, 9), pair(1, 0, 9)]);
});

test("of equal totals the one with the nearest pair", async () => {
  // On a line: truth at 1 and 2, detections at 0 and 1.
  const chosen = await assign([pair(0, 0, 1), pair(0, 1, 0), pair(1, 0, 2), pair(1, 1, 1)]);
  assert.deepEqual(chosen, [pair(0, 1, 0), pair(1, 0, 2)]);
});

test("the one left over is the farther; equal ones keep the first", async () => {
  assert.deepEqual(await assign([pair(0, 0, 3), pair(1, 0, 2), pair(2, 0, 4)]), [pair(1, 0, 2)]);
  assert.deepEqual(await assign([pair(0, 0, 2), pair(1, 0, 2)]), [pair(0, 0, 2)]);
  assert.deepEqual(await assign([]), []);
});

/** Kuhn's algorithm on the whole matrix, as in textbooks: the least total cost, pairs that are not listed being dear. */
function plainTotals(graph: Parameters<typeof assignPairs>[0]): { count: number; total: number } {
  const [rows, columns] = [graph.rows.count, graph.columns.count];
  const size = Math.max(rows, columns);
  const dear = 1e6;
  const cost = Array.from({ length: size + 1 }, () => new Float64Array(size + 1).fill(dear));
  for (const { row, column, distance } of pairsOfGraph(graph)) cost[row + 1]![column + 1] = distance;
  const [u, v] = [new Float64Array(size + 1), new Float64Array(size + 1)];
  const rowOf = new Int32Array(size + 1);
  for (let row = 1; row <= size; row++) {
    const least = new Float64Array(size + 1).fill(Number.POSITIVE_INFINITY);
    const way = new Int32Array(size + 1);
    const used = new Uint8Array(size + 1);
    rowOf[0] = row;
    let column = 0;
    do {
      used[column] = 1;
      const own = rowOf[column]!;
      let [delta, next] = [Number.POSITIVE_INFINITY, 0];
      for (let other = 1; other <= size; other++) {
        if (used[other]) continue;
        const reduced = cost[own]![other]! - u[own]! - v[other]!;
        if (reduced < least[other]!) [least[other], way[other]] = [reduced, column];
        if (least[other]! < delta) [delta, next] = [least[other]!, other];
      }
      for (let other = 0; other <= size; other++)
        if (used[other]) {
          u[rowOf[other]!]! += delta;
          v[other]! -= delta;
        } else least[other]! -= delta;
      column = next;
    } while (rowOf[column] !== 0);
    for (; column !== 0; column = way[column]!) rowOf[column] = rowOf[way[column]!]!;
  }
  const chosen = Array.from({ length: size }, (_, index) => cost[rowOf[index + 1]!]![index + 1]!);
  const near = chosen.filter((distance) => distance < dear);
  return { count: near.length, total: near.reduce((sum, distance) => sum + distance, 0) };
}

test("as many and as near as the whole matrix gives: thin and dense, of equal and unequal numbers, on a lattice", async () => {
  const random = new Random(7);
  for (let round = 0; round < 150; round++) {
    const [rows, columns] = [random.integer(1, 70), random.integer(1, 70)];
    const [size, shift] = [random.integer(2, 25), random.integer(0, 9)];
    const isLattice = round % 3 === 0;
    const place = (from: number) => {
      const [x, y, z] = [0, 0, 0].map(() => from + random.uniform() * size);
      const exact = { x: x!, y: y!, z: z! };
      return isLattice
        ? { label: 1, x: Math.round(exact.x), y: Math.round(exact.y), z: Math.round(exact.z) }
        : { label: 1, ...exact };
    };
    const truth = Array.from({ length: rows }, () => place(0));
    const found = Array.from({ length: columns }, () => place(shift));
    const graph = createMatchGraph(truth, found, { type: "distance", distance: random.integer(2, 20) });
    const chosen = await assignPairs(graph, noPause);
    const expected = plainTotals(graph);
    assertOneToOne(chosen);
    assert.equal(chosen.length, expected.count, `round ${round}`);
    const slack = 1e-5 * (1 + expected.total);
    assert.ok(
      Math.abs(total(chosen) - expected.total) < slack,
      `round ${round}: ${total(chosen)}, not ${expected.total}`,
    );
  }
});

test("thousands of objects: thin, in one large component, all near all, all at one place", async () => {
  const random = new Random(11);
  for (const [count, foundCount, size, reach] of [
    [4000, 4000, 400, 10],
    [700, 700, 30, 8],
    [3000, 2000, 20, 40],
    [1500, 1500, 0, 1],
  ] as const) {
    const place = () => ({
      label: 1,
      x: random.uniform() * size,
      y: random.uniform() * size,
      z: random.uniform() * size,
    });
    const truth = Array.from({ length: count }, place);
    const found = Array.from({ length: foundCount }, place);
    const graph = createMatchGraph(truth, found, { type: "distance", distance: reach });
    const start = performance.now();
    const chosen = await assignPairs(graph, noPause);
    const seconds = (performance.now() - start) / 1000;
    assertOneToOne(chosen);
    const [point] = await thresholdCurve([{ graph, values: found.map(() => 1) }], 1, noPause);
    assert.equal(chosen.length, point!.scores.tp, "as many as augmenting paths find");
    assert.ok(seconds < 10, `${seconds} s for ${count} × ${foundCount} in ${size}³`);
  }
});
