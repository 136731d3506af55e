import assert from "node:assert/strict";
import { test } from "node:test";
import {
  changeText,
  followDisk,
  isUnsaved,
  markSaved,
  openDraft,
  redo,
  undo,
} from "../../../../src/studio/web/configure/draft.ts";

const file = { path: "w.yaml", text: "a: 1\n", version: "one" };

test("typing a number is one step back, another field is another, and redo goes forth", () => {
  let draft = openDraft(file);
  draft = changeText(draft, "a: 10\n", { name: "a", now: 1000 });
  draft = changeText(draft, "a: 100\n", { name: "a", now: 1500 });
  draft = changeText(draft, "a: 100\nb: 2\n", { name: "b", now: 1600 });
  assert.equal(isUnsaved(draft), true);
  draft = undo(draft);
  assert.equal(draft.text, "a: 100\n");
  draft = undo(draft);
  assert.equal(draft.text, "a: 1\n");
  assert.equal(isUnsaved(draft), false);
  assert.equal(undo(draft), draft);
  draft = redo(redo(draft));
  assert.equal(draft.text, "a: 100\nb: 2\n");
  assert.equal(redo(draft), draft);
});

test("after a pause, or after a step back, the same field begins another step", () => {
  let draft = changeText(openDraft(file), "a: 2\n", { name: "a", now: 0 });
  draft = changeText(draft, "a: 3\n", { name: "a", now: 5000 });
  assert.equal(undo(draft).text, "a: 2\n");
  draft = changeText(undo(draft), "a: 4\n", { name: "a", now: 5100 });
  assert.equal(undo(draft).text, "a: 2\n");
  assert.deepEqual(draft.future, []);
});

test("what was typed while it was saved is still unsaved", () => {
  const typed = changeText(openDraft(file), "a: 2\n", { name: "a", now: 0 });
  const more = changeText(typed, "a: 23\n", { name: "a", now: 100 });
  const saved = markSaved(more, { ...file, text: "a: 2\n", version: "two" });
  assert.equal(isUnsaved(saved), true);
  assert.equal(saved.saved.version, "two");
  assert.equal(isUnsaved(markSaved(more, { ...file, text: "a: 23\n", version: "three" })), false);
});

test("a draft that follows the disk can go back to its own text; one that was kept can go back to the file's", () => {
  const mine = changeText(openDraft(file), "a: 2\n", { name: "a", now: 0 });
  const theirs = followDisk(mine, { ...file, text: "a: 9\n", version: "two" });
  assert.deepEqual([theirs.text, isUnsaved(theirs)], ["a: 9\n", false]);
  assert.equal(undo(theirs).text, "a: 2\n");
  assert.equal(undo(openDraft(file, "a: 5\n")).text, "a: 1\n");
});
