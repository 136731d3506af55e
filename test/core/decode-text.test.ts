import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeText } from "../../src/core/decode-text.ts";

const source = "list.csv";
const read = (bytes: Uint8Array, declared?: string) => decodeText(bytes, { source, declared });
const decoded = (bytes: Uint8Array, declared?: string) => {
  const result = read(bytes, declared);
  return result.ok ? result.value : result.diagnostics;
};

const text = "label,x,y,z,note\n1,1,2,3,Zürich\n";
const bigEndian = (little: Buffer) => Buffer.from(little).swap16();

test("UTF-8 and UTF-16 are told apart, with a byte order mark and without", () => {
  const wide = Buffer.from(text, "utf16le");
  assert.equal(decoded(Buffer.from(text)), text);
  assert.equal(decoded(Buffer.from(`\ufeff${text}`)), text);
  assert.equal(decoded(wide), text);
  assert.equal(decoded(bigEndian(wide)), text);
  assert.equal(decoded(Buffer.concat([Buffer.from([0xff, 0xfe]), wide])), text);
  assert.equal(decoded(Buffer.concat([Buffer.from([0xfe, 0xff]), bigEndian(wide)])), text);
  assert.equal(decoded(new Uint8Array(0)), "");
});

test("what is none of them is refused with its place, not guessed", () => {
  const [diagnostic] = read(Buffer.from(text, "latin1")).diagnostics;
  assert.equal(diagnostic?.code, "not-utf8");
  assert.match(diagnostic!.message, /not UTF-8 text: the byte 0xFC stands alone/);
  assert.deepEqual(diagnostic!.location, { file: source, line: 2, column: 10 });
  assert.match(diagnostic!.hint!, /iconv -f WINDOWS-1252 -t UTF-8/);
});

test("an encoding that the file declares is taken; one that nobody knows is refused", () => {
  assert.equal(decoded(Buffer.from(text, "latin1"), "ISO-8859-1"), text);
  assert.match(read(Buffer.from(text), "klingon").diagnostics[0]!.message, /klingon, which is not read/);
});
