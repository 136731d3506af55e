import assert from "node:assert/strict";
import { test } from "node:test";
import { listenForInterruption } from "../../src/cli/interruption.ts";

test("the first signal stops, the second kills, and each is told", () => {
  const told: string[] = [];
  using interruption = listenForInterruption((text) => told.push(text));
  process.emit("SIGTERM");
  assert.deepEqual([interruption.stop.aborted, interruption.kill.aborted], [true, false]);
  process.emit("SIGINT");
  assert.equal(interruption.kill.aborted, true);
  assert.deepEqual(told, ["stopping at a safe point; Ctrl-C again to stop at once", "stopping at once"]);
});

test("a terminal that is closed stops at a safe point, however often it says so", () => {
  const options = { isAtTerminal: true, atExitAfterHangup: () => undefined };
  using interruption = listenForInterruption(() => undefined, options);
  process.emit("SIGHUP");
  process.emit("SIGHUP");
  assert.deepEqual([interruption.stop.aborted, interruption.kill.aborted], [true, false]);
});

test("a terminal that is closed leaves what is in a queue elsewhere", () => {
  let left = 0;
  const leave = () => left++;
  const options = { isAtTerminal: true, atExitAfterHangup: () => undefined, tasksElsewhere: () => 3, leave };
  using interruption = listenForInterruption(() => undefined, options);
  process.emit("SIGHUP");
  assert.deepEqual([left, interruption.stop.aborted], [1, false]);
});

test("without a terminal, as under nohup, the end of one is none of our business", () => {
  using interruption = listenForInterruption(() => undefined, { isAtTerminal: false });
  process.emit("SIGHUP");
  assert.equal(interruption.stop.aborted, false);
});

test("nothing is listened to afterwards", () => {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const before = signals.map((signal) => process.listenerCount(signal));
  listenForInterruption(() => undefined)[Symbol.dispose]();
  assert.deepEqual(
    signals.map((signal) => process.listenerCount(signal)),
    before,
  );
});
