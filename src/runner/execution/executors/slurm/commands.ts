/** Slurm's commands, run with an environment that knows nothing of a job that tomoflow itself may be part of. */
import { spawn } from "node:child_process";
import { type FileHandle, open } from "node:fs/promises";

export interface Answer {
  /** Undefined where the command was ended by a signal, or could not be started. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Options that are set from outside the script go before those inside; ours are inside. */
const overridden =
  /^SBATCH_(ACCOUNT|ARRAY_INX|CONSTRAINT|CPUS_PER_TASK|GRES|JOB_NAME|MEM_PER_NODE|NO_REQUEUE|OPEN_MODE|OUTPUT|PARTITION|QOS|REQUEUE|RESERVATION|SIGNAL|TIMELIMIT|COMMENT|CHDIR)$/;

/** Where the site has its configuration; everything else called SLURM_ tells of the job around this process. */
const kept: ReadonlySet<string> = new Set(["SLURM_CONF", "SLURM_CLUSTERS", "SLURM_TIME_FORMAT"]);

/** The user's own defaults of what Slurm's commands show and end: of what they leave out we would think that it is gone. */
const narrowing = /^(SQUEUE|SACCT|SCANCEL|SCONTROL)_/;

/** Of a job around this one: which GPUs it has says nothing of those that the next will have. */
const ofJob = /^(CUDA_VISIBLE_DEVICES|ROCR_VISIBLE_DEVICES|ZE_AFFINITY_MASK|GPU_DEVICE_ORDINAL)$/;

/** The variables that Slurm's commands, and the jobs they submit, get of those of this process. */
export function environmentOfCommands(environment: Environment = process.env): Record<string, string> {
  const inJob = environment.SLURM_JOB_ID !== undefined;
  const fits = ([name, value]: readonly [string, string | undefined]): boolean =>
    value !== undefined &&
    (!name.startsWith("SLURM_") || kept.has(name)) &&
    !/^(SLURMD_|PMI_|PMIX_|SRUN_)/.test(name) &&
    !narrowing.test(name) &&
    !(inJob && ofJob.test(name)) &&
    !overridden.test(name);
  return Object.fromEntries(Object.entries(environment).filter(fits)) as Record<string, string>;
}

/** Longest time that a question may take; Slurm's own patience is about 30 s. */
const mostMilliseconds = 100_000;

/** Never rejects. The process is not killed with this one's group. */
export async function ask(words: readonly string[]): Promise<Answer> {
  const child = start(words, ["ignore", "pipe", "pipe"]);
  const texts = ["", ""];
  for (const [index, stream] of [child.stdout, child.stderr].entries())
    stream?.setEncoding("utf8").on("data", (text: string) => {
      texts[index] += text;
    });
  const code = await ended(child);
  return { code: code.code, stdout: texts[0]!, stderr: texts[1]! + code.trouble };
}

/**
 * As `ask`, with what the command says written to `path`, by itself: it is there even where this process is killed meanwhile. Throws
 * system errors where the file cannot be written.
 */
export async function askIntoFile(words: readonly string[], path: string): Promise<Answer> {
  const [out, err] = await Promise.all([open(path, "w"), open(`${path}.err`, "w")]);
  try {
    const code = await ended(start(words, ["ignore", out.fd, err.fd]));
    const [stdout, stderr] = await Promise.all([textOf(path), textOf(`${path}.err`)]);
    return { code: code.code, stdout, stderr: stderr + code.trouble };
  } finally {
    await Promise.all([out, err].map((file: FileHandle) => file.close()));
  }
}

async function textOf(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

type Stdio = NonNullable<Parameters<typeof spawn>[2]>["stdio"];

// a process group of its own: Ctrl-C shall not end a submission half way
const start = ([name, ...rest]: readonly string[], stdio: Stdio) =>
  spawn(name!, rest, { stdio, env: environmentOfCommands(), detached: true, timeout: mostMilliseconds });

const ended = (child: ReturnType<typeof spawn>): Promise<{ code: number | undefined; trouble: string }> =>
  new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: undefined, trouble: error.message }));
    child.once("close", (code) =>
      resolve({ code: code ?? undefined, trouble: code === null ? "it took too long" : "" }),
    );
  });

/** Nothing is wrong with what was asked: the controller, or the network, is not there at the moment. */
export const isUnreachable = ({ code, stderr }: Answer): boolean =>
  code !== 0 &&
  /unable to contact|socket timed out|connection refused|connection timed out|connection reset|zero bytes were transmitted|communication (connection )?failure|in standby mode|temporarily unable|resource temporarily unavailable|server is too busy|try again|took too long|Transport endpoint|Message receive failure|Unexpected message|Unable to establish (controller|configuration)|Incomplete connection/i.test(
    stderr,
  );

/** The user or account may have no more jobs at the moment. */
export const isOverLimit = ({ code, stderr }: Answer): boolean =>
  code !== 0 &&
  /Max(Submit|Jobs)|job submit limit|too many (jobs|active)|Job violates accounting\/QOS policy/i.test(
    stderr,
  );

/** The line of Slurm's that says what is wrong, without the program's name. */
export function saidBy({ stdout, stderr }: Answer): string {
  const lines = `${stderr}\n${stdout}`.split("\n").filter((line) => line.trim() !== "");
  const telling = lines.filter((line) => /error|fatal/i.test(line));
  // what comes last is the most general
  const chosen =
    telling.find((line) => !/Batch job submission failed/.test(line)) ?? telling[0] ?? lines.at(-1);
  return (chosen ?? "it said nothing").replace(/^[\w-]+: (error|fatal): /, "").trim();
}
