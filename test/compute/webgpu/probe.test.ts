import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { listEngines } from "../../../src/compute/engines.ts";
import { mayHaveGpu } from "../../../src/compute/webgpu/check/probe.ts";
import { temporaryFolder } from "../../support/temporary.ts";

test("Linux has no GPU without a device file of one; other systems are asked", async (t) => {
  const devices = await temporaryFolder(t);
  assert.equal(mayHaveGpu("linux", devices), false);
  assert.equal(mayHaveGpu("darwin", devices), true);
  mkdirSync(join(devices, "dri"));
  writeFileSync(join(devices, "dri", "card0"), "");
  assert.equal(mayHaveGpu("linux", devices), false);
  writeFileSync(join(devices, "dri", "renderD128"), "");
  assert.equal(mayHaveGpu("linux", devices), true);
});

test("NVIDIA's devices count where there is no /dev/dri, as in containers", async (t) => {
  const devices = await temporaryFolder(t);
  writeFileSync(join(devices, "nvidiactl"), "");
  assert.equal(mayHaveGpu("linux", devices), false);
  writeFileSync(join(devices, "nvidia0"), "");
  assert.equal(mayHaveGpu("linux", devices), true);
});

test("the list tells the GPU's device, or why there is none; one engine is chosen", async () => {
  const engines = await listEngines();
  assert.deepEqual(
    engines.map(({ name }) => name),
    ["webgpu", "onnx", "tensorflow"],
  );
  for (const { available, device, reason } of engines)
    assert.ok(available ? device && !reason : reason && !device);
  assert.deepEqual(
    engines.filter(({ chosen }) => chosen).map(({ name }) => name),
    [engines.find(({ available }) => available)!.name],
  );
});
