/**
 * Every GPU that Vulkan sees, with its PCI address. Dawn shows one adapter and no address, so Mesa's device selection layer is
 * asked (src/vulkan/device-select-layer in Mesa), which works for every vendor's driver: with DRI_PRIME_DEBUG it writes what
 * there is and what it takes.
 */
import { execFile } from "node:child_process";
import { type PciAddress, parsePciAddress } from "../../../core/gpu/pci-address.ts";

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
  /** Whether the layer takes the device at an address when told so: that of Mesa 22.3 takes another. */
  readonly obeys: boolean;
  /** Whether Dawn finds a GPU. */
  readonly hasAdapter: boolean;
}

const longestMilliseconds = 30_000;

/**
 * Looks in processes of their own; nothing is computed.
 *
 * @param address which device the layer is told to take
 */
export async function lookThroughVulkan(address: PciAddress): Promise<VulkanSight> {
  const told = await runDawn({ ...layerEnvironment(address), DRI_PRIME_DEBUG: "1" });
  const found = parseDeviceList(told.stderr);
  if (found !== undefined) {
    const taken = found[chosenIndex(told.stderr) ?? -1];
    return { devices: found, obeys: taken?.address === address, hasAdapter: told.hasAdapter };
  }
  // layers that do not say what they take list what there is, and end the process
  const devices = parseDeviceList((await runDawn({ MESA_VK_DEVICE_SELECT: "list" })).stderr);
  return { ...(devices && { devices }), obeys: false, hasAdapter: told.hasAdapter };
}

/** Makes the layer hide all devices but the one at the address. Undefined: to be unset. */
export const layerEnvironment = (address: PciAddress): Readonly<Record<string, string | undefined>> => ({
  DRI_PRIME: `pci-${address.replace(/[:.]/g, "_")}`,
  MESA_VK_DEVICE_SELECT_FORCE_DEFAULT_DEVICE: "1",
  MESA_VK_DEVICE_SELECT: undefined,
});

/** Which device of the list a layer that is asked to explain itself took by its address. */
export function chosenIndex(text: string): number | undefined {
  const index = /find_dri_prime_tag_default selected (\d+)/.exec(text)?.[1];
  return index === undefined ? undefined : Number(index);
}

/** The layer's list; undefined where there is none in the text. */
export function parseDeviceList(text: string): readonly VulkanDevice[] | undefined {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith("selectable devices:"));
  if (start < 0) return undefined;
  const devices: VulkanDevice[] = [];
  for (const line of lines.slice(start + 1)) {
    if (line.startsWith("selectable devices:")) break; // Vulkan lists once for the count, once for the devices
    const parts = /^ {2}GPU \d+: ([0-9a-f]+:[0-9a-f]+) "(.*)" (.*?)(?: ([0-9a-f]{4,}:\S+))?$/.exec(line);
    if (parts === null) continue;
    const [, ids, name, type, place = ""] = parts;
    const address = place.startsWith("0000:00:00.") ? undefined : parsePciAddress(place); // a driver that tells none
    devices.push({ ids: ids!, name: name!, type: type!, ...(address && { address }) });
  }
  return devices;
}

/** How the process ends where Dawn finds a GPU. */
const foundCode = 7;

function runDawn(
  variables: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly stderr: string; readonly hasAdapter: boolean }> {
  const code = `const { create } = await import(${JSON.stringify(import.meta.resolve("webgpu"))});
const adapter = await create([]).requestAdapter();
if (adapter !== null && !adapter.info.isFallbackAdapter) process.exitCode = ${foundCode};`;
  const { DRI_PRIME: _, ...environment } = process.env;
  const options = { env: { ...environment, ...variables }, timeout: longestMilliseconds };
  return new Promise((resolve) => {
    execFile(process.execPath, ["--input-type=module", "-e", code], options, (error, _stdout, stderr) =>
      resolve({ stderr, hasAdapter: error?.code === foundCode }),
    );
  });
}
