/** Looks for a GPU that `auto` can use, checks what it computes, and times it; all in processes of their own. */
import { readdirSync } from "node:fs";
import { type ArithmeticName, type PrecisionSetting, precisionSetting } from "../device/precision.ts";
import { choosePrecision, type PrecisionChoice, type Trial, TrialMemory } from "./precision-choice.ts";
import { askProbe, type ProbeEnd, type ProbeMessage } from "./probe-child.ts";

export type GpuSighting =
  | {
      readonly isThere: true;
      readonly device: string;
      readonly arithmetic: ArithmeticName;
      /** Where it was chosen by measurement. */
      readonly precision?: PrecisionChoice;
    }
  /** `reason`: why not, and what to do; `isRefused`: a GPU is there, and lacks what the user asks for. */
  | { readonly isThere: false; readonly reason: string; readonly isRefused?: boolean };

type Found = Extract<ProbeMessage, { type: "found" }>;

/** The GPU that Dawn would take, tried once for each device and driver; a software adapter is none. */
export async function probeGpu(
  setting: PrecisionSetting = precisionSetting(),
  log: (text: string) => void = () => undefined,
): Promise<GpuSighting> {
  const looked = await askProbe("look");
  const found = looked.messages.find((message) => message.type === "found");
  if (found === undefined) return { isThere: false, reason: whyNothing(looked) };
  if (found.isSoftware)
    return {
      isThere: false,
      reason: `only a software adapter, ${found.device}: no GPU driver is installed (--engine webgpu uses it all the same, slowly)`,
    };
  const names = namesFor(setting, found);
  if (names.length === 0)
    return {
      isThere: false,
      reason: `${found.device} has no 16-bit floats (shader-f16)`,
      isRefused: true,
    };
  return judge(found, setting, await trialsOf(found.device, names, log));
}

/** What is to be tried: with `f16`, matrix units where there are any. */
function namesFor(setting: PrecisionSetting, { offered }: Found): readonly ArithmeticName[] {
  const names = offered.map(({ name }) => name);
  if (setting === "auto") return names;
  return names.filter((name) => name.startsWith(setting)).slice(-1);
}

function judge(found: Found, setting: PrecisionSetting, trials: readonly Trial[]): GpuSighting {
  const [first] = trials;
  if (first?.fault !== undefined)
    return {
      isThere: false,
      reason: `${found.device} cannot be used: ${first.fault}; look for a newer driver`,
    };
  const precision = setting === "auto" ? choosePrecision(trials) : undefined;
  const arithmetic = precision?.chosen ?? first!.name;
  const { label } = found.offered.find(({ name }) => name === arithmetic)!;
  return { isThere: true, device: label, arithmetic, ...(precision && { precision }) };
}

/** In a process each, so that a driver that ends or hangs in one leaves the others. */
async function trialsOf(
  device: string,
  names: readonly ArithmeticName[],
  log: (text: string) => void,
): Promise<readonly Trial[]> {
  const memory = new TrialMemory(device);
  const known = await memory.read();
  const trials: Trial[] = [];
  const fresh: Trial[] = [];
  for (const name of inOrderOfTrial(names)) {
    if (name === "f16" && trials.some(isGoodOnMatrixUnits)) continue;
    const before = known.find((trial) => trial.name === name);
    if (before === undefined && fresh.length === 0)
      log(
        `${device} is new here: what it computes is compared with the processor, and timed; once, some seconds`,
      );
    const trial = before ?? trialOf(name, await askProbe(name));
    trials.push(trial);
    if (before === undefined) fresh.push(trial);
    if (name === "f32" && trial.fault !== undefined) return trials; // asked again next time
  }
  if (fresh.length > 0) await memory.add(fresh);
  return trials;
}

/** 16 bits without matrix units last: they are tried only where those with them cannot be used. */
const inOrderOfTrial = (names: readonly ArithmeticName[]): readonly ArithmeticName[] => [
  ...names.filter((name) => name !== "f16"),
  ...names.filter((name) => name === "f16"),
];

const isGoodOnMatrixUnits = ({ name, fault, trainingGigaflops }: Trial): boolean =>
  name === "f16 on matrix units" && fault === undefined && trainingGigaflops !== undefined;

/** What a process that tried `name` said before it ended. */
export function trialOf(name: ArithmeticName, { messages, end }: ProbeEnd): Trial {
  const checked = messages.find((message) => message.type === "checked");
  const failed = messages.find((message) => message.type === "failed");
  if (checked === undefined) return { name, fault: `the check ended early: ${failed?.reason ?? end}` };
  if (checked.fault !== undefined) return { name, fault: `it computes wrongly: ${checked.fault}` };
  const timed = messages.find((message) => message.type === "timed");
  if (timed === undefined) return { name };
  const { type: _, ...speed } = timed;
  return { name, ...speed };
}

function whyNothing({ messages, stderr, end }: ProbeEnd): string {
  const failed = messages.find((message) => message.type === "failed");
  return reasonOf(stderr) ?? failed?.reason ?? `Dawn failed: ${end}`;
}

/** Whether a search can find anything: without a device file of a GPU, Linux has none. */
export function mayHaveGpu(platform = process.platform, devices = "/dev"): boolean {
  if (platform !== "linux") return true;
  const names = (folder: string): readonly string[] => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  };
  return (
    names(devices).some((name) => /^(nvidia\d+|dxg|kfd|mali\d*)$/.test(name)) ||
    names(`${devices}/dri`).some((name) => name.startsWith("renderD"))
  );
}

/** What Dawn and the Vulkan loader write when something is missing. */
function reasonOf(stderr: string): string | undefined {
  if (/libvulkan|vulkan-1\.dll/i.test(stderr))
    return "the Vulkan loader (libvulkan.so.1) is not installed: apt install libvulkan1, or dnf install vulkan-loader";
  if (/found no drivers|incompatible_driver/i.test(stderr))
    return "the Vulkan loader finds no driver: see docs/engines.md for the one of your GPU and for containers";
  return undefined;
}
