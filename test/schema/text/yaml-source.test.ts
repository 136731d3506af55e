import assert from "node:assert/strict";
import { test } from "node:test";
import { parseYamlSource, type YamlSource } from "../../../src/schema/text/yaml-source.ts";

function parse(text: string): YamlSource {
  const result = parseYamlSource("file.yaml", text);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result.value;
}

const placeOf = (source: YamlSource, path: (string | number)[], part?: "key" | "value") => {
  const { line, column, length } = source.locate(path, part);
  return [line, column, length];
};

test("values and keys are found where they are written", () => {
  const source = parse('steps:\n  train:\n    with: {patchSize: 56, list: [1, "two"]}\n');
  assert.deepEqual(placeOf(source, ["steps", "train"], "key"), [2, 3, 5]);
  assert.deepEqual(placeOf(source, ["steps", "train", "with", "patchSize"]), [3, 23, 2]);
  assert.deepEqual(placeOf(source, ["steps", "train", "with", "patchSize"], "key"), [3, 12, 9]);
  assert.deepEqual(placeOf(source, ["steps", "train", "with", "list", 1]), [3, 37, 5]);
  assert.deepEqual(placeOf(source, ["steps", "train"]), [2, 3, 5], "a block map is shown by its key");
  assert.deepEqual(
    placeOf(source, ["steps", "train", "with"]),
    [3, 11, 33],
    "a map in braces is shown whole",
  );
  assert.deepEqual(placeOf(source, ["steps", "train", "gone"]), [2, 3, 5], "the nearest place above");
  assert.equal(
    source.locate(["steps", "train", "with"]).sourceLine,
    '    with: {patchSize: 56, list: [1, "two"]}',
  );
});

test("a byte order mark and Windows line ends shift nothing", () => {
  const source = parse("\uFEFFa: 1\r\nb: two\r\n");
  assert.deepEqual(source.value, { a: 1, b: "two" });
  assert.deepEqual(placeOf(source, ["a"]), [1, 4, 1]);
  assert.deepEqual(placeOf(source, ["b"]), [2, 4, 3]);
  assert.equal(source.locate(["b"]).sourceLine, "b: two");
});

test("aliases and merge keys give values, and lead to where these are written", () => {
  const source = parse(
    "base: &base {a: 1, b: 2}\none: {<<: *base, b: 3}\ntwo: *base\nmany: {<<: [*base, {c: 4}]}\n",
  );
  assert.deepEqual(source.value, {
    base: { a: 1, b: 2 },
    one: { a: 1, b: 3 },
    two: { a: 1, b: 2 },
    many: { a: 1, b: 2, c: 4 },
  });
  assert.deepEqual(placeOf(source, ["one", "a"]), [1, 17, 1]);
  assert.deepEqual(placeOf(source, ["one", "b"]), [2, 21, 1]);
  assert.deepEqual(placeOf(source, ["two", "b"]), [1, 23, 1]);
  assert.deepEqual(placeOf(source, ["many", "c"]), [4, 24, 1]);
});

test("a scalar is also known as it is written", () => {
  const source = parse("id: 007\nquoted: '1e3'\nmap: {}\n");
  assert.deepEqual(source.value, { id: 7, quoted: "1e3", map: {} });
  assert.equal(source.writtenAt(["id"]), "007");
  assert.equal(source.writtenAt(["quoted"]), "1e3");
  assert.equal(source.writtenAt(["map"]), undefined);
});

test("a key that is a number and one that is its text are the same key", () => {
  const result = parseYamlSource("file.yaml", '1: a\n"1": b\n');
  assert.deepEqual(
    result.diagnostics.map(({ code, location }) => [code, location?.line, location?.column]),
    [["duplicate-key", 2, 1]],
  );
});

test("an alias that holds itself, an unknown tag and a key that is no text are mistakes", () => {
  const codes = (text: string) => parseYamlSource("f", text).diagnostics.map(({ code }) => code);
  assert.deepEqual(codes("a: &a [1, *a]\n"), ["alias-bomb"]);
  assert.deepEqual(codes("a: !!python/object x\n"), ["yaml-syntax"]);
  assert.deepEqual(codes("a: {{x}}\n"), ["bad-key"]);
  assert.deepEqual(codes("? [1, 2]\n: 3\n"), ["bad-key"]);
  assert.deepEqual(codes("__proto__: {x: 1}\n"), ["bad-key"]);
  assert.equal(({} as Record<string, unknown>).x, undefined);
});

test("a map may merge one other map with <<, given once", () => {
  const codes = (text: string) => parseYamlSource("f", text).diagnostics.map(({ code }) => code);
  assert.deepEqual(codes("a: &a {x: 1}\nb: {<<: *a, <<: *a}\n"), ["duplicate-key"]);
});

test("many rows may share one alias", () => {
  const rows = Array.from({ length: 500 }, (_, index) => `  - {id: r${index}, box: *box}\n`).join("");
  const source = parse(`x-box: &box [1, 2, 3]\nrows:\n${rows}`);
  assert.equal((source.value as { rows: unknown[] }).rows.length, 500);
});
