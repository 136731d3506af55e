/** The memory of a GPU. WebGPU does not tell it, so the driver's own ways are asked. */
import { execFile } from "node:child_process";
import { freemem, totalmem } from "node:os";
import { installedGpus } from "../../../core/gpu/installed-gpus.ts";
import { type PciAddress, parsePciAddress } from "../../../core/gpu/pci-address.ts";
import type { FoundAdapter } from "./adapter.ts";

/** Where nothing is known: what all GPUs have that are worth using here. */
const leastBytes = 4e9;
/** Part of the memory that programs may plan with: displays and other programs have the rest. */
const usableShare = 0.85;

export async function deviceMemoryBytes({ adapter, isSoftware, address }: FoundAdapter): Promise<number> {
  const vendor = adapter.info.vendor.toLowerCase();
  if (isSoftware) return usableShare * Math.min(freemem(), totalmem() / 2);
  if (vendor === "nvidia") return usableShare * ((await nvidiaBytes(address)) ?? leastBytes);
  if (vendor === "amd") return usableShare * (amdBytes(address) ?? leastBytes);
  if (vendor === "apple" || vendor === "intel") return totalmem() / 2; // shared with the processor
  return usableShare * leastBytes;
}

/** Of the NVIDIA GPU at `address`, or of the smallest where it is not known which one was taken. */
export function nvidiaBytes(address?: PciAddress): Promise<number | undefined> {
  return new Promise((resolve) => {
    const query = ["--query-gpu=pci.bus_id,memory.total", "--format=csv,noheader,nounits"];
    execFile("nvidia-smi", query, { timeout: 5000 }, (error, stdout) => {
      resolve(error === null ? nvidiaBytesOf(stdout, address) : undefined);
    });
  });
}

/** @param list a line a GPU: `00000000:41:00.0, 143771` (MiB) */
export function nvidiaBytesOf(list: string, address?: PciAddress): number | undefined {
  const gpus = list.split("\n").map((line) => {
    const [place = "", size = ""] = line.split(",");
    return { address: parsePciAddress(place), bytes: Number.parseFloat(size) * 2 ** 20 };
  });
  const own = gpus.filter((gpu) => address !== undefined && gpu.address === address);
  return smallest((own.length > 0 ? own : gpus).map(({ bytes }) => bytes));
}

/** As the kernel's driver tells, Linux. */
function amdBytes(address?: PciAddress): number | undefined {
  const gpus = installedGpus().filter(({ vendor }) => vendor === "amd");
  const own = gpus.filter((gpu) => address !== undefined && gpu.address === address);
  return smallest((own.length > 0 ? own : gpus).map(({ memoryBytes = 0 }) => memoryBytes));
}

const smallest = (sizes: readonly number[]): number | undefined => {
  const known = sizes.filter((size) => size > 0);
  return known.length === 0 ? undefined : Math.min(...known);
};
