import assert from "node:assert/strict";
import { test } from "node:test";
import { closestName, didYouMean, didYouMeanOrList, editDistance } from "../../../src/schema/text/suggest.ts";

test("editDistance counts insertions, deletions, substitutions and swaps", () => {
  for (const [a, b, edits] of [
    ["", "", 0],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
    ["train", "trian", 1],
    ["ca", "abc", 3],
    ["flaw", "lawn", 2],
  ] as const) {
    assert.equal(editDistance(a, b), edits, `${a} ${b}`);
    assert.equal(editDistance(b, a), edits, `${b} ${a}`);
  }
});

test("the nearest name is found, whatever its case and separators", () => {
  const names = ["patchSize", "batchSize", "epochs"];
  assert.equal(closestName("patchsize", names), "patchSize");
  assert.equal(closestName("batch_size", names), "batchSize");
  assert.equal(closestName("epoch", names), "epochs");
  assert.equal(closestName("radius", names), undefined);
  assert.equal(closestName("epochs", names), undefined, "a name is no suggestion for itself");
});

test("the hint is a question, or the list of what there is", () => {
  assert.equal(didYouMean("trian", ["train"]), "did you mean train?");
  assert.equal(didYouMeanOrList("x", ["train", "target"], "the steps are"), "the steps are train, target");
  assert.equal(didYouMeanOrList("x", [], "the steps are"), "the steps are none");
  const many = Array.from({ length: 20 }, (_, index) => `name${index}`);
  assert.match(didYouMeanOrList("zzz", many, "they are"), /^they are name0, .*name11, …$/);
});
