import assert from "node:assert/strict";
import { test } from "node:test";
import { SettlingFiles } from "../../../src/runner/watch/settling.ts";
import { manualClock } from "../../support/manual-clock.ts";

function settling() {
  const clock = manualClock();
  const stamps = new Map<string, string>();
  const told: [time: number, paths: string][] = [];
  const files = new SettlingFiles({
    clock,
    quietMilliseconds: (path) => (path.endsWith(".yaml") ? 300 : 2000),
    stampOf: async (path) => stamps.get(path),
    onQuiet: (paths) => told.push([clock.now(), paths.join(" ")]),
  });
  return { clock, stamps, told, files };
}

test("several changes count as one, told when the last is over", async () => {
  const { clock, told, files } = settling();
  files.changed("w.yaml");
  await clock.advance(200);
  files.changed("w.yaml");
  files.changed("v.yaml");
  await clock.advance(299);
  assert.deepEqual(told, []);
  await clock.advance(5000);
  assert.deepEqual(told, [[500, "v.yaml w.yaml"]]);
});

test("a file that grows is waited for, though nothing tells of its growth", async () => {
  const { clock, stamps, told, files } = settling();
  stamps.set("t0.mrc", "1");
  files.changed("t0.mrc");
  files.changed("w.yaml");
  for (let size = 2; size <= 5; size++) {
    await clock.advance(1500);
    stamps.set("t0.mrc", String(size));
  }
  assert.deepEqual(told, []);
  await clock.advance(10_000);
  // it had grown when it was looked at after 2, 4, 6 and 8 s
  assert.deepEqual(told, [[10_000, "t0.mrc w.yaml"]]);
});

test("a file that goes away is a change too, and what changes later is told apart", async () => {
  const { clock, stamps, told, files } = settling();
  stamps.set("t0.mrc", "1");
  files.changed("t0.mrc");
  await clock.advance(100);
  stamps.delete("t0.mrc");
  await clock.advance(5000);
  assert.deepEqual(told, [[4000, "t0.mrc"]]);
  files.changed("w.yaml");
  await clock.advance(400);
  assert.deepEqual(told.slice(1), [[5400, "w.yaml"]]);
});

test("after the end nothing is told", async () => {
  const { clock, told, files } = settling();
  files.changed("w.yaml");
  files.close();
  await clock.advance(1000);
  assert.deepEqual(told, []);
});
