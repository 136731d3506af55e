/** The process of probe-child.ts: says what Dawn finds, or tries one way to compute. */
import { deviceLabel, findAdapter } from "../device/adapter.ts";
import { arithmeticOf, offeredArithmetic } from "../device/arithmetic.ts";
import { arithmeticOptions } from "../device/precision.ts";
import { createWebgpuEngine } from "../engine.ts";
import { timeNetwork } from "./precision-trial.ts";
import type { ProbeMessage, ProbeTask } from "./probe-child.ts";
import { disagreement } from "./self-check.ts";

const send = (message: ProbeMessage): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(message, () => resolve());
  });

async function look(): Promise<void> {
  const found = await findAdapter({ experimental: true });
  const offered = offeredArithmetic(found).map((name) => {
    const { precision, matrixUnits } = arithmeticOptions[name];
    const arithmetic = arithmeticOf(found, precision);
    return { name, label: deviceLabel(found, matrixUnits ? arithmetic : { precision }) };
  });
  await send({ type: "found", device: found.device, isSoftware: found.isSoftware, offered });
}

/** What is wrong is said before anything is timed: the longer work may end the process. */
async function attempt(name: Exclude<ProbeTask, "look">): Promise<void> {
  const options = arithmeticOptions[name];
  const engine = await createWebgpuEngine(options);
  try {
    const fault = await disagreement(engine, options.precision);
    await send({ type: "checked", ...(fault !== undefined && { fault }) });
    if (fault === undefined) await send({ type: "timed", ...(await timeNetwork(engine)) });
  } finally {
    await engine.dispose();
  }
}

const task = process.argv[2] as ProbeTask;
await (task === "look" ? look() : attempt(task)).catch((error: unknown) =>
  send({ type: "failed", reason: error instanceof Error ? error.message : String(error) }),
);
process.disconnect();
