import { useEffect, useState } from "react";
import type { ServerMistake } from "../connection/request.ts";
import type { SliceConnection } from "./slice-connection.ts";

export interface VolumeNews {
  /** How much of each volume's cache is there, 0 to 1; what is missing is there. */
  readonly done: ReadonlyMap<string, number>;
  /** What went wrong while slices were read, once each. */
  readonly failures: readonly ServerMistake[];
}

const nothing: VolumeNews = { done: new Map(), failures: [] };

/** What the server tells of the volumes while their slices are looked at. */
export function useSliceNews(source: SliceConnection): VolumeNews {
  const [told, setTold] = useState(nothing);
  useEffect(
    () =>
      source.onNews((news) => {
        if (news.type === "progress")
          setTold((before) => ({ ...before, done: new Map(before.done).set(news.volume, news.done) }));
        if (news.type === "failed")
          setTold((before) =>
            before.failures.some(({ message }) => message === news.error.message)
              ? before
              : { ...before, failures: [...before.failures, news.error] },
          );
      }),
    [source],
  );
  return told;
}
