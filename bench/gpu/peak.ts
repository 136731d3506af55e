/** What the GPU reaches at best in 32-bit floats: multiply-adds on registers alone, GFLOP/s. */
import { findAdapter, requestDevice } from "../../src/compute/webgpu/device/adapter.ts";
import { repeat } from "../../src/compute/webgpu/lowering/dispatch.ts";

const groups = 4096;
const threads = 256;
const chains = 16;
const steps = 16;

/** `rounds`: of 16 × 16 multiply-adds of four floats in each of a million threads. */
export async function measurePeak(rounds: number): Promise<number> {
  const found = await findAdapter();
  const device = await requestDevice(found, { precision: "f32" });
  try {
    const code = `@group(0) @binding(0) var<storage, read_write> output: array<f32>;
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let start = f32(lane) * 1e-3f;
  let factor = vec4f(0.999f) + vec4f(start * 1e-6f);
${repeat(chains, (chain) => `  var a${chain} = vec4f(start + ${chain}.0f);`)}
  for (var round = 0u; round < ${rounds}u; round++) {
${repeat(steps, () => repeat(chains, (chain) => `    a${chain} = fma(a${chain}, factor, factor);`))}
  }
  let sum = ${Array.from({ length: chains }, (_, chain) => `a${chain}`).join(" + ")};
  output[group.x * ${threads}u + lane] = sum.x + sum.y + sum.z + sum.w;
}`;
    const module = device.createShaderModule({ code });
    const pipeline = await device.createComputePipelineAsync({
      layout: "auto",
      compute: { module, entryPoint: "main" },
    });
    const buffer = device.createBuffer({ size: 4 * groups * threads, usage: 0x80 });
    const entries = [{ binding: 0, resource: { buffer } }];
    const bindings = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    let best = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 4; run++) {
      const from = performance.now();
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindings);
      pass.dispatchWorkgroups(groups);
      pass.end();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
      best = Math.min(best, performance.now() - from);
    }
    return (2 * 4 * chains * steps * rounds * groups * threads) / best / 1e6;
  } finally {
    device.destroy();
  }
}
