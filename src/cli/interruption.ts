import { exitCode } from "./exit-code.ts";

export interface Interruption extends Disposable {
  /** Aborted by the first Ctrl-C (SIGINT) or SIGTERM: stop at a safe point. */
  readonly stop: AbortSignal;
  /** Aborted by the second: stop at once. A third ends the process, whatever it is waiting for. */
  readonly kill: AbortSignal;
}

/** Listens for Ctrl-C until disposed of; `announce` is told `advice` at the first, and that the second kills. */
export function listenForInterruption(
  announce: (text: string) => void,
  advice = "stopping at a safe point; Ctrl-C again to stop at once",
): Interruption {
  const stop = new AbortController();
  const kill = new AbortController();
  const onSignal = (): void => {
    if (kill.signal.aborted) process.exit(exitCode.interrupted);
    if (stop.signal.aborted) {
      announce("stopping at once");
      kill.abort();
    } else {
      announce(advice);
      stop.abort();
    }
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    stop: stop.signal,
    kill: kill.signal,
    [Symbol.dispose]() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
