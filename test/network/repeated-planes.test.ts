import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphBuilder, type Padding3 } from "../../src/network/graph.ts";
import { repeatedPlanes } from "../../src/network/repeated-planes.ts";

/** A letter a plane: the same for planes that are alike and follow each other. */
function runs(repeated: readonly boolean[]): string {
  let run = -1;
  const letters = repeated.map((isRepeated) => {
    if (!isRepeated) run++;
    return String.fromCharCode(97 + run);
  });
  return letters.join("");
}

test("planes of zeros alone are alike, before and after the volume, and so are those made of them", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", [1, 1, 2, 4, 4]);
  const kernel = builder.input("k", [1, 1, 3, 3, 3]);
  const sides: Padding3[1] = [1, 1];
  const wide = builder.conv3d(x, kernel, { padding: [[7, 7], sides, sides] });
  const next = builder.conv3d(wide, kernel);
  const pooled = builder.maxPool3d(next);
  const up = builder.upsample3d(pooled);
  const part = builder.crop3d(up, [1, 0, 0], [10, 2, 2]);
  const skipped = builder.crop3d(next, [0, 0, 0], [10, 2, 2]);
  const scores = builder.softmax(builder.concat([part, skipped]));
  builder.output("labels", builder.argMax(scores));
  const graph = builder.build();
  const found = repeatedPlanes(graph);
  const of = (value: number) => runs(found.get(value)!);
  assert.equal(of(x), "ab");
  assert.equal(of(wide), "aaaaabcdefffff", "planes 5 to 8 see the volume");
  assert.equal(
    of(next),
    "abbbcdefghiiij",
    "beyond the first and the last plane there are zeros of another kind",
  );
  assert.equal(of(pooled), "abcdefg");
  assert.equal(of(up), "aabbccddeeffgg");
  assert.equal(of(part), "abbccddeef");
  assert.equal(of(scores), "abbcdefghi");
  assert.deepEqual(found.get(graph.outputs.labels!), found.get(scores));
});
