/** The GPUs of a Linux machine as its kernel shows them, those alone whose device files this process may use. */
import { closeSync, openSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { type PciAddress, parsePciAddress } from "./pci-address.ts";

export interface InstalledGpu {
  readonly address: PciAddress;
  readonly vendor: "nvidia" | "amd" | "intel" | "other";
  /** As NVIDIA's driver names it; other drivers do not tell the kernel. */
  readonly model?: string;
  /** NVIDIA's, `GPU-…`. */
  readonly uuid?: string;
  /** Of its own, where the kernel tells: AMD. */
  readonly memoryBytes?: number;
}

export interface InstalledOptions {
  /** Folder that holds `dev`, `proc` and `sys`. */
  readonly root?: string;
  /**
   * Whether to open NVIDIA's device files to see that a batch system's cgroup lets us; a GPU that nothing holds takes a second
   * to wake up.
   */
  readonly opensNvidia?: boolean;
}

/** In the order of their addresses, as nvidia-smi counts; none on other systems. */
export function installedGpus(options: InstalledOptions = {}): readonly InstalledGpu[] {
  const found = new Map<PciAddress, InstalledGpu>();
  for (const gpu of [...nvidiaGpus(options), ...renderingGpus(options)])
    if (!found.has(gpu.address)) found.set(gpu.address, gpu);
  return [...found.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
}

/** What NVIDIA's own driver says; containers are shown the GPUs that they were given. */
function nvidiaGpus({ root = "/", opensNvidia = false }: InstalledOptions): readonly InstalledGpu[] {
  const folder = join(root, "proc/driver/nvidia/gpus");
  return namesIn(folder).flatMap((name) => {
    const facts = parseNvidiaInformation(textOf(join(folder, name, "information")));
    const address = parsePciAddress(facts.get("Bus Location") ?? name);
    if (address === undefined || facts.get("GPU Excluded") === "Yes") return [];
    const mayUse = hasDeviceFile(join(root, "dev"), facts.get("Device Minor"), opensNvidia);
    const [model, uuid] = [facts.get("Model"), facts.get("GPU UUID")];
    const named = { ...(model && { model }), ...(uuid && !uuid.includes("?") && { uuid }) };
    return mayUse ? [{ address, vendor: "nvidia" as const, ...named }] : [];
  });
}

/** @param minor which of the files is the GPU's; drivers until 2017 do not tell, and any counts */
function hasDeviceFile(folder: string, minor: string | undefined, opensNvidia: boolean): boolean {
  const files = namesIn(folder).filter((name) =>
    minor === undefined ? /^nvidia\d+$/.test(name) : name === `nvidia${minor}`,
  );
  return files.some((name) => !opensNvidia || opens(join(folder, name)));
}

/** `/proc/driver/nvidia/gpus/…/information`, a name and a value a line. */
export function parseNvidiaInformation(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\n").map((line) => /^([^:]+):\s*(.*?)\s*$/.exec(line));
  return new Map(lines.flatMap((parts) => (parts === null ? [] : [[parts[1]!, parts[2]!] as const])));
}

/** Cards of the kernel's graphics drivers (amdgpu, i915, xe, nouveau, and nvidia_drm beside NVIDIA's own). */
function renderingGpus({ root = "/" }: InstalledOptions): readonly InstalledGpu[] {
  const drm = join(root, "sys/class/drm");
  return namesIn(drm)
    .filter((name) => name.startsWith("renderD"))
    .flatMap((name) => {
      const device = join(drm, name, "device");
      const address = parsePciAddress(targetOf(device));
      if (address === undefined || !opens(join(root, "dev/dri", name))) return [];
      const memory = Number.parseInt(textOf(join(device, "mem_info_vram_total")), 10);
      const vendor = vendors.get(textOf(join(device, "vendor")).trim()) ?? "other";
      return [{ address, vendor, ...(memory > 0 && { memoryBytes: memory }) }];
    });
}

const vendors: ReadonlyMap<string, InstalledGpu["vendor"]> = new Map([
  ["0x10de", "nvidia"],
  ["0x1002", "amd"],
  ["0x8086", "intel"],
]);

/** GPUs of NVIDIA whose device files are there, though nothing tells their addresses: their numbers. */
export function unplacedNvidia(root = "/"): readonly string[] {
  return namesIn(join(root, "dev"))
    .flatMap((name) => /^nvidia(\d+)$/.exec(name)?.[1] ?? [])
    .sort((a, b) => Number(a) - Number(b));
}

function namesIn(folder: string): readonly string[] {
  return orElse(() => readdirSync(folder), []);
}

const textOf = (path: string): string => orElse(() => readFileSync(path, "utf8"), "");

const targetOf = (path: string): string => orElse(() => basename(realpathSync(path)), "");

const opens = (path: string): boolean =>
  orElse(() => {
    closeSync(openSync(path, "r+"));
    return true;
  }, false);

function orElse<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise; // no such driver, no such right
  }
}
