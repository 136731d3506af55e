/** The process of probe.ts: sends what Dawn finds. */
import { findAdapter } from "./adapter.ts";
import type { Found } from "./probe.ts";

async function look(): Promise<Found> {
  try {
    const { device, isSoftware } = await findAdapter();
    return { device, isSoftware };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

process.send?.(await look(), () => process.disconnect());
