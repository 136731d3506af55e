/**
 * Which precision `auto` computes in on a GPU: the fastest that agrees with the processor. 16-bit floats keep ten bits of the
 * mantissa, as many as TF32, in which PyTorch and TensorFlow multiply on such GPUs.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../../../core/cache-folder.ts";
import type { ArithmeticName } from "../device/precision.ts";

/** What was found of one way to compute, on the full-width network (see precision-trial.ts). */
export interface Trial {
  readonly name: ArithmeticName;
  /** Why it must not be used: what it computes otherwise than the processor, or how its process ended. */
  readonly fault?: string;
  /** Of a forward pass; missing where it could not be timed. */
  readonly forwardGigaflops?: number;
  /** Of a training step. */
  readonly trainingGigaflops?: number;
}

export interface PrecisionChoice {
  readonly chosen: ArithmeticName;
  /** In words. */
  readonly reason: string;
  readonly trials: readonly Trial[];
}

/** What another precision must gain to be taken instead of 32 bits. */
const leastGain = 1.2;

/** The fastest of those without a fault: the geometric mean of its gains, forward and in training, counts. */
export function choosePrecision(trials: readonly Trial[]): PrecisionChoice {
  const full = trials.find(({ name }) => name === "f32");
  const ranked = trials
    .filter(({ name, fault }) => name !== "f32" && fault === undefined)
    .map((trial) => ({ trial, gain: gainOf(trial, full) }))
    .sort((a, b) => b.gain - a.gain);
  const [best] = ranked;
  if (best !== undefined && best.gain >= leastGain)
    return {
      chosen: best.trial.name,
      reason: `${times(best.gain)} as fast as f32, and agrees with the processor`,
      trials,
    };
  return { chosen: "f32", reason: whyFull(trials, best?.gain), trials };
}

/** 0 where one was not timed. */
export function gainOf(trial: Trial, full: Trial | undefined): number {
  const { forwardGigaflops: forward, trainingGigaflops: training } = trial;
  const { forwardGigaflops: fullForward, trainingGigaflops: fullTraining } = full ?? {};
  if (!forward || !training || !fullForward || !fullTraining) return 0;
  return Math.sqrt((forward / fullForward) * (training / fullTraining));
}

function whyFull(trials: readonly Trial[], gain: number | undefined): string {
  if (trials.length === 1) return "the GPU has no 16-bit floats";
  if (gain === undefined) return "nothing else agrees with the processor";
  if (gain === 0) return "the others could not be timed";
  return `the fastest of the others is ${times(gain)} as fast, less than ${leastGain} times`;
}

const times = (gain: number): string => `${gain.toPrecision(2)} times`;

/** Trials made before of the same device and driver, as they name themselves, in a file. */
export class TrialMemory {
  readonly #path: string;
  readonly #device: string;

  constructor(device: string, folder = cacheFolder()) {
    this.#device = device;
    const name = createHash("sha256").update(`${trialVersion} ${device}`).digest("hex").slice(0, 16);
    this.#path = join(folder, `gpu-check-${name}.json`);
  }

  async read(): Promise<readonly Trial[]> {
    try {
      const known = JSON.parse(await readFile(this.#path, "utf8")) as { readonly trials?: unknown };
      return Array.isArray(known.trials) ? (known.trials as readonly Trial[]) : [];
    } catch {
      return []; // not tried yet, or the file is damaged
    }
  }

  /** Keeps them beside those that are known. What cannot be written is tried again next time. */
  async add(trials: readonly Trial[]): Promise<void> {
    const names = new Set(trials.map(({ name }) => name));
    const others = (await this.read()).filter(({ name }) => !names.has(name));
    const text = JSON.stringify({ device: this.#device, trials: [...others, ...trials] });
    await mkdir(join(this.#path, ".."), { recursive: true })
      .then(() => writeFile(this.#path, text))
      .catch(() => undefined);
  }
}

/** Raised when a trial would end otherwise with the same driver: new kernels are timed anew. */
const trialVersion = 1;
