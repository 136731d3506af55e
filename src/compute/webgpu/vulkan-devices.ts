/**
 * Every GPU that Vulkan sees, with its PCI address. Dawn shows one adapter and no address, so Mesa's device selection layer is
 * asked, which works for every vendor's driver: with MESA_VK_DEVICE_SELECT=list it writes the list and ends the process.
 */
import { execFile } from "node:child_process";
import { type PciAddress, parsePciAddress } from "../../core/gpu/pci-address.ts";

export interface VulkanDevice {
  /** As Vulkan names it. */
  readonly name: string;
  /** `discrete GPU`, `integrated GPU`, `virtual GPU`, `CPU` or `other`. */
  readonly type: string;
  /** Hexadecimal, `10de:2330`. */
  readonly ids: string;
  /** Where the driver tells it. */
  readonly address?: PciAddress;
}

export interface VulkanSight {
  /** Undefined where the layer is not installed. */
  readonly devices?: readonly VulkanDevice[];
  /** Without the layer: whether Dawn found anything at all. */
  readonly hasAdapter: boolean;
}

const longestMilliseconds = 30_000;

/** Looks in a process of its own; nothing is computed. */
export async function lookThroughVulkan(): Promise<VulkanSight> {
  const { stderr, found } = await runDawn();
  const devices = parseDeviceList(stderr);
  const hasAdapter = devices?.some(({ type }) => type !== "CPU") ?? found;
  return { ...(devices && { devices }), hasAdapter };
}

/** The layer's list; undefined where there is none in the text. */
export function parseDeviceList(text: string): readonly VulkanDevice[] | undefined {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith("selectable devices:"));
  if (start < 0) return undefined;
  return lines.slice(start + 1).flatMap((line) => {
    const parts = /^ {2}GPU \d+: ([0-9a-f]+:[0-9a-f]+) "(.*)" (.*?)(?: ([0-9a-f]{4,}:\S+))?$/.exec(line);
    if (parts === null) return [];
    const [, ids, name, type, place = ""] = parts;
    const address = type === "CPU" ? undefined : parsePciAddress(place);
    return [{ ids: ids!, name: name!, type: type!, ...(address && { address }) }];
  });
}

/** How the process ends where there is no layer, and Dawn finds a GPU. */
const foundCode = 7;

function runDawn(): Promise<{ stderr: string; found: boolean }> {
  const code = `const { create } = await import(${JSON.stringify(import.meta.resolve("webgpu"))});
const adapter = await create([]).requestAdapter();
if (adapter !== null && !adapter.info.isFallbackAdapter) process.exitCode = ${foundCode};`;
  const { DRI_PRIME: _, ...environment } = process.env;
  const env = { ...environment, MESA_VK_DEVICE_SELECT: "list" };
  return new Promise((resolve) => {
    const options = { env, timeout: longestMilliseconds };
    execFile(process.execPath, ["--input-type=module", "-e", code], options, (error, _stdout, stderr) =>
      resolve({ stderr, found: error?.code === foundCode }),
    );
  });
}
