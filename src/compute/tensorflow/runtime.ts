/** Loads TensorFlow.js with its native binding. */
import { pathToFileURL } from "node:url";
import * as util from "node:util";
import { TomoflowError } from "../../core/error.ts";
import { howToInstall, type InstalledPackage, installedPackage, whyNotInstalled } from "./installation.ts";

/** tfjs's operations, whatever backend computes them. */
export type TensorFlow = typeof import("@tensorflow/tfjs-core");
export type { Rank, Tensor, Tensor4D, Tensor5D } from "@tensorflow/tfjs-core";

/** What tfjs-node's backend tells beside its operations. */
interface NativeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

export interface TensorFlowRuntime {
  readonly tf: TensorFlow;
  /** Of the TensorFlow library. */
  readonly version: string;
  readonly usesGpu: boolean;
}

/**
 * Loads the installed package, the one for CUDA first. TensorFlow reads its settings once a process: `threads` counts at
 * the first call only.
 *
 * @throws TomoflowError `tensorflow-missing` where no package is installed; `tensorflow-unusable` when it does not load
 */
export async function loadTensorFlow(threads: number): Promise<TensorFlowRuntime> {
  const found = installedPackage();
  if (found === undefined)
    throw new TomoflowError("tensorflow-missing", whyNotInstalled()!, { hint: howToInstall });
  if (!("isNullOrUndefined" in util))
    throw new TomoflowError("tensorflow-unusable", `${found.name} does not run on Node ${process.version}`, {
      hint: "it calls a function that Node 23 removed: use Node 20 or 22, or another engine",
    });
  setUp(threads);
  const tf = await load(found);
  const backend = tf.backend() as unknown as NativeBackend;
  return { tf, version: backend.binding.TF_Version, usesGpu: backend.isUsingGpuDevice };
}

/** CommonJS: its exports are under `default`. */
async function load({ name, path }: InstalledPackage): Promise<TensorFlow> {
  try {
    const module = (await import(pathToFileURL(path).href)) as TensorFlow & { default?: TensorFlow };
    return module.default ?? module;
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new TomoflowError("tensorflow-unusable", `${name} does not load: ${reason}`, {
      hint: "its install script downloads TensorFlow and a binding: run `npm rebuild --ignore-scripts=false` on it, or build it as in docs/engines.md",
      cause: error,
    });
  }
}

/** Settings that TensorFlow takes from the environment; what the user has set there stays. */
function setUp(threads: number): void {
  process.env.TF_NUM_INTRAOP_THREADS ??= String(threads);
  process.env.TF_DETERMINISTIC_OPS ??= "1"; // the same bits in every run on a GPU
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true"; // else it takes the whole GPU
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "3"; // failures come as exceptions
}
