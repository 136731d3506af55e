/**
 * The lock file beside the workflow: what each task read, with which parameters, and what it made. No times of day and
 * no machine names in it, so that it merges and compares well under git.
 */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { explainSystemError, TomoflowError } from "../../core/error.ts";
import type { Content } from "../store/content.ts";
import { removeLeftovers, writeDurably } from "../store/durable.ts";
import { isContent, isRecord, isSeconds, isTaskId } from "../store/record-shapes.ts";
import { stampOf } from "../store/stat-cache.ts";
import type { TaskRecipe } from "../tasks/key.ts";
import { formatBlock, parseLockText } from "./lock-text.ts";

export interface LockedFile extends Content {
  /** Relative to the workflow's folder where it lies inside. */
  readonly path: string;
  /** Of an output: what its port said that it holds, when it was made. In no key. */
  readonly holds?: string;
  /** Of an input that is a part of a file: which part the hash is over. */
  readonly part?: string;
}

export interface LockedTask extends TaskRecipe {
  readonly key: string;
  /** By input role, see `InputFile`. */
  readonly inputs: Readonly<Record<string, LockedFile>>;
  /** By output port. */
  readonly outputs: Readonly<Record<string, LockedFile>>;
  /** Content of the outputs marked `metrics`, by port. */
  readonly metrics?: Readonly<Record<string, unknown>>;
  readonly seconds: number;
  /** What computed it, e.g. `onnx (CPU)`. */
  readonly engine?: string;
  /** Version of tomoflow. */
  readonly tomoflow: string;
}

const heading = `# Made by tomoflow: what each task read, with which parameters, and what it made.
# Keep it in git beside the workflow. After a merge conflict, take either side and run tomoflow.
version: 1
tasks:
`;

const leastPauseMilliseconds = 100;

/** Of the time of a run, at most. */
const shareOfWriting = 0.05;

export interface LockOptions {
  /** Does what reads and rewrites the file while no other run does so. */
  readonly alone?: (work: () => Promise<void>) => Promise<void>;
}

export class Lock {
  readonly #path: string;
  readonly #alone: NonNullable<LockOptions["alone"]>;
  /** Steps of which the file knew a task when it was opened. */
  readonly stepsWhenOpened: ReadonlySet<string>;
  #tasks: Map<string, LockedTask>;
  #stamp: string | undefined;
  /** Texts of blocks that have not changed since they were formatted. */
  readonly #texts = new Map<LockedTask, string>();
  /** Our own changes, laid over what another run may have written meanwhile. */
  readonly #changes = new Map<string, LockedTask | undefined>();
  #unsaved = false;
  /** What killed runs left beside the file has been looked for. */
  #isTidy = false;
  #saving: Promise<void> | undefined;
  #saveLater: NodeJS.Timeout | undefined;
  /** Of the last write. */
  #writeMilliseconds = 0;
  #hasFailed = false;

  private constructor(
    path: string,
    { alone = (work) => work() }: LockOptions,
    { tasks, stamp }: { readonly tasks: Map<string, LockedTask>; readonly stamp: string | undefined },
  ) {
    this.#path = path;
    this.#alone = alone;
    this.stepsWhenOpened = new Set([...tasks.keys()].map(stepOf));
    this.#tasks = tasks;
    this.#stamp = stamp;
  }

  /** An absent file is an empty lock. Throws `lock-conflict`, `lock-unreadable`. */
  static async open(path: string, options: LockOptions = {}): Promise<Lock> {
    const stamp = await lockStamp(path);
    return new Lock(path, options, { tasks: await readTasks(path), stamp });
  }

  get(task: string): LockedTask | undefined {
    return this.#tasks.get(task);
  }

