/** Runs one step at a time for the browser, and tells every window how it goes. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { isAbort, TomoflowError } from "../../../core/error.ts";
import { runInWorker } from "../../../session/single-step/worker.ts";
import type { StepRequest, StepResultFile, StepRun } from "../../protocol/one-step.ts";
import { kindOfFile } from "../editing/browse.ts";
import { fromRoot } from "../editing/check-text.ts";
import { mistakesOf, type RequestPlace, readRequest } from "./read-request.ts";
import { recordRun, type StepRunRecord } from "./step-run.ts";

/** Milliseconds between two messages about one run. */
const messageInterval = 120;

export interface StepRunner {
  readonly check: (request: StepRequest) => Promise<ReturnType<typeof checkAnswer>>;
  /** Starts the step, or tells what is wrong. Throws `step-runs` while another runs. */
  readonly start: (
    request: StepRequest,
  ) => Promise<ReturnType<typeof checkAnswer> & { readonly run?: StepRun }>;
  /** Asks it to stop at a safe point; a second time ends it at once. */
  readonly stop: () => void;
  readonly latest: () => StepRun | null;
  /** Ends what runs and waits until it is gone. */
  readonly close: () => Promise<void>;
}

const checkAnswer = (ok: boolean, diagnostics: Parameters<typeof mistakesOf>[0]) => ({
  ok,
  mistakes: mistakesOf(diagnostics),
});

export function createStepRunner(place: RequestPlace, tell: (run: StepRun) => void): StepRunner {
  let record: StepRunRecord | undefined;
  let stop = new AbortController();
  let kill = new AbortController();
  let ended: Promise<void> = Promise.resolve();
  let isStarting = false;
  const telling = throttled(() => record && tell(record.state()));
  const isRunning = (): boolean =>
    isStarting || ["running", "stopping"].includes(record?.state().status ?? "");

  const start: StepRunner["start"] = async (request) => {
    if (isRunning())
      throw new TomoflowError("step-runs", "another step runs", { hint: "wait for it, or stop it first" });
    isStarting = true;
    try {
      const read = await readRequest(request, place);
      if (!read.ok) return checkAnswer(false, read.diagnostics);
      record = recordRun((record?.state().number ?? 0) + 1, request, Date.now());
      [stop, kill] = [new AbortController(), new AbortController()];
      ended = follow(record, () =>
        runInWorker(read.value, {
          given: new Map(),
          folder: join(place.root, request.folder),
          engine: request.engine,
          stop: stop.signal,
          kill: kill.signal,
          onMessage: (message) => {
            record!.take(message);
            telling();
          },
          onOutput: (text) => {
            record!.print(text);
            telling();
          },
        }),
      );
      return { ...checkAnswer(true, read.diagnostics), run: record.state() };
    } finally {
      isStarting = false;
    }
  };

  const follow = async (
    mine: StepRunRecord,
    work: () => Promise<Readonly<Record<string, string>>>,
  ): Promise<void> => {
    telling();
    const seconds = (): number => (Date.now() - mine.state().startedMs) / 1000;
    try {
      const outputs = await work();
      mine.change({ status: "done", seconds: seconds(), results: await resultsOf(outputs, place.root) });
    } catch (error) {
      mine.change({ status: isAbort(error) ? "stopped" : "failed", seconds: seconds(), ...explained(error) });
    }
    telling();
  };

  return {
    start,
    check: async (request) => {
      const read = await readRequest(request, place);
      return checkAnswer(read.ok, read.diagnostics);
    },
    stop: () => {
      if (record?.state().status === "stopping") kill.abort();
      else if (record?.state().status === "running") {
        record.change({ status: "stopping" });
        stop.abort();
      }
      telling();
    },
    latest: () => record?.state() ?? null,
    close: async () => {
      kill.abort();
      await ended;
    },
  };
}

function explained(error: unknown): Pick<StepRun, "error"> {
  if (isAbort(error)) return {};
  if (!(error instanceof TomoflowError))
    return { error: { code: "step-error", message: String((error as Error).message) } };
  const { code, message, hint } = error;
  return { error: { code, message, ...(hint !== undefined && { hint }) } };
}

async function resultsOf(
  outputs: Readonly<Record<string, string>>,
  root: string,
): Promise<readonly StepResultFile[]> {
  return Promise.all(
    Object.entries(outputs).map(async ([port, path]) => ({
      port,
      path: fromRoot(path, root),
      kind: kindOfFile(path),
      bytes: (await stat(path)).size,
    })),
  );
}

/** Calls at once, then at most once an interval, the latest always. */
function throttled(work: () => void): () => void {
  let last = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const now = (): void => {
    timer = undefined;
    last = performance.now();
    work();
  };
  return () => {
    const left = last + messageInterval - performance.now();
    if (left <= 0 && timer === undefined) now();
    else timer ??= setTimeout(now, Math.max(0, left));
  };
}
