/**
 * Looks for a GPU in a process of its own: a driver that is broken can end a process or write to its output, and that
 * must not happen to ours.
 */
import { fork } from "node:child_process";
import { readdirSync } from "node:fs";

export type GpuSighting =
  | { readonly isThere: true; readonly device: string }
  /** `reason`: why not, and what to do; `isRefused`: a GPU is there, and lacks what the user asks for. */
  | { readonly isThere: false; readonly reason: string; readonly isRefused?: boolean };

/** Whether Node reads TypeScript without a loader, as from 22.18 on. */
const stripsTypes = Boolean((process.features as { readonly typescript?: unknown }).typescript);

/** A check of the device compiles shaders. */
const longestMilliseconds = 60_000;

/** The GPU that Dawn would take, checked once (see self-check.ts); a software adapter is none. */
export async function probeGpu(): Promise<GpuSighting> {
  const module = new URL(
    `./probe-process${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`,
    import.meta.url,
  );
  const isStripped = !module.pathname.endsWith(".ts") || stripsTypes;
  const loader = isStripped ? [] : ["--import", import.meta.resolve("tsx")];
  const { found, stderr, end } = await hearFrom(module, loader);
  if (found === undefined) return { isThere: false, reason: reasonOf(stderr) ?? `Dawn failed: ${end}` };
  if ("fault" in found && found.fault !== undefined)
    return {
      isThere: false,
      reason: `${found.device} computes wrongly: ${found.fault}; look for a newer driver`,
    };
  if ("isSoftware" in found && !found.isSoftware) return { isThere: true, device: found.device };
  if ("isSoftware" in found)
    return {
      isThere: false,
      reason: `only a software adapter, ${found.device}: no GPU driver is installed (--engine webgpu uses it all the same, slowly)`,
    };
  if (found.isRefused) return { isThere: false, reason: found.reason, isRefused: true };
  return { isThere: false, reason: reasonOf(stderr) ?? found.reason };
}

/** Whether a search can find anything: without a device file of a GPU, Linux has none. */
export function mayHaveGpu(platform = process.platform, devices = "/dev"): boolean {
  if (platform !== "linux") return true;
  const names = (folder: string): readonly string[] => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  };
  return (
    names(devices).some((name) => /^(nvidia\d+|dxg|kfd|mali\d*)$/.test(name)) ||
    names(`${devices}/dri`).some((name) => name.startsWith("renderD"))
  );
}

/** What probe-process.ts sends. */
export type Found =
  | {
      readonly device: string;
      readonly isSoftware: boolean;
      /** What it computes otherwise than the processor. */
      readonly fault?: string;
    }
  | { readonly reason: string; readonly isRefused?: boolean };

/** What Dawn and the Vulkan loader write when something is missing. */
function reasonOf(stderr: string): string | undefined {
  if (/libvulkan|vulkan-1\.dll/i.test(stderr))
    return "the Vulkan loader (libvulkan.so.1) is not installed: apt install libvulkan1, or dnf install vulkan-loader";
  if (/found no drivers|incompatible_driver/i.test(stderr))
    return "the Vulkan loader finds no driver: see docs/engines.md for the one of your GPU and for containers";
  return undefined;
}

function hearFrom(
  module: URL,
  execArgv: readonly string[],
): Promise<{ found: Found | undefined; stderr: string; end: string }> {
  return new Promise((resolve) => {
    const child = fork(module, {
      execArgv: [...execArgv],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      timeout: longestMilliseconds,
    });
    let found: Found | undefined;
    let stderr = "";
    child.on("message", (message) => {
      found = message as Found;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", (error) => resolve({ found, stderr, end: error.message }));
    child.on("close", (code, signal) => resolve({ found, stderr, end: signal ?? `exit code ${code}` }));
  });
}
