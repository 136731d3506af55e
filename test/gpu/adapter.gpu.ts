/** Which adapter is taken where the environment names one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findAdapter } from "../../src/compute/webgpu/device/adapter.ts";

/** What `findAdapter` gives with TOMOFLOW_GPU so; what was there before is put back. */
async function deviceFor(name: string | undefined): Promise<string> {
  const before = process.env.TOMOFLOW_GPU;
  const set = (value: string | undefined) => {
    if (value === undefined) delete process.env.TOMOFLOW_GPU;
    else process.env.TOMOFLOW_GPU = value;
  };
  set(name);
  try {
    return (await findAdapter()).device;
  } finally {
    set(before);
  }
}

test("TOMOFLOW_GPU names the adapter, by a part of its name; an unknown one is told", async () => {
  const device = await deviceFor(undefined);
  const names = ["SwiftShader", "llvmpipe", "NVIDIA", "AMD", "Intel", "Apple"];
  const part = names.find((name) => device.toLowerCase().includes(name.toLowerCase()));
  assert.ok(part, device);
  assert.equal(await deviceFor(part), device);
  await assert.rejects(deviceFor("a GPU that nobody makes"), {
    name: "TomoflowError",
    code: "no-gpu",
    message: /a GPU that nobody makes, as TOMOFLOW_GPU asks/,
    hint: /vulkaninfo/,
  });
});
