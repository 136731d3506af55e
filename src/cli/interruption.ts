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
  let isHungUp = false;
  const onHangup = (): void => {
    if (!isAtTerminal) return;
    if (!isHungUp) process.once("exit", atExitAfterHangup);
    isHungUp = true;
    if (!stop.signal.aborted) onSignal();
  };
  const listeners = { SIGINT: onSignal, SIGTERM: onSignal, SIGHUP: onHangup } as const;
  for (const [signal, listener] of Object.entries(listeners)) process.on(signal, listener);
  return {
    stop: stop.signal,
    kill: kill.signal,
    [Symbol.dispose]() {
      for (const [signal, listener] of Object.entries(listeners)) process.off(signal, listener);
    },
  };
}

/**
 * False under nohup, in a service and in a batch job, which no closing terminal shall end. Node itself undoes that nohup
 * ignores SIGHUP, so it has to be ignored anew.
 */
const hasTerminal = (): boolean => [0, 1, 2].some((descriptor) => isatty(descriptor));
