import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import type { loadRuntime } from "../../src/compute/onnx/runtime.ts";
import { repositoryRoot } from "../support/source-tree.ts";

interface RuntimeModule {
  readonly loadRuntime: typeof loadRuntime;
}

test("where onnxruntime is not there, or not for this system, an error says so and what to do", async (context) => {
  // inside the repository, so that the copy is a module of the same kind
  const root = await mkdtemp(join(repositoryRoot, "node_modules", ".runtime-test-"));
  context.after(() => rm(root, { recursive: true, force: true }));
  const copied = join(root, "src", "compute", "onnx", "runtime.ts");
  await mkdir(join(root, "src", "compute"), { recursive: true });
  await cp(join(repositoryRoot, "src", "core"), join(root, "src", "core"), { recursive: true });
  await cp(join(repositoryRoot, "src", "compute", "onnx", "runtime.ts"), copied);
  const { loadRuntime: load } = (await import(pathToFileURL(copied).href)) as RuntimeModule;
  await assert.rejects(load(), {
    code: "onnxruntime-missing",
    message: `onnxruntime cannot be loaded: ${join(root, "vendor", "onnxruntime")}/ is not there`,
    hint: /npm run build/,
  });
  await mkdir(join(root, "vendor", "onnxruntime"), { recursive: true });
  await assert.rejects(load(), {
    code: "onnxruntime-missing",
    message: `onnxruntime cannot be loaded: there is none for ${process.platform}/${process.arch}`,
    hint: /engine: webgpu/,
  });
});
