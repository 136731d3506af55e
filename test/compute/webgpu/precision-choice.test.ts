import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createOnnxEngine } from "../../../src/compute/onnx/engine.ts";
import {
  choosePrecision,
  type Trial,
  TrialMemory,
} from "../../../src/compute/webgpu/check/precision-choice.ts";
import { timeNetwork } from "../../../src/compute/webgpu/check/precision-trial.ts";
import { trialOf } from "../../../src/compute/webgpu/check/probe.ts";
import { precisionSetting } from "../../../src/compute/webgpu/device/precision.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const trial = (name: Trial["name"], forwardGigaflops: number, trainingGigaflops: number): Trial => ({
  name,
  forwardGigaflops,
  trainingGigaflops,
});
const full = trial("f32", 1000, 1000);

test("the fastest that agrees is taken, if it is 1.2 times as fast as 32 bits", () => {
  const choose = (...trials: Trial[]) => {
    const { chosen, reason } = choosePrecision(trials);
    return `${chosen}: ${reason}`;
  };
  const halves = trial("f16", 2000, 1280);
  assert.equal(choose(full, halves), "f16: 1.6 times as fast as f32, and agrees with the processor");
  assert.equal(
    choose(full, halves, trial("f16 on matrix units", 9000, 1000)),
    "f16 on matrix units: 3.0 times as fast as f32, and agrees with the processor",
  );
  const wrong = { ...trial("f16 on matrix units", 9000, 9000), fault: "it computes wrongly: loss" };
  assert.match(choose(full, halves, wrong), /^f16: 1\.6 times/);
  assert.match(choose(full, trial("f16", 1440, 1000)), /^f16: 1\.2 times/);
  assert.equal(
    choose(full, trial("f16", 1300, 1000)),
    "f32: the fastest of the others is 1.1 times as fast, less than 1.2 times",
  );
  assert.equal(choose(full, { ...halves, fault: "it ended" }), "f32: nothing else agrees with the processor");
  assert.equal(choose({ name: "f32" }, halves), "f32: the others could not be timed");
  assert.equal(choose(full, { name: "f16" }), "f32: the others could not be timed");
  assert.equal(choose(full), "f32: the GPU has no 16-bit floats");
});

test("a trial is what its process said before it ended, however it ended", () => {
  const end = { stderr: "", end: "SIGKILL" };
  const speed = { forwardGigaflops: 5, trainingGigaflops: 4 };
  assert.deepEqual(trialOf("f16", { messages: [], ...end }), {
    name: "f16",
    fault: "the check ended early: SIGKILL",
  });
  assert.deepEqual(trialOf("f16", { messages: [{ type: "checked" }], ...end }), { name: "f16" });
  assert.deepEqual(trialOf("f16", { messages: [{ type: "checked" }, { type: "timed", ...speed }], ...end }), {
    name: "f16",
    ...speed,
  });
  assert.deepEqual(trialOf("f32", { messages: [{ type: "checked", fault: "loss differs" }], ...end }), {
    name: "f32",
    fault: "it computes wrongly: loss differs",
  });
  assert.equal(
    trialOf("f32", { messages: [{ type: "failed", reason: "no memory" }], ...end }).fault,
    "the check ended early: no memory",
  );
});

test("trials are remembered for a device and driver, one beside the other; a damaged file is as none", async (t) => {
  const folder = join(await temporaryFolder(t), "cache");
  const memory = new TrialMemory("a, driver 1", folder);
  assert.deepEqual(await memory.read(), []);
  await memory.add([full]);
  await memory.add([trial("f16", 2, 2), { ...full, forwardGigaflops: 7 }]);
  assert.deepEqual(await new TrialMemory("a, driver 1", folder).read(), [
    trial("f16", 2, 2),
    { ...full, forwardGigaflops: 7 },
  ]);
  assert.deepEqual(await new TrialMemory("a, driver 2", folder).read(), []);
  const [file] = await readdir(folder);
  await writeFile(join(folder, file!), '{"trials": [');
  assert.deepEqual(await memory.read(), []);
});

test("auto is what is meant where nothing is said", () => {
  assert.equal(precisionSetting(""), "auto");
  assert.equal(precisionSetting("f16"), "f16");
  assert.throws(() => precisionSetting("f8"), { code: "gpu-precision", hint: /one of auto, f32, f16/ });
});

test("the network is timed forward and in a training step", async () => {
  const engine = await createOnnxEngine({ threads: 1 });
  const sizes = { network: { classes: 3, filters: [4, 4] }, forward: 8, training: { side: 4, batch: 2 } };
  const speed = await timeNetwork(engine, sizes);
  await engine.dispose();
  for (const gigaflops of Object.values(speed))
    assert.ok(gigaflops > 1e-4 && gigaflops < 1e4, `${gigaflops}`);
});
