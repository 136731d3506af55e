import { isatty } from "node:tty";
import { isAbort } from "../core/error.ts";

export interface Interruption extends Disposable {
  /** Aborted by the first Ctrl-C (SIGINT) or SIGTERM, and when the terminal is closed: stop at a safe point. */
  readonly stop: AbortSignal;
  /** Aborted by the second Ctrl-C or SIGTERM. A third ends the process, whatever it is waiting for. */
  readonly kill: AbortSignal;
}

export interface InterruptionOptions {
  /** Told at the first signal. */
  readonly advice?: string;
  /** Whether someone sits before this process; found out when not given. */
  readonly isAtTerminal?: boolean;
  /** Tasks that are in a queue elsewhere, and may be left there. */
  readonly tasksElsewhere?: () => number;
  /** Ends the process, and leaves them. */
  readonly leave?: () => void;
  /** Called when a process exits whose terminal is gone; ends it as a hangup does when not given. */
  readonly atExitAfterHangup?: () => void;
}

/** What a hangup does to programs that know nothing of it. Node would abort: it cannot put a terminal right that is gone. */
const endByHangup = (): void => {
  process.removeAllListeners("SIGHUP");
  process.kill(process.pid, "SIGHUP");
};

/** As shells have it: 128 and the number of SIGINT. */
export const interruptedExitCode = 130;

let interrupted = false;

/** What was thrown because a signal has asked this process to stop; streams and timers that abort for reasons of their own are faults. */
export const isOurAbort = (error: unknown): boolean => interrupted && isAbort(error);

/** Listens for Ctrl-C until disposed of; `announce` is told `advice` at the first, and that the second kills. */
export function listenForInterruption(
  announce: (text: string) => void,
  {
    advice = "stopping at a safe point; Ctrl-C again to stop at once",
    isAtTerminal = hasTerminal(),
    tasksElsewhere = () => 0,
    leave = () => process.exit(interruptedExitCode),
    atExitAfterHangup = endByHangup,
  }: InterruptionOptions = {},
): Interruption {
  const stop = new AbortController();
  const kill = new AbortController();
  const onSignal = (): void => {
    interrupted = true;
    if (kill.signal.aborted) process.exit(interruptedExitCode);
    if (stop.signal.aborted) {
      announce("stopping at once");
      kill.abort();
    } else {
      announce(advice);
      stop.abort();
    }
  };
  let isAsked = false;
  const onAnswer = (text: Buffer): void => {
    process.stdin.off("data", onAnswer).pause();
    isAsked = false;
    if (/^\s*d/i.test(text.toString())) leave();
    else announce("going on");
  };
  const onInterrupt = (): void => {
    const count = stop.signal.aborted ? 0 : tasksElsewhere();
    if (isAsked || count === 0 || !isAtTerminal || process.stdin.isTTY !== true) onSignal();
    else {
      isAsked = true;
      announce(questionOf(count));
      process.stdin.on("data", onAnswer).resume();
    }
  };
  let isHungUp = false;
  const onHangup = (): void => {
    if (!isAtTerminal) return;
    // what is in a queue elsewhere has no part in this terminal: the next run finds it
    if (tasksElsewhere() > 0) {
      leave();
      return;
    }
    if (!isHungUp) process.once("exit", atExitAfterHangup);
    isHungUp = true;
    if (!stop.signal.aborted) onSignal();
  };
  const listeners = { SIGINT: onInterrupt, SIGTERM: onSignal, SIGHUP: onHangup } as const;
  for (const [signal, listener] of Object.entries(listeners)) process.on(signal, listener);
  return {
    stop: stop.signal,
    kill: kill.signal,
    [Symbol.dispose]() {
      for (const [signal, listener] of Object.entries(listeners)) process.off(signal, listener);
      if (isAsked) process.stdin.off("data", onAnswer).pause();
    },
  };
}

const questionOf = (count: number): string =>
  `${count} ${count === 1 ? "task is" : "tasks are"} for Slurm: Ctrl-C again takes them back, d and Enter leaves them there and ends here, Enter goes on`;

/**
 * False under nohup, in a service and in a batch job, which no closing terminal shall end. Node itself undoes that nohup
 * ignores SIGHUP, so it has to be ignored anew.
 */
const hasTerminal = (): boolean => [0, 1, 2].some((descriptor) => isatty(descriptor));
