/**
 * Everything that training depends on from one step to the next. Stored and read back exactly, so that a resumed run equals
 * an uninterrupted one bit for bit.
 *
 * The file: 8 bytes "tomoflow", a little-endian uint32 length, JSON of that length, then the arrays as little-endian
 * float32, in the order and with the lengths the JSON gives.
 */
import { existsSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TomoflowError } from "../core/error.ts";
import { Random, type RandomState } from "../core/random.ts";
import { readRegularFile } from "../core/regular-file.ts";
import { writeWholeFile } from "../core/whole-file.ts";
import {
  type Initialization,
  initialParameters,
  type ParameterDefinition,
  type ParameterValues,
} from "../network/parameters.ts";
import type { History } from "./history.ts";

export interface TrainingState {
  /** Finished epochs. */
  readonly epoch: number;
  /** Finished steps of the epoch under way. */
  readonly step: number;
  /** Sums over the steps of the epoch under way. */
  readonly lossSum: number;
  readonly rightVoxels: number;
  /** Voxels of which nothing is known; not given where there was none. */
  readonly unknownVoxels?: number;
  /** Of the training batches and of the validation batches. */
  readonly random: RandomState;
  readonly validationRandom: RandomState;
  readonly history: History;
  /** Epoch (from 1) with the best mean F1 of the classes on the validation patches; 0 before the first. */
  readonly bestEpoch: number;
  readonly parameters: ParameterValues;
  readonly means: ParameterValues;
  readonly variances: ParameterValues;
  /** Exponential moving average of the parameters; the parameters themselves when it is off. */
  readonly averages: ParameterValues;
  readonly best: ParameterValues;
}

export interface StartOptions {
  readonly seed: number;
  readonly initialization?: Initialization;
  /**
   * Share of each label among the voxels trained on. The last bias starts at its logarithm, so that the first prediction is
   * these shares (Lin et al. 2017, section 3.3) and the first steps are not spent, and units not killed, in getting there.
   */
  readonly classFrequencies?: readonly number[];
  /** Start from these instead: fine-tuning. */
  readonly parameters?: ParameterValues;
}

/** The state before the first step. */
export function initialState(
  definitions: readonly ParameterDefinition[],
  { seed, initialization, classFrequencies, parameters }: StartOptions,
): TrainingState {
  const first = parameters ?? initialParameters(definitions, new Random(seed), initialization);
  if (parameters === undefined && classFrequencies !== undefined)
    first.get(definitions.at(-1)!.name)!.set(classFrequencies.map((frequency) => Math.log(frequency)));
  const zeros = () => new Map([...first].map(([name, value]) => [name, new Float32Array(value.length)]));
  return {
    epoch: 0,
    step: 0,
    lossSum: 0,
    rightVoxels: 0,
    random: new Random(seed + 1).state,
    validationRandom: new Random(seed + 2).state,
    history: [],
    bestEpoch: 0,
    parameters: first,
    means: zeros(),
    variances: zeros(),
    averages: first,
    best: first,
  };
}

const magic = "tomoflow";
const arrays = ["parameters", "means", "variances", "averages", "best"] as const;

/** Writes the state so that a crash at any moment leaves the old or the new file, whole. */
export async function writeCheckpoint(path: string, state: TrainingState): Promise<void> {
  const header = Buffer.from(
    JSON.stringify({
      ...state,
      ...Object.fromEntries(
        arrays.map((key) => [key, [...state[key]].map(([name, value]) => [name, value.length] as const)]),
      ),
    }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const blobs = arrays.flatMap((key) => [...state[key].values()].map(bytesOf));
  const parts = [Buffer.from(magic), length, header, ...blobs];
  await writeWholeFile(path, (temporary) => writeFile(temporary, parts));
  const folder = await open(dirname(path), "r");
  await folder.sync().finally(() => folder.close());
}

/** The state in the file, or null when there is none. Throws `checkpoint-damaged` for a file that is not a whole checkpoint. */
export async function readCheckpoint(path: string): Promise<TrainingState | null> {
  if (!existsSync(path)) return null;
  const bytes = await readRegularFile(path);
  const state = decodeState(bytes);
  if (state === undefined) throw damaged(path);
  return state;
}

/** Undefined when the bytes are not exactly one checkpoint. */
function decodeState(bytes: Buffer): TrainingState | undefined {
  if (bytes.length < 12 || bytes.toString("latin1", 0, 8) !== magic) return undefined;
  const headerEnd = 12 + bytes.readUInt32LE(8);
  const header = parseHeader(bytes.toString("utf8", 12, headerEnd));
  if (header === undefined) return undefined;
  const lengths = arrays.flatMap((key) => header[key].map(([, length]) => length));
  if (bytes.length !== headerEnd + 4 * lengths.reduce((sum, length) => sum + length, 0)) return undefined;
  let at = headerEnd;
  const take = (length: number): Float32Array => {
    const copy = new Float32Array(length);
    bytesOf(copy).set(bytes.subarray(at, at + 4 * length));
    at += 4 * length;
    return copy;
  };
  const maps = arrays.map((key) => [
    key,
    new Map(header[key].map(([name, length]) => [name, take(length)] as const)),
  ]);
  return { ...header, ...Object.fromEntries(maps) } as TrainingState;
}

function parseHeader(text: string): StoredState | undefined {
  try {
    const header = JSON.parse(text) as StoredState;
    return arrays.every((key) => Array.isArray(header[key])) ? header : undefined;
  } catch {
    return undefined;
  }
}

type StoredState = Omit<TrainingState, (typeof arrays)[number]> &
  Record<(typeof arrays)[number], readonly (readonly [name: string, length: number])[]>;

const bytesOf = (value: Float32Array): Uint8Array =>
  new Uint8Array(value.buffer, value.byteOffset, value.byteLength);

function damaged(path: string): TomoflowError {
  return new TomoflowError("checkpoint-damaged", `${path} is not a whole checkpoint`, {
    hint: "remove it to start the training over",
  });
}

/** Where a task keeps its checkpoint. */
export const checkpointPath = (folder: string): string => join(folder, "training.checkpoint");
