import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random } from "../../../src/core/random.ts";
import {
  formatReference,
  hasExpression,
  listReferences,
  parseTemplate,
  type Reference,
  resolveExpressions,
} from "../../../src/schema/values/expression.ts";

const scope = {
  params: {
    epochs: 5,
    flag: false,
    size: [1, 2],
    "a.b": "dotted",
    deep: { er: { x: "y" } },
    empty: "",
    text: "${row.id}",
  },
  env: { HOME: "/home/me", UNSET: undefined },
  row: { id: "t0", "voxel size": 13.5 },
  step: (step: string, output: string) => (step === "train" ? `/results/${output}.h5` : undefined),
};

const resolve = (value: unknown) => resolveExpressions(value, scope).value;

describe("a string that is one expression keeps the type of its value", () => {
  for (const [text, value] of [
    ["${params.epochs}", 5],
    ["${params.flag}", false],
    ["${params.size}", [1, 2]],
    ["${params.a.b}", "dotted"],
    ["${params.deep.er.x}", "y"],
    ["${ params . epochs }", 5],
    ["${env.HOME}", "/home/me"],
    ["${row.id}", "t0"],
    ["${row.voxel size}", 13.5],
    ["${train.weights}", "/results/weights.h5"],
  ] as const)
    test(text, () => assert.deepEqual(resolve(text), value));
});

test("inside a longer string the value becomes text", () => {
  assert.equal(resolve("${env.HOME}/${row.id}_${params.epochs}.mrc"), "/home/me/t0_5.mrc");
  assert.equal(resolve("no expression"), "no expression");
});

test("$${ is a literal ${, also beside expressions", () => {
  assert.equal(resolve("$${HOME} and ${params.epochs}"), "${HOME} and 5");
  assert.equal(resolve("$${params.epochs}"), "${params.epochs}");
  assert.equal(hasExpression("$${params.epochs}"), false);
});

test("lists and maps are resolved at any depth, keys are not", () => {
  assert.deepEqual(resolve({ "${row.id}": [{ x: "${params.epochs}" }], n: null, b: true }), {
    "${row.id}": [{ x: 5 }],
    n: null,
    b: true,
  });
});

test("a value that was looked up is not read as an expression", () => {
  assert.equal(resolve("${params.text}"), "${row.id}");
  assert.equal(resolve("x${params.text}"), "x${row.id}");
});

test("what has no value is told with its place, and stays as written", () => {
  const { value, problems } = resolveExpressions(["a", { b: "x${params.gone}" }], scope);
  assert.deepEqual(value, ["a", { b: "x${params.gone}" }]);
  assert.deepEqual(problems, [
    {
      path: [1, "b"],
      code: "unresolved-expression",
      message: "${params.gone} has no value",
      reference: { scope: "params", name: "gone" },
    },
  ]);
});

test("empty values, unset variables, lists inside text and outputs that are not there are problems", () => {
  const messages = (text: string) => resolveExpressions(text, scope).problems.map(({ message }) => message);
  assert.deepEqual(messages("${params.empty}"), ["${params.empty} is empty"]);
  assert.deepEqual(messages("${env.UNSET}"), ["${env.UNSET} has no value"]);
  assert.deepEqual(messages("${params.size}!"), [
    "${params.size} is a list or a map and cannot stand inside a text",
  ]);
  assert.deepEqual(messages("${test.weights}"), ["${test.weights} has no value"]);
  assert.deepEqual(messages("${params.constructor}"), ["${params.constructor} has no value"]);
  assert.deepEqual(messages("${params.__proto__}"), ["${params.__proto__} has no value"]);
});

test("a string that needs a scope which is not given is left whole for later", () => {
  const { value, problems, pending } = resolveExpressions(
    { a: "${params.epochs}/${row.id}", b: "${params.epochs}" },
    { params: scope.params },
  );
  assert.deepEqual(value, { a: "${params.epochs}/${row.id}", b: 5 });
  assert.deepEqual([problems, pending], [[], [["a"]]]);
});

test("texts between ${ and } that are no expression are listed", () => {
  assert.deepEqual(parseTemplate("${epochs} ${} ${.x} ${a.} ${open").malformed, [
    "${epochs}",
    "${}",
    "${.x}",
    "${a.}",
    "${open",
  ]);
  assert.equal(resolveExpressions("${epochs}", scope).problems[0].code, "bad-expression");
});

test("references are listed with the place of their strings", () => {
  assert.deepEqual(listReferences({ a: ["${train.weights}", "x"], b: "${row.id}-${params.p}" }), [
    { path: ["a", 0], reference: { scope: "step", step: "train", output: "weights" } },
    { path: ["b"], reference: { scope: "row", column: "id" } },
    { path: ["b"], reference: { scope: "params", name: "p" } },
  ]);
});

test("any mixture of texts and references comes apart into what it was put together from", () => {
  const random = new Random(7);
  const pick = <T>(items: readonly T[]): T => items[random.integer(0, items.length - 1)];
  const references: readonly Reference[] = [
    { scope: "params", name: "a.b-c" },
    { scope: "env", name: "HOME" },
    { scope: "row", column: "two words" },
    { scope: "step", step: "train_2-x", output: "weights" },
  ];
  const texts = ["a", "$", "{", "}", " x ", "$$", "ü", "\n", "/"];
  for (let round = 0; round < 2000; round++) {
    const parts: (string | Reference)[] = [];
    for (let count = random.integer(0, 6); count > 0; count--) {
      const part = random.uniform() < 0.5 ? pick(texts) : pick(references);
      const last = parts.at(-1);
      if (typeof part === "string" && typeof last === "string") parts[parts.length - 1] = last + part;
      else parts.push(part);
    }
    const isLiteral = (part: string | Reference) => typeof part === "string";
    const written = parts
      .map((part) => (typeof part === "string" ? part.replaceAll("${", () => "$${") : formatReference(part)))
      .join("");
    // a $ right before an expression is read as the escape, so it cannot be written there
    if (
      parts.some(
        (part, index) => isLiteral(part) && (part as string).endsWith("$") && index < parts.length - 1,
      )
    )
      continue;
    if (parts.some((part) => isLiteral(part) && (part as string).includes("$${"))) continue;
    const expected = parts.length === 0 ? [""] : parts;
    assert.deepEqual(
      parseTemplate(written).parts.length === 0 ? [""] : parseTemplate(written).parts,
      expected,
      written,
    );
    assert.deepEqual(parseTemplate(written).malformed, []);
  }
});
