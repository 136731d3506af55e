import { useState } from "react";
import type { Comparison } from "../../protocol/list-tools.ts";
import { request } from "../connection/request.ts";
import type { ShownClass } from "../viewer/viewer-props.ts";

export interface Comparing {
  readonly truth: string;
  readonly comparison: Comparison | null;
  readonly fault: unknown;
  setTruth(path: string): void;
  compare(): Promise<void>;
}

interface ComparedList {
  readonly list: string;
  readonly classes: readonly ShownClass[];
  readonly rankBy: "score" | "size";
  /** Id of the tomogram's row, for lists of several. */
  readonly tomogramId?: string;
  readonly tomogramIndex?: number;
}

/** A comparison of the list under review with a truth, made when asked for. */
export function useComparison(
  start: string,
  { list, classes, rankBy, tomogramId, tomogramIndex }: ComparedList,
): Comparing {
  const [truth, setTruth] = useState(start);
  const [comparison, show] = useState<Comparison | null>(null);
  const [fault, tell] = useState<unknown>(null);
  return {
    truth,
    comparison,
    fault,
    setTruth: (path) => {
      setTruth(path);
      show(null);
      tell(null);
    },
    compare: async () => {
      try {
        const radii = Object.fromEntries(classes.map(({ label, radius }) => [label, radius]));
        const body = {
          ...{ list, mode: "review", truth: truth.trim(), radii, rankBy },
          ...(tomogramId !== undefined && { tomogramId }),
          ...(tomogramIndex !== undefined && { tomogramIndex }),
        };
        show(await request<Comparison>("/api/lists/compare", { body }));
        tell(null);
      } catch (thrown) {
        tell(thrown);
      }
    },
  };
}
