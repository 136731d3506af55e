import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sha256 } from "../../../src/core/hash.ts";
import { isMaskedAnew, maskOf } from "../../../src/schema/values/environment-mask.ts";

const hash = (text: string) => sha256(text).slice(0, 8);

test("a value becomes the name of its variable, wherever it stands, and the longer of two first", () => {
  const { text, recorded } = maskOf({ TOKEN: "s3cret.*", LONG: "s3cret.*-and-more" });
  assert.equal(text("a s3cret.*, s3cret.*-and-more, s3cretXX"), "a ${env.TOKEN}, ${env.LONG}, s3cretXX");
  const value = { a: ["x s3cret.*"], n: 3, deep: { b: "fine" }, none: null };
  assert.deepEqual(recorded(value), {
    a: [`x \${env.TOKEN}#${hash("s3cret.*")}`],
    n: 3,
    deep: { b: "fine" },
    none: null,
  });
  assert.ok(isMaskedAnew(value, recorded(value)));
  assert.ok(!isMaskedAnew(recorded(value), recorded(value)));
});

test("each line of a value of several lines", () => {
  const { text } = maskOf({ PEM: "BEGIN KEY\nabcdef\nEND" });
  assert.equal(text("abcdef"), "${env.PEM}");
  assert.equal(text("x BEGIN KEY\nabcdef\nEND y"), "x ${env.PEM} y");
});

test("folders, short values and everyday words stay, and so does everything where no variable is named", () => {
  const path = join(tmpdir(), "data");
  const { text, isEmpty } = maskOf({ HOME: path, LEVEL: "3", MODE: "auto", FLAG: "true", GONE: undefined });
  assert.equal(isEmpty, true);
  assert.equal(text(`${path} 3 auto true`), `${path} 3 auto true`);
  // what begins like a path and leads nowhere may be a key
  assert.equal(maskOf({ KEY: "/9j4AAQSkZJRg" }).text("/9j4AAQSkZJRg"), "${env.KEY}");
});
