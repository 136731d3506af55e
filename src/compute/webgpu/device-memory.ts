/** The memory of a GPU. WebGPU does not tell it, so the driver's own ways are asked. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { freemem, totalmem } from "node:os";
import type { FoundAdapter } from "./adapter.ts";

/** Where nothing is known: what all GPUs have that are worth using here. */
const leastBytes = 4e9;
/** Part of the memory that programs may plan with: displays and other programs have the rest. */
const usableShare = 0.85;

export async function deviceMemoryBytes({ adapter, isSoftware }: FoundAdapter): Promise<number> {
  const vendor = adapter.info.vendor.toLowerCase();
  if (isSoftware) return usableShare * Math.min(freemem(), totalmem() / 2);
  if (vendor === "nvidia") return usableShare * ((await nvidiaBytes()) ?? leastBytes);
  if (vendor === "amd") return usableShare * ((await amdBytes()) ?? leastBytes);
  if (vendor === "apple" || vendor === "intel") return totalmem() / 2; // shared with the processor
  return usableShare * leastBytes;
}

/** Of the smallest NVIDIA GPU: which of them Dawn took is not known. */
export function nvidiaBytes(): Promise<number | undefined> {
  return new Promise((resolve) => {
    const query = ["--query-gpu=memory.total", "--format=csv,noheader,nounits"];
    execFile("nvidia-smi", query, { timeout: 5000 }, (error, stdout) => {
      resolve(
        error === null
          ? smallest(stdout.split("\n").map((line) => Number.parseFloat(line) * 2 ** 20))
          : undefined,
      );
    });
  });
}

/** From the kernel's driver, Linux. */
async function amdBytes(): Promise<number | undefined> {
  const folder = "/sys/class/drm";
  const cards = await readdir(folder).catch(() => []);
  const sizes = cards.map((card) =>
    readFile(`${folder}/${card}/device/mem_info_vram_total`, "utf8").catch(() => ""),
  );
  return smallest((await Promise.all(sizes)).map((text) => Number.parseInt(text, 10)));
}

const smallest = (sizes: readonly number[]): number | undefined => {
  const known = sizes.filter((size) => size > 0);
  return known.length === 0 ? undefined : Math.min(...known);
};