  get ids(): readonly string[] {
    return [...this.#tasks.keys()];
  }

  set(task: string, locked: LockedTask | undefined): void {
    if (locked) this.#tasks.set(task, locked);
    else this.#tasks.delete(task);
    this.#changes.set(task, locked);
    this.#unsaved = true;
  }

  /**
   * Sees that the file is written before long: the longer a write takes, the rarer they are, since each writes the whole
   * file. A result that a killed run did not come to lock is found in the cache. Rejects when the last write failed, and
   * this one does.
   */
  async saveSoon(): Promise<void> {
    if (this.#hasFailed) return this.save();
    this.#saveLater ??= setTimeout(
      () => void this.save().catch(() => undefined),
      Math.max(leastPauseMilliseconds, this.#writeMilliseconds / shareOfWriting),
    );
  }

  /** Writes the file as a whole. Calls during a write share the next one. */
  async save(): Promise<void> {
    clearTimeout(this.#saveLater);
    this.#saveLater = undefined;
    while (this.#unsaved) {
      this.#saving ??= this.#alone(() => this.#write()).finally(() => {
        this.#saving = undefined;
      });
      await this.#saving;
    }
    await this.#saving;
  }

  async #write(): Promise<void> {
    const started = performance.now();
    try {
      await this.#takeChangesOfOthers();
      this.#unsaved = false;
      if (!this.#isTidy) await removeLeftovers(this.#path);
      this.#isTidy = true;
      await writeDurably(this.#path, this.#format());
      this.#stamp = await lockStamp(this.#path);
      this.#writeMilliseconds = performance.now() - started;
      this.#hasFailed = false;
    } catch (error) {
      this.#unsaved = true;
      this.#hasFailed = true;
      throw error;
    }
  }

  async #takeChangesOfOthers(): Promise<void> {
    if ((await lockStamp(this.#path)) === this.#stamp) return;
    this.#tasks = await readTasks(this.#path);
    for (const [task, locked] of this.#changes)
      if (locked) this.#tasks.set(task, locked);
      else this.#tasks.delete(task);
  }

  #format(): string {
    const ids = [...this.#tasks.keys()].sort();
    const blocks = ids.map((id, index) => {
      const isNewStep = index === 0 || stepOf(ids[index - 1]!) !== stepOf(id);
      return (isNewStep ? stepHeading(id) : "") + this.#formatTask(id, this.#tasks.get(id)!);
    });
    return heading + blocks.join("");
  }

  #formatTask(id: string, locked: LockedTask): string {
    const known = this.#texts.get(locked);
    if (known !== undefined) return known;
    const text = formatBlock(id, locked, 2);
    this.#texts.set(locked, text);
    return text;
  }
}

const stepOf = (id: string): string => id.split("@")[0]!;

/** A line that stays when tasks come and go keeps changes of neighbouring steps apart when git merges them. */
const stepHeading = (id: string): string => `  # ${stepOf(id)}\n`;

async function lockStamp(path: string): Promise<string | undefined> {
  const stamp = await stampOf(path);
  return stamp && `${stamp.file} ${stamp.state}`;
}

async function readTasks(path: string): Promise<Map<string, LockedTask>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw explainSystemError(error, path);
  }
  return parseLock(path, text);
}

/** The tasks in the text of a lock that errors call `path`. Throws `lock-conflict`, `lock-unreadable`. */
export function parseLock(path: string, text: string): Map<string, LockedTask> {
  if (/^(?:<<<<<<<|>>>>>>>)/m.test(text)) throw conflict(path, text);
  return tasksOf(path, parse(path, text));
}

function parse(path: string, text: string): unknown {
  try {
    return parseLockText(text);
  } catch (cause) {
    throw unreadable(path, "it is not YAML", cause);
  }
}

function tasksOf(path: string, content: unknown): Map<string, LockedTask> {
  if (content === null) return new Map();
  if (!isRecord(content)) throw unreadable(path, "it is not a table");
  const { version, tasks } = content;
  if (version === undefined) throw unreadable(path, "it does not say `version: 1`");
  if (version !== 1)
    throw unreadable(path, `its version is ${String(version)}, and this tomoflow reads version 1`);
  if (tasks === null || tasks === undefined) return new Map();
  if (typeof tasks !== "object" || Array.isArray(tasks)) throw unreadable(path, "`tasks` is not a table");
  const entries = Object.entries(tasks as Record<string, LockedTask>);
  for (const [id, task] of entries) {
    const fault = faultOf(id, task);
    if (fault !== undefined) throw unreadable(path, `the block of ${id} ${fault}`);
  }
  return new Map(entries);
}

/** What is wrong with a block; a lock comes with git, from anyone. */
function faultOf(id: string, task: unknown): string | undefined {
  if (!isTaskId(id)) return "is of no task: a name holds no slash";
  if (!isRecord(task)) return "is not complete";
  const { key, kind, inputs, outputs, parameters, classes, rows, seconds, metrics } = task;
  if (typeof key !== "string" || typeof kind !== "string") return "is not complete";
  if (!isRecord(inputs) || !isRecord(outputs)) return "is not complete";
  if (![parameters, classes, rows].every(isRecord)) return "is not complete";
  const files = [...Object.values(inputs), ...Object.values(outputs)];
  if (!files.every(isLockedFile)) return "has a file without a path, a SHA-256 and a size";
  if (!isSeconds(seconds)) return "has seconds that are not a number from 0 up";
  return metrics === undefined || isRecord(metrics) ? undefined : "has metrics that are not a table";
}

const isLockedFile = (file: unknown): boolean =>
  isContent(file) &&
  isRecord(file) &&
  typeof file.path === "string" &&
  isOptionalText(file.holds) &&
  isOptionalText(file.part);

const isOptionalText = (value: unknown): boolean => value === undefined || typeof value === "string";

function conflict(path: string, text: string): TomoflowError {
  const lineNumber = text.slice(0, text.search(/^(?:<<<<<<<|>>>>>>>)/m)).split("\n").length;
  return new TomoflowError("lock-conflict", `${path}:${lineNumber} has merge conflict marks`, {
    hint: `take either side, e.g. git checkout --ours ${basename(path)}; run then does what is stale, or takes it from the cache`,
  });
}

const unreadable = (path: string, reason: string, cause?: unknown): TomoflowError =>
  new TomoflowError("lock-unreadable", `${path} cannot be read: ${reason}`, {
    hint: `put it back with git checkout ${basename(path)}, or delete it: results are then taken from the cache`,
    cause,
  });
