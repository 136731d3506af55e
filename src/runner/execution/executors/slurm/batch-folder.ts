/** Looks into the folder of a batch from time to time, once for all its tasks: which elements have started and ended. */
import { readdir } from "node:fs/promises";

export interface BatchFolder {
  hasStarted(element: number): boolean;
  hasEnded(element: number): boolean;
  /** Told after each look that found something new. Returns how to stop. */
  watch(onNews: () => void): () => void;
}

const lookMilliseconds = 1000;

export function watchBatchFolder(folder: string): BatchFolder {
  const listeners = new Set<() => void>();
  let names: ReadonlySet<string> = new Set();
  let isLooking = false;
  const look = async (): Promise<void> => {
    const found = new Set(await readdir(folder).catch(() => [] as string[]));
    const isNew = found.size !== names.size;
    names = found;
    if (isNew) for (const tell of [...listeners]) tell();
    isLooking = listeners.size > 0;
    if (isLooking) setTimeout(() => void look(), lookMilliseconds);
  };
  return {
    hasStarted: (element) => names.has(`started-${element}`),
    hasEnded: (element) => names.has(`ended-${element}`),
    watch(onNews) {
      listeners.add(onNews);
      if (!isLooking) void look();
      isLooking = true;
      return () => {
        listeners.delete(onNews);
      };
    },
  };
}
