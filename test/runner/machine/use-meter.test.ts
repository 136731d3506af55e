import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import type { RunEvent } from "../../../src/runner/events.ts";
import { forgetPeak, useOf } from "../../../src/runner/machine/process-use.ts";
import { measureUse } from "../../../src/runner/machine/use-meter.ts";
import { shoutFiles, toyProject } from "../../support/toy-project.ts";

/** Works for a while in a process below its own: keeps a core busy and 150 MB in memory. */
const busy = `const block = Buffer.alloc(150e6, 1); const end = Date.now() + 1500;
while (Date.now() < end) block[Math.floor(Math.random() * block.length)]++;
process.stdout.write("done"); setTimeout(() => {}, 60000);`;

test("a process is measured with those that it starts; its own peak can be forgotten", async (context) => {
  const parent = spawn("sh", ["-c", '"$0" -e "$1" & wait', process.execPath, busy], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  context.after(() => process.kill(-parent.pid!, "SIGKILL"));
  const before = useOf(parent.pid!)!;
  await new Promise((resolve) => parent.stdout.once("data", resolve));
  const after = useOf(parent.pid!)!;
  assert.ok(after.memoryBytes > 150e6, `${after.memoryBytes} bytes`);
  const seconds = after.cpuSeconds - before.cpuSeconds;
  assert.ok(seconds > 0.4 && seconds < 10, `${seconds} s`);
  assert.ok(after.peakBytes < 50e6, "the shell itself takes little");
  assert.equal(useOf(2 ** 22 + 1), undefined);
});

test("a task is measured from its start: cores on average, memory at most", async () => {
  const large = Buffer.alloc(200e6, 1);
  assert.ok(useOf(process.pid)!.peakBytes > large.length);
  forgetPeak(process.pid);
  const events: RunEvent[] = [];
  const measured = measureUse("toy", process.pid, (event) => events.push(event));
  const started = performance.now();
  while (performance.now() - started < 200);
  const use = measured()!;
  assert.ok(use.cores > 0.3, `${use.cores} cores`);
  assert.ok(use.memoryBytes > large.length);
  assert.equal(measureUse("gone", 2 ** 22 + 1, () => undefined)(), undefined);
});

test("what a task took is told when it has ended, in its event and in its log", async (context) => {
  const project = await toyProject(context, shoutFiles);
  const { events } = await project.run();
  for (const event of events)
    if (event.type === "task-ended") {
      assert.ok(event.use!.memoryBytes > 20e6 && event.use!.memoryBytes < 2e9, JSON.stringify(event.use));
      assert.ok(event.use!.cores >= 0 && event.use!.cores < 64);
    }
  assert.match(
    await project.read(".tomoflow/logs/workflow/join/1.log"),
    /\n# done\n# used \d+\.\d cores on average, \d+ MB of memory at most\n$/,
  );
  const again = await project.run({ force: ["join"] });
  assert.equal(again.events.filter((event) => event.type === "task-ended" && event.use).length, 1);
});
