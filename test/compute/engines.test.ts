import assert from "node:assert/strict";
import { test } from "node:test";
import { engineNames, engineObstacle, listEngines, openEngine } from "../../src/compute/engines.ts";
import { engineNames as writtenNames } from "../../src/schema/shape/field-schemas.ts";

test("the engines are those that a workflow may name", () => {
  assert.deepEqual([...writtenNames].sort(), ["auto", ...engineNames].sort());
});

test("an engine that there is not is told, with those that there are", async () => {
  await assert.rejects(openEngine("cuda", { threads: 1 }), {
    code: "unknown-engine",
    message: "there is no engine cuda",
    hint: `use one of auto, ${engineNames.join(", ")}`,
  });
});

test("a precision of the GPU that there is not is told by every engine that might use one, and before a run", async (t) => {
  process.env.TOMOFLOW_GPU_PRECISION = "f8";
  t.after(() => delete process.env.TOMOFLOW_GPU_PRECISION);
  const fault = /the environment variable TOMOFLOW_GPU_PRECISION is f8/;
  const hint = /one of auto, f32, f16/;
  await assert.rejects(openEngine("auto", { threads: 1 }), { code: "gpu-precision", message: fault, hint });
  await assert.rejects(openEngine("webgpu", { threads: 1 }), {
    code: "engine-unavailable",
    message: fault,
    hint,
  });
  for (const name of ["auto", "webgpu"]) assert.match((await engineObstacle(name))!.reason, fault);
  assert.equal(await engineObstacle("onnx"), undefined);
  process.env.TOMOFLOW_GPU_PRECISION = "auto";
  assert.equal(await engineObstacle("auto"), undefined);
  await (await openEngine("auto", { threads: 1 })).dispose();
});

test("auto opens an engine of the list; one asked for by name says how many threads it uses", async () => {
  const auto = await openEngine("auto", { threads: 1 });
  assert.ok(engineNames.includes(auto.name));
  await auto.dispose();
  const onnx = await openEngine("onnx", { threads: 3 });
  assert.equal(onnx.name, "onnx");
  assert.match(onnx.device, /^CPU, 3 threads, ./);
  assert.ok(onnx.memoryBytes() > 1e8);
  await onnx.dispose();
});

test("every engine is listed: there with its device, or not there with the reason; auto takes one of them", async () => {
  const reports = await listEngines();
  assert.deepEqual(
    reports.map(({ name }) => name),
    engineNames,
  );
  for (const { name, available, device, reason } of reports)
    assert.ok(available ? device && reason === undefined : reason && device === undefined, name);
  const chosen = reports.filter((report) => report.chosen);
  assert.equal(chosen.length, 1);
  assert.ok(chosen[0]!.available);
  assert.notEqual(chosen[0]!.name, "tensorflow");
  const auto = await openEngine("auto", { threads: 1 });
  assert.equal(auto.name, chosen[0]!.name);
  await auto.dispose();
});
