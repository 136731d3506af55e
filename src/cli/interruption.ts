import { writeErrorLine } from "./output.ts";

export interface Interruption extends Disposable {
  /** Aborted by the first Ctrl-C (SIGINT) or SIGTERM: stop at a safe point. */
  readonly stop: AbortSignal;
  /** Aborted by the second: stop at once. */
  readonly kill: AbortSignal;
}

/** Listens for Ctrl-C until disposed of; `advice` is what the first one prints. */
export function listenForInterruption(advice: string): Interruption {
  const stop = new AbortController();
  const kill = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) kill.abort();
    else {
      writeErrorLine(`\n${advice}`);
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
