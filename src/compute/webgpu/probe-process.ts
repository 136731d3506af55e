/** The process of probe.ts: sends what Dawn finds, and whether it computes what the processor does. */
import { TomoflowError } from "../../core/error.ts";
import { deviceLabel, findAdapter } from "./adapter.ts";
import type { Precision } from "./dispatch.ts";
import { createWebgpuEngine } from "./engine.ts";
import { arithmeticOf, precisionSetting } from "./precision.ts";
import type { Found } from "./probe.ts";
import { disagreement, rememberedCheck } from "./self-check.ts";

async function look(): Promise<Found> {
  try {
    const setting = precisionSetting();
    const found = await findAdapter({ experimental: setting !== "f32" });
    const { isSoftware } = found;
    if (isSoftware) return { device: found.device, isSoftware };
    const arithmetic = arithmeticOf(found, setting);
    const device = deviceLabel(found, arithmetic);
    const fault = await rememberedCheck(device, () => check(arithmetic.precision));
    return fault === undefined ? { device, isSoftware } : { device, isSoftware, fault };
  } catch (error) {
    if (!(error instanceof Error)) return { reason: String(error) };
    const { code } = error instanceof TomoflowError ? error : { code: undefined };
    return { reason: error.message, isRefused: code === "gpu-precision" };
  }
}

async function check(precision: Precision): Promise<string | undefined> {
  const engine = await createWebgpuEngine({ precision });
  try {
    return await disagreement(engine, precision);
  } finally {
    await engine.dispose();
  }
}

process.send?.(await look(), () => process.disconnect());
