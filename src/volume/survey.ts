/**
 * What is to be known of the voxels of a file before long work relies on them: how many are no numbers, how many are zero. The file is read
 * once, by slabs, and what was found is remembered for this state of the file, also by later programs.
 */
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { cacheFolder } from "../core/cache-folder.ts";
import { splitDataset } from "../core/dataset-path.ts";
import { isRemoteAddress } from "../core/remote-address.ts";
import { slabsOf } from "./box.ts";
import { openVolume } from "./formats.ts";
import type { OpenOptions, VoxelArray } from "./volume.ts";
import { isFloatType } from "./voxel-type.ts";

export interface VoxelSurvey {
  readonly voxels: number;
  /** Voxels that are infinite or not a number. */
  readonly notFinite: number;
  readonly zeros: number;
  /** Of the finite voxels. */
  readonly minimum: number;
  readonly maximum: number;
}

type SurveyOptions = OpenOptions & {
  /** Where surveys are remembered; that of the user when not given. */
  readonly memory?: string;
};

/** Voxels of a slab that is read at once. */
const slabVoxels = 8 << 20;

/** Throws what `openVolume` throws. */
export async function surveyVolume(path: string, options: SurveyOptions = {}): Promise<VoxelSurvey> {
  const { memory = join(cacheFolder(), "voxel-surveys.json"), ...openOptions } = options;
  if (isRemoteAddress(path)) return readSurvey(path, openOptions);
  // what is changed deep inside a folder does not show in what `stat` says of it
  if ((await stat(splitDataset(path).file)).isDirectory()) return readSurvey(path, openOptions);
  const key = await keyOf(path, options.dataset);
  const known = (await readMemory(memory))[key];
  if (known) return known;
  const survey = await onceAtATime(key, () => readSurvey(path, openOptions));
  // a file that was written meanwhile is surveyed anew next time
  if ((await keyOf(path, options.dataset)) === key) await remember(memory, key, survey);
  return survey;
}

const underWay = new Map<string, Promise<VoxelSurvey>>();

/** Tasks that look at one file together wait for one reading of it. */
function onceAtATime(key: string, read: () => Promise<VoxelSurvey>): Promise<VoxelSurvey> {
  const reading = underWay.get(key) ?? read().finally(() => underWay.delete(key));
  underWay.set(key, reading);
  return reading;
}

/** Number of voxels that are infinite or not a number; files of whole numbers are not read. */
export async function countNotFinite(path: string, options: SurveyOptions = {}): Promise<number> {
  const reader = await openVolume(path, options);
  await reader.close();
  return isFloatType(reader.info.type) ? (await surveyVolume(path, options)).notFinite : 0;
}

async function readSurvey(path: string, options: OpenOptions): Promise<VoxelSurvey> {
  const reader = await openVolume(path, options);
  try {
    const total = {
      voxels: 0,
      notFinite: 0,
      zeros: 0,
      minimum: Number.POSITIVE_INFINITY,
      maximum: Number.NEGATIVE_INFINITY,
    };
    for (const { start, shape } of slabsOf(reader.info.shape, slabVoxels))
      addVoxels(total, await reader.readBox(start, shape, options.signal));
    return total;
  } finally {
    await reader.close();
  }
}

function addVoxels(total: { -readonly [K in keyof VoxelSurvey]: number }, voxels: VoxelArray): void {
  let { notFinite, zeros, minimum, maximum } = total;
  for (let i = 0; i < voxels.length; i++) {
    const value = voxels[i]!;
    // of what is no number this alone is never 0
    if (value - value !== 0) notFinite++;
    else {
      if (value === 0) zeros++;
      if (value < minimum) minimum = value;
      if (value > maximum) maximum = value;
    }
  }
  Object.assign(total, { voxels: total.voxels + voxels.length, notFinite, zeros, minimum, maximum });
}

async function keyOf(path: string, dataset = ""): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(splitDataset(path).file, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs, resolve(path), dataset].join(" ");
}

type Memory = Readonly<Record<string, VoxelSurvey>>;

/** Files of which surveys are kept. */
const mostRemembered = 5000;

const parsed = new Map<string, Promise<Memory>>();

/** Read once a program; damage is forgetting. */
function readMemory(file: string): Promise<Memory> {
  const known = parsed.get(file) ?? readMemoryFile(file);
  parsed.set(file, known);
  return known;
}

async function readMemoryFile(file: string): Promise<Memory> {
  try {
    const value: unknown = JSON.parse(await readFile(file, "utf8"));
    const entries = Object.entries(value as Memory).filter(([, survey]) => isSurvey(survey));
    return Object.fromEntries(entries);
  } catch {
    return {};
  }
}

function isSurvey(value: VoxelSurvey | null): boolean {
  const counts = [value?.voxels, value?.notFinite, value?.zeros];
  return counts.every((count) => Number.isInteger(count));
}

/** What cannot be written is surveyed again next time. */
async function remember(file: string, key: string, survey: VoxelSurvey): Promise<void> {
  const others = Object.entries({ ...(await readMemory(file)), ...(await readMemoryFile(file)) });
  const memory = Object.fromEntries([...others.slice(1 - mostRemembered), [key, survey] as const]);
  parsed.set(file, Promise.resolve(memory));
  const temporary = `${file}.${process.pid}-${Math.random().toString(36).slice(2)}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(temporary, JSON.stringify(memory));
    await rename(temporary, file);
  } catch {
    // a folder that cannot be written
  }
}
