/** One worker process (`src/worker.ts`): a job at a time over its IPC channel, its output captured. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { siblingModule } from "../../../core/sibling-module.ts";
import type { Job, JobError, WorkerCommand, WorkerMessage } from "../../../task/job.ts";
import type { ExecutorOptions, JobListener, JobOutcome, WatchedJob } from "../../executor.ts";
import { explainEnd } from "./explain-end.ts";

/** Characters of the latest output that may explain a crash. */
const rememberedOutput = 4000;

/** How long the last words of a process that has ended are waited for. */
const lastWordsMilliseconds = 1000;

interface Running {
  readonly listener: JobListener;
  readonly settle: (outcome: JobOutcome) => void;
  /** It was asked to, or made to. */
  isToEnd: boolean;
}

type WorkerOptions = Pick<ExecutorOptions, "catalogPath" | "gpuEnvironment" | "folder" | "kill"> & {
  readonly gpus: readonly string[];
};

export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #options: WorkerOptions;
  readonly #ended: Promise<void>;
  #running: Running | undefined;
  /** Process groups that the job at work has started: a worker that is killed cannot end them itself. */
  readonly #programs = new Set<number>();
  #latestOutput = "";
  #isAlive = true;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#child = startWorker(options);
    this.#child.on("message", (message) => this.#receive(message as WorkerMessage));
    this.#child.on("error", (error) => this.#fail({ code: "worker-start", message: error.message }));
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => this.#hear(text));
    this.#ended = this.#awaitEnd();
  }

  get isAlive(): boolean {
    return this.#isAlive && this.#child.connected;
  }

  run(job: Job, listener: JobListener): WatchedJob {
    const { kill } = this.#options;
    const onKill = () => this.#child.kill("SIGKILL");
    const end = new Promise<JobOutcome>((resolve) => {
      const running: Running = { listener, settle: resolve, isToEnd: false };
      this.#latestOutput = "";
      this.#running = running;
      if (kill.aborted) return resolve({ type: "interrupted" });
      kill.addEventListener("abort", onKill);
      listener.onStarted(this.#child.pid === undefined ? {} : { pid: this.#child.pid });
      this.#send({ type: "run", job });
    }).finally(() => {
      this.#running = undefined;
      kill.removeEventListener("abort", onKill);
    });
    return {
      end: end.then((outcome) => ({ outcome })),
      stop: () => this.#ask(() => this.#send({ type: "stop" })),
      kill: () => this.#ask(onKill),
    };
  }

  #ask(action: () => void): void {
    if (this.#running === undefined) return;
    this.#running.isToEnd = true;
    action();
  }

  /** Lets an idle worker go: it ends when its channel closes. */
  end(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  /** Lets it go and waits until it is gone. */
  ended(): Promise<void> {
    this.end();
    return this.#ended;
  }

  /** Not the event `close`: it never comes after our own `disconnect`, nor while a grandchild holds the pipes. */
  async #awaitEnd(): Promise<void> {
    const streams = [this.#child.stdout, this.#child.stderr].map(
      (stream) => stream && new Promise((resolve) => stream.once("close", resolve)),
    );
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      this.#child.once("exit", (...end) => resolve(end));
    });
    this.#isAlive = false;
    for (const pid of this.#programs) killGroup(pid);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise((resolve) => {
      timer = setTimeout(resolve, lastWordsMilliseconds);
    });
    await Promise.race([Promise.all(streams), patience]);
    clearTimeout(timer);
    this.#closed(code, signal);
  }

  #send(command: WorkerCommand): void {
    if (this.#child.connected) this.#child.send(command, () => undefined);
  }

  #hear(text: string): void {
    this.#latestOutput = (this.#latestOutput + text).slice(-rememberedOutput);
    this.#running?.listener.onOutput(text);
  }

  #receive(message: WorkerMessage): void {
    if (message.type === "ready") return;
    if (message.type === "done" || message.type === "interrupted") this.#settle({ type: message.type });
    else if (message.type === "failed") this.#fail(message.error);
    else if (message.type === "program")
      this.#programs[message.state === "started" ? "add" : "delete"](message.pid);
    else this.#running?.listener.onMessage(message);
  }

  #closed(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#running?.isToEnd || this.#options.kill.aborted) this.#settle({ type: "interrupted" });
    else this.#fail(explainEnd(code, signal, this.#latestOutput));
  }

  #fail(error: JobError): void {
    this.#settle({ type: "failed", error });
  }

  #settle(outcome: JobOutcome): void {
    this.#running?.settle(outcome);
  }
}

function startWorker(options: WorkerOptions): ChildProcess {
  const module = siblingModule(import.meta.url, "../../../worker");
  return fork(fileURLToPath(module), options.catalogPath === undefined ? [] : [options.catalogPath], {
    cwd: options.folder,
    execArgv: module.pathname.endsWith(".ts") ? ["--import", import.meta.resolve("tsx")] : [],
    env: { ...process.env, ...options.gpuEnvironment(options.gpus) },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // it has ended
  }
}
