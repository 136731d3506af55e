import assert from "node:assert/strict";
import { test } from "node:test";
import { keyName, shownKey } from "../../../../src/studio/web/shell/key-names.ts";
import { readRoute, routeTo } from "../../../../src/studio/web/shell/route.ts";

const press = (
  key: string,
  held: Partial<Record<"ctrlKey" | "metaKey" | "altKey" | "shiftKey", boolean>> = {},
) => keyName({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

test("a key press has one name", () => {
  assert.equal(press("a"), "a");
  assert.equal(press("A", { shiftKey: true }), "A");
  assert.equal(press("_", { shiftKey: true }), "_");
  assert.equal(press(" "), "Space");
  assert.equal(press("ArrowUp", { shiftKey: true }), "shift+ArrowUp");
  assert.equal(press("z", { metaKey: true }), "ctrl+z");
  assert.equal(press("Z", { ctrlKey: true, shiftKey: true }), "ctrl+shift+z");
  assert.equal(press("1", { altKey: true }), "alt+1");
});

test("keys are shown as people write them", () => {
  assert.deepEqual(["+", "ctrl+ArrowUp", "shift+PageDown", "alt+1", "ctrl++"].map(shownKey), [
    "+",
    "Ctrl ↑",
    "Shift PgDn",
    "Alt 1",
    "Ctrl +",
  ]);
});

test("routes come back from their address", () => {
  const { screen, rest, query } = readRoute(
    routeTo("step/cluster", { file: ["a&b.mrc", "c d.mrc"], none: null }),
  );
  assert.deepEqual(
    [screen, rest, query.getAll("file"), query.has("none")],
    ["step", "cluster", ["a&b.mrc", "c d.mrc"], false],
  );
  assert.equal(readRoute("").screen, "");
  assert.equal(readRoute("#/look").screen, "look");
  // a broken escape must not stop the screen
  assert.equal(readRoute("#/step/%E0%A4%A").rest, "%E0%A4%A");
});
