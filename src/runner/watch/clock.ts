/** Time as `watch` sees it, so that its tests need not wait. */
export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Calls `action` once after so many milliseconds; returns what takes that back. */
  after(milliseconds: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, action) {
    const timer = setTimeout(action, milliseconds);
    return () => clearTimeout(timer);
  },
};
