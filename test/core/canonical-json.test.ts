import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalJson } from "../../src/core/hash.ts";
import { Random } from "../../src/core/random.ts";

test("keys are sorted at every depth, array indices first and as numbers, undefined members dropped", () => {
  const value = { b: [{ d: 1, c: undefined }, undefined, null], a: "é\n", 10: true, 2: -0, "01": Number.NaN };
  assert.equal(canonicalJson(value), '{"2":0,"10":true,"01":null,"a":"é\\n","b":[{"d":1},null,null]}');
  assert.equal(canonicalJson({ when: new Date(0) }), '{"when":"1970-01-01T00:00:00.000Z"}');
  assert.equal(canonicalJson(undefined), undefined);
});

test("random values give the text that JSON.stringify gives of sorted copies: task keys rest on it", () => {
  const random = new Random(11);
  for (let round = 0; round < 2000; round++) {
    const value = randomValue(random, 0);
    assert.equal(canonicalJson(value), JSON.stringify(sortedCopy(value)));
  }
});

function sortedCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedCopy);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sortedCopy(member)]));
}

const words =
  '|a|B|é|__proto__x|toJSON?|"quoted"|new\nline|0|1|10|2|01|-1|1.5|4294967294|4294967295|1e3|\u2028|😀|constructor'.split(
    "|",
  );
const leaves = [undefined, null, true, 0, -0, 1e21, 1e-7, 0.1, Number.POSITIVE_INFINITY, "text", ""];

function randomValue(random: Random, depth: number): unknown {
  const pick = random.integer(0, depth > 3 ? 1 : 4);
  const pickOf = <T>(list: readonly T[]): T => list[random.integer(0, list.length - 1)]!;
  if (pick === 0) return pickOf(leaves);
  if (pick === 1) return pickOf(words);
  const count = random.integer(0, 5);
  if (pick === 2) return Array.from({ length: count }, () => randomValue(random, depth + 1));
  return Object.fromEntries(
    Array.from({ length: count }, () => [pickOf(words), randomValue(random, depth + 1)]),
  );
}
