/** onnxruntime itself: its libraries come with tomoflow, see scripts/vendor-onnxruntime.ts. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { TomoflowError } from "../../core/error.ts";

export type Runtime = typeof import("onnxruntime-node");

/** Three folders above this file in src/ and in dist/ alike. */
const folder = new URL("../../../vendor/onnxruntime/", import.meta.url);

/** @throws TomoflowError `onnxruntime-missing` where there is none for this system */
export async function loadRuntime(): Promise<Runtime> {
  const system = `${process.platform}/${process.arch}`;
  if (!existsSync(folder))
    throw missing(
      `${fileURLToPath(folder)} is not there`,
      "install tomoflow again; in its source: npm run build",
    );
  if (!existsSync(new URL(`bin/napi-v6/${system}/`, folder)))
    throw missing(
      `there is none for ${system}`,
      "use engine: webgpu on a GPU, or engine: tensorflow (docs/engines.md)",
    );
  try {
    // CommonJS: some loaders put its exports under `default`, some do not
    const module = (await import(new URL("dist/index.js", folder).href)) as Runtime & { default?: Runtime };
    return module.default ?? module;
  } catch (cause) {
    const { message } = cause as Error;
    throw missing(
      message,
      "on Linux it needs glibc and libstdc++: Alpine has neither (docs/engines.md)",
      cause,
    );
  }
}

const missing = (reason: string, hint: string, cause?: unknown): TomoflowError =>
  new TomoflowError("onnxruntime-missing", `onnxruntime cannot be loaded: ${reason}`, { hint, cause });
