/** The process of probe.ts: sends what Dawn finds, and whether it computes what the processor does. */
import { findAdapter } from "./adapter.ts";
import { createWebgpuEngine } from "./engine.ts";
import type { Found } from "./probe.ts";
import { disagreement, rememberedCheck } from "./self-check.ts";

async function look(): Promise<Found> {
  try {
    const { device, isSoftware } = await findAdapter();
    if (isSoftware) return { device, isSoftware };
    const fault = await rememberedCheck(device, check);
    return fault === undefined ? { device, isSoftware } : { device, isSoftware, fault };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

async function check(): Promise<string | undefined> {
  const engine = await createWebgpuEngine();
  try {
    return await disagreement(engine);
  } finally {
    await engine.dispose();
  }
}

process.send?.(await look(), () => process.disconnect());
