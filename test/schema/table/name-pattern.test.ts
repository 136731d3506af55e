import assert from "node:assert/strict";
import { test } from "node:test";
import { nameMatcher } from "../../../src/schema/table/name-pattern.ts";

const matches = (pattern: string, names: readonly string[]) => names.filter(nameMatcher(pattern));

test("stars, question marks, sets and choices", () => {
  const names = ["t1.mrc", "t12.mrc", "t1.rec", "s1.mrc", "t.mrc", "tü.mrc", "t🧊.mrc"];
  assert.deepEqual(matches("t*.mrc", names), ["t1.mrc", "t12.mrc", "t.mrc", "tü.mrc", "t🧊.mrc"]);
  assert.deepEqual(matches("t?.mrc", names), ["t1.mrc", "tü.mrc", "t🧊.mrc"]);
  assert.deepEqual(matches("[st]1.*", names), ["t1.mrc", "t1.rec", "s1.mrc"]);
  assert.deepEqual(matches("t[0-9].mrc", names), ["t1.mrc"]);
  assert.deepEqual(matches("t[!0-9].mrc", names), ["tü.mrc", "t🧊.mrc"]);
  assert.deepEqual(matches("t{1,12}.{mrc,rec}", names), ["t1.mrc", "t12.mrc", "t1.rec"]);
  assert.deepEqual(matches("t{,1}.mrc", names), ["t1.mrc", "t.mrc"]);
  assert.deepEqual(matches("{s*,t{1,1?}.m}*", names), ["t1.mrc", "t12.mrc", "s1.mrc"]);
  assert.deepEqual(matches("*", ["", "a"]), ["", "a"]);
});

test("what means something in a regular expression, and what is not closed, stands for itself", () => {
  assert.deepEqual(matches("a.b+(c)^$|", ["a.b+(c)^$|", "axb+(c)^$|"]), ["a.b+(c)^$|"]);
  assert.deepEqual(matches("a[b", ["a[b", "ab"]), ["a[b"]);
  assert.deepEqual(matches("a{b,c", ["a{b,c", "ab"]), ["a{b,c"]);
  assert.deepEqual(matches("[]a]", ["]", "a", "b"]), ["]", "a"]);
  assert.deepEqual(matches("[a-]", ["a", "-", "b"]), ["a", "-"]);
  assert.deepEqual(matches("a}b]", ["a}b]"]), ["a}b]"]);
  assert.deepEqual(matches("\\*", ["\\x", "*"]), ["\\x"]);
});

test("the same names as a regular expression gives, for patterns at random", () => {
  let state = 7;
  const random = (count: number) => {
    state = (state * 48271) % 2147483647;
    return state % count;
  };
  const letters = ["a", "b", "*", "?", "{a,b}", "[ab]", "[!a]", "{ab,*b}"];
  const expressions: Readonly<Record<string, string>> = {
    "*": ".*",
    "?": ".",
    "{a,b}": "(?:a|b)",
    "[!a]": "[^a]",
    "{ab,*b}": "(?:ab|.*b)",
  };
  for (let trial = 0; trial < 2000; trial++) {
    const pieces = Array.from({ length: random(6) }, () => letters[random(letters.length)]!);
    const expression = new RegExp(`^${pieces.map((piece) => expressions[piece] ?? piece).join("")}$`);
    const name = Array.from({ length: random(8) }, () => "ab"[random(2)]).join("");
    assert.equal(nameMatcher(pieces.join(""))(name), expression.test(name), `${pieces.join("")} and ${name}`);
  }
});

test("many stars take no time: all ways are followed at once", () => {
  const name = "a".repeat(250);
  const started = performance.now();
  assert.equal(nameMatcher(`${"*a".repeat(120)}*b`)(name), false);
  assert.equal(nameMatcher(`${"{a,*}".repeat(120)}b`)(name), false);
  assert.ok(performance.now() - started < 2000, `${performance.now() - started} ms`);
});
