import assert from "node:assert/strict";
import { test } from "node:test";
import { gpuText, precisionText } from "../../src/cli/gpu-text.ts";
import { gpuListOf } from "../../src/compute/webgpu/device/gpu-list.ts";

const text = (lines: readonly string[]) =>
  lines
    .join("\n")
    .split("\n")
    .map((line) => line.replaceAll(/ {2,}/g, "  ").trimEnd());

test("GPUs are listed by what tasks are given, with Vulkan's names; one that they are not given is told", () => {
  const gpus = [
    { name: "0", address: "0000:41:00.0", model: "NVIDIA H200" },
    { name: "1", address: "0000:c1:00.0" },
  ];
  const devices = [
    { ids: "10de:2335", name: "NVIDIA H200 NVL", type: "discrete GPU", address: "0000:41:00.0" },
    { ids: "8086:5917", name: "Intel(R) UHD Graphics 620", type: "integrated GPU", address: "0000:00:02.0" },
    { ids: "10005:0", name: "llvmpipe", type: "CPU" },
  ];
  assert.deepEqual(text(gpuText(gpuListOf(gpus, { devices, obeys: true, hasAdapter: true }))), [
    "",
    "GPU 0  0000:41:00.0  NVIDIA H200 NVL",
    "GPU 1  0000:c1:00.0",
    "not for tasks  0000:00:02.0  Intel(R) UHD Graphics 620",
    "tasks of the webgpu engine use one at a time: Vulkan sees NVIDIA H200 NVL at 0000:41:00.0, Intel(R) UHD Graphics 620 at 0000:00:02.0, llvmpipe at an unknown address",
    "  hint: look for the driver of the others",
  ]);
  const blind = { obeys: false, hasAdapter: true };
  assert.deepEqual(text(gpuText(gpuListOf(gpus.slice(0, 1), blind))), [
    "",
    "GPU 0  0000:41:00.0  NVIDIA H200",
  ]);
  assert.deepEqual(gpuText(gpuListOf([], blind)), []);
});

test("the precision, why, and the speed of each way that was tried", () => {
  const trials = [
    { name: "f32", forwardGigaflops: 9876.5, trainingGigaflops: 8000 },
    { name: "f16" },
    { name: "f16 on matrix units", fault: "the check ended early: SIGSEGV" },
  ] as const;
  const reason = "the others could not be timed";
  assert.deepEqual(text(precisionText({ chosen: "f32", reason, trials })), [
    "",
    "webgpu computes in f32: the others could not be timed",
    "✔ f32  forward 9877 GFLOP/s  training 8000 GFLOP/s",
    "  f16  forward not timed  training not timed",
    "  f16 on matrix units  the check ended early: SIGSEGV",
  ]);
});
