/**
 * How much detail slices are asked for in while they go by. Each slice that is left before it was complete makes the next ones coarser by a
 * level, so that they come in time over whatever connection; a few in a row that were complete make them finer again.
 */
export interface Hurry {
  /** The cross-hair or the view moved, soon after the move before. @param complete whether all that was asked for was there */
  moved(complete: boolean): void;
  /** Nothing moves any more. */
  rests(): void;
  /** Levels coarser than the screen could show. */
  levels(): number;
}

const mostLevels = 4;

/** Complete slices in a row after which it is tried finer. */
const calm = 8;

export function createHurry(): Hurry {
  let levels = 0;
  let inTime = 0;
  return {
    moved: (complete) => {
      inTime = complete ? inTime + 1 : 0;
      if (!complete) levels = Math.min(mostLevels, levels + 1);
      else if (inTime >= calm) {
        levels = Math.max(0, levels - 1);
        inTime = 0;
      }
    },
    rests: () => {
      levels = 0;
      inTime = 0;
    },
    levels: () => levels,
  };
}
