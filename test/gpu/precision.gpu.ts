/**
 * Activations stored in 16 bits against the oracle in 32. Needs an adapter with shader-f16, as llvmpipe of Mesa 24 or later;
 * where there is none, that this is said.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openEngine } from "../../src/compute/engines.ts";
import { trialOf } from "../../src/compute/webgpu/check/probe.ts";
import { askProbe } from "../../src/compute/webgpu/check/probe-child.ts";
import { findAdapter } from "../../src/compute/webgpu/device/adapter.ts";
import { createWebgpuEngine } from "../../src/compute/webgpu/engine.ts";
import type { GraphBuilder, ValueId } from "../../src/network/graph.ts";
import type { LossChoice } from "../../src/network/losses.ts";
import { assertClose, lossGraph, randomFeeds } from "../support/feeds.ts";
import { oracleGradients, runOracle } from "../support/oracle.ts";

const tversky: LossChoice = { name: "dice" };
const { adapter, isSoftware } = await findAdapter();
const hasHalves = adapter.features.has("shader-f16");

/** Two levels of a U-Net, so that every operation between convolutions is there. */
function twoLevels(builder: GraphBuilder): ValueId {
  const x = builder.input("x", [2, 1, 4, 6, 8]);
  const kernel = (name: string, ...shape: number[]) => builder.input(name, shape);
  const high = builder.conv3d(x, kernel("k1", 5, 1, 3, 3, 3), { bias: kernel("b1", 5), relu: true });
  const low = builder.conv3d(builder.maxPool3d(high), kernel("k2", 7, 5, 3, 3, 3), { relu: true });
  const joined = builder.concat([builder.upsample3d(low), high]);
  return builder.conv3d(joined, kernel("k3", 3, 12, 1, 1, 1), { bias: kernel("b3", 3) });
}

const { forward, backward, wanted, classes } = lossGraph(twoLevels, tversky);
const feeds = Object.fromEntries(
  Object.entries(randomFeeds(backward, 31, classes)).map(([name, { shape, data }]) => [
    name,
    { shape, data: name.startsWith("k") ? Float32Array.from(data, (v) => 0.2 * v) : data },
  ]),
);

/** The device of the engine that a workflow gets with TOMOFLOW_GPU_PRECISION so. */
async function deviceFor(precision: string): Promise<string> {
  process.env.TOMOFLOW_GPU_PRECISION = precision;
  try {
    const engine = await openEngine("webgpu", { threads: 1 });
    await engine.dispose();
    return engine.device;
  } finally {
    delete process.env.TOMOFLOW_GPU_PRECISION;
  }
}

test("TOMOFLOW_GPU_PRECISION reaches the engine, whose device tells it; a software adapter computes in 32 bits", async () => {
  const halves = /, 16-bit activations/;
  assert.doesNotMatch(await deviceFor("f32"), halves);
  if (isSoftware) for (const setting of ["", "auto"]) assert.doesNotMatch(await deviceFor(setting), halves);
  if (hasHalves) assert.match(await deviceFor("f16"), halves);
  else
    await assert.rejects(deviceFor("f16"), { code: "engine-unavailable", message: /has no 16-bit floats/ });
});

test("a process says what there is to try; one that takes too long is ended, and was no use", async () => {
  const { messages } = await askProbe("look");
  const [found] = messages;
  assert.ok(found?.type === "found", JSON.stringify(messages));
  assert.equal(found.isSoftware, isSoftware);
  const names = found.offered.map(({ name }) => name);
  assert.equal(names[0], "f32");
  assert.equal(names.includes("f16"), hasHalves);
  for (const { name, label } of found.offered)
    assert.equal(label.includes("matrix units"), name === "f16 on matrix units");
  const fault = "the check ended early: SIGKILL";
  assert.deepEqual(trialOf("f32", await askProbe("f32", 50)), { name: "f32", fault });
});

if (hasHalves)
  test("16-bit activations: less memory, loss and gradients within 2e-2 of the oracle, and not in 32 bits", async (t) => {
    const engine = await createWebgpuEngine({ precision: "f16" });
    t.after(() => engine.dispose());
    const full = await createWebgpuEngine();
    t.after(() => full.dispose());
    assert.ok(engine.planBytes(backward) < 0.9 * full.planBytes(backward));
    assert.ok(engine.planBytes(forward) < 0.75 * full.planBytes(forward));
    const program = await engine.compile(backward);
    const result = await program.run(feeds);
    const again = await program.run(feeds);
    await program.dispose();
    const expected = oracleGradients(forward, feeds, { loss: "loss", wanted });
    assertClose(result.loss!.data, runOracle(forward, feeds).loss!, { relative: 2e-2, what: "loss" });
    for (const name of wanted) {
      assertClose(result[`d/${name}`]!.data, expected[name]!, { relative: 2e-2, what: name });
      assert.deepEqual(again[`d/${name}`]!.data, result[`d/${name}`]!.data);
    }
    assert.throws(() => assertClose(result["d/k3"]!.data, expected.k3!, { relative: 1e-6, what: "k3" }));
  });
else
  test("an adapter without 16-bit floats: refused with a code", async () => {
    await assert.rejects(createWebgpuEngine({ precision: "f16" }), {
      name: "TomoflowError",
      code: "gpu-precision",
      hint: /TOMOFLOW_GPU_PRECISION to f32 or auto/,
    });
  });
