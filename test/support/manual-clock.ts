import type { Clock } from "../../src/runner/watch/clock.ts";

export interface ManualClock extends Clock {
  /** Lets so many milliseconds pass: every action due in them is done, and what it started has settled. */
  advance(milliseconds: number): Promise<void>;
}

/** A clock that stands still until it is told. */
export function manualClock(): ManualClock {
  let time = 0;
  const waiting = new Set<{ readonly due: number; readonly action: () => void }>();
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    now: () => time,
    after(milliseconds, action) {
      const entry = { due: time + milliseconds, action };
      waiting.add(entry);
      return () => void waiting.delete(entry);
    },
    async advance(milliseconds) {
      const end = time + milliseconds;
      await settled();
      for (;;) {
        const [next] = [...waiting].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due);
        if (!next) break;
        time = Math.max(time, next.due);
        waiting.delete(next);
        next.action();
        await settled();
      }
      time = end;
    },
  };
}
