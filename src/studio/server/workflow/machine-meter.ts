/** Processor, memory and GPUs of the machine, as its system tells them. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { GpuUse, MachineUse } from "../../protocol/workflow.ts";

/** The first call tells the use since the machine's start, the others since the call before. */
export function createMachineMeter(): () => Promise<MachineUse> {
  let before = processorTimes();
  let nvidia = true;
  return async () => {
    const now = processorTimes();
    const [busy, all] = [now.busy - before.busy, now.all - before.all];
    before = now;
    const found = nvidia ? await nvidiaUse() : undefined;
    nvidia = found !== undefined;
    const cores = cpus().length || availableParallelism();
    return {
      busyCores: all > 0 ? (busy / all) * cores : 0,
      cores,
      ...(await memoryUse()),
      gpus: [...(found ?? []), ...(await amdUse())],
    };
  };
}

function processorTimes(): { readonly busy: number; readonly all: number } {
  let [busy, all] = [0, 0];
  for (const { times } of cpus()) {
    const sum = times.user + times.nice + times.sys + times.idle + times.irq;
    all += sum;
    busy += sum - times.idle;
  }
  return { busy, all };
}

/** Memory that programs hold: what the system keeps of files it would give back. */
async function memoryUse(): Promise<Pick<MachineUse, "usedMemoryBytes" | "memoryBytes">> {
  const text = await readFile("/proc/meminfo", "utf8").catch(() => "");
  const available = Number(/^MemAvailable:\s+(\d+) kB/m.exec(text)?.[1] ?? freemem() / 1024) * 1024;
  return { usedMemoryBytes: Math.max(0, totalmem() - available), memoryBytes: totalmem() };
}

const fields = "name,utilization.gpu,memory.used,memory.total";

/** Undefined where there is no nvidia-smi. */
async function nvidiaUse(): Promise<readonly GpuUse[] | undefined> {
  try {
    const { stdout } = await promisify(execFile)(
      "nvidia-smi",
      [`--query-gpu=${fields}`, "--format=csv,noheader,nounits"],
      { timeout: 3000 },
    );
    return parseNvidiaUse(stdout);
  } catch {
    return undefined;
  }
}

/** Lines such as `NVIDIA H100, 37, 1024, 81559`; what the driver does not tell is `[N/A]`. */
export function parseNvidiaUse(text: string): readonly GpuUse[] {
  return text
    .split("\n")
    .map((line) => line.split(",").map((part) => part.trim()))
    .filter((parts) => parts.length === 4)
    .map(([name, busy, used, total]) => ({
      name: name!,
      busy: (Number(busy) || 0) / 100,
      usedMemoryBytes: (Number(used) || 0) * 2 ** 20,
      memoryBytes: (Number(total) || 0) * 2 ** 20,
    }));
}

async function amdUse(root = "/sys/class/drm"): Promise<readonly GpuUse[]> {
  const cards = (await readdir(root).catch(() => [] as string[])).filter((name) => /^card\d+$/.test(name));
  const found = await Promise.all(
    cards.map(async (card): Promise<GpuUse | undefined> => {
      const read = async (name: string) =>
        Number(await readFile(join(root, card, "device", name), "utf8").catch(() => "NaN"));
      const [busy, used, total] = [
        await read("gpu_busy_percent"),
        await read("mem_info_vram_used"),
        await read("mem_info_vram_total"),
      ];
      return Number.isNaN(busy) || Number.isNaN(total)
        ? undefined
        : { name: `GPU ${card.slice(4)}`, busy: busy / 100, usedMemoryBytes: used, memoryBytes: total };
    }),
  );
  return found.filter((gpu) => gpu !== undefined);
}
