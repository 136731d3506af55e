import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { Random } from "../../../src/core/random.ts";
import { formatBlock, parseLockText } from "../../../src/runner/lock/lock-text.ts";

const hash = "3f".repeat(32);

test("keys are sorted, files take one line, text that could be anything else is quoted", () => {
  const value = {
    b: "plain text",
    a: { yes: "no", file: { path: "data/t 0.mrc", sha256: hash, size: 12 } },
    list: [1, "two", { three: 3 }],
    empty: {},
    number: 0.5,
    text: "0.5",
    letters: "é",
    nothing: null,
    absent: undefined,
  };
  assert.equal(
    formatBlock("segment@t2", value, 2),
    `  segment@t2:
    a:
      file: {path: data/t 0.mrc, sha256: ${hash}, size: 12}
      "yes": "no"
    b: plain text
    empty: {}
    letters: "é"
    list: [1,"two",{"three":3}]
    nothing: null
    number: 0.5
    text: "0.5"
`,
  );
});

test("our reader and a YAML parser read our text alike", () => {
  const random = new Random(7);
  for (let round = 0; round < 300; round++) {
    const value = { root: randomValue(random, 0) };
    const text = formatBlock("root", value.root, 0);
    assert.deepEqual(parseLockText(text), value, text);
    assert.deepEqual(parse(text), value, text);
  }
});

test("what a file holds stands in its line", () => {
  const file = { path: "a.mrc", sha256: hash, size: 7, holds: "labels" };
  const line = `out: {path: a.mrc, sha256: ${hash}, size: 7, holds: labels}\n`;
  assert.equal(formatBlock("out", file, 0), line);
  assert.deepEqual(parseLockText(line), { out: file });
});

test("text in another hand is read by the YAML parser", () => {
  const text = "# mine\nversion: 1   # one\ntasks:\n    train: {key: 'abc', list:\n     [1, 2]}\n";
  assert.deepEqual(parseLockText(text), { version: 1, tasks: { train: { key: "abc", list: [1, 2] } } });
  assert.throws(() => parseLockText("a: [1, 2\nb: 3\n"));
});

const words = [
  ..."true|No|null|12|1e5|0x1F|-|- a|a: b|a #b|~|.5|.inf|./a|../b c|/d|é|{a}|[|'q'|\"|2026-01-02|a\nb| lead|trail |=|<<".split(
    "|",
  ),
  hash,
  `${"1".repeat(63)}e`,
  "",
  "t0/tomogram",
  "with:weights",
  "1.radius",
  "segment@t2",
  "constructor",
];

function randomValue(random: Random, depth: number): unknown {
  const pick = random.integer(0, depth > 3 ? 4 : 7);
  const word = () => words[random.integer(0, words.length - 1)];
  if (pick < 2) return word();
  if (pick === 2) return random.normal() * 10 ** random.integer(-20, 20);
  if (pick === 3) return [true, false, null, 0, -3][random.integer(0, 4)];
  if (pick === 4) return [word(), 1, { a: word() }];
  if (pick === 5) {
    const holds = ["labels", "no", "null", "x y", "a, b", word(), undefined][random.integer(0, 6)];
    const file = { path: `${word()}x`, sha256: hash, size: random.integer(0, 9) };
    return holds === undefined ? file : { ...file, holds };
  }
  const members = Array.from({ length: random.integer(1, 4) }, () => [
    word(),
    randomValue(random, depth + 1),
  ]);
  return Object.fromEntries(members);
}
