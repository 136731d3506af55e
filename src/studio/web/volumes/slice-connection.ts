import {
  decodeTile,
  type SliceNews,
  sliceChannel,
  type Tile,
  type TileAddress,
} from "../../protocol/slices.ts";
import type { VolumeAnswer } from "../../protocol/volumes.ts";
import type { StudioSocket } from "../connection/socket.ts";
import type { SliceSource } from "../viewer/slice-source.ts";

export interface SliceConnection extends SliceSource {
  /** Told how much of a volume's cache is there (0 to 1), and what went wrong with a volume. */
  onNews(listener: (news: SliceNews) => void): () => void;
  close(): void;
}

/**
 * Slices over the window's socket; one viewer at a time, since what it does not want any more is given up.
 * @param first a tile that came with the answer to opening a volume: there before anything was asked for, and asked for again at once
 */
export function connectSlices(
  socket: StudioSocket,
  { first: firstFrame }: Pick<VolumeAnswer, "first"> = {},
): SliceConnection {
  const first = firstFrame === undefined ? undefined : decodeTile(bytesOf(firstFrame));
  const tiles = new Set<(tile: Tile) => void>();
  const changes = new Set<(volume: string | null) => void>();
  const news = new Set<(news: SliceNews) => void>();
  let wanted: readonly TileAddress[] = [];
  let arrived = 0;

  const ask = (): void => void socket.send({ channel: sliceChannel, type: "want", tiles: wanted });
  // told once for all that came in this turn: the server sends on meanwhile
  const acknowledge = (): void => {
    if (arrived > 0) socket.send({ channel: sliceChannel, type: "got", tiles: arrived });
    arrived = 0;
  };
  const stop = socket.listen(sliceChannel, {
    onFrame: (frame) => {
      const tile = decodeTile(frame);
      if (arrived++ === 0) queueMicrotask(acknowledge);
      for (const listener of tiles) listener(tile);
    },
    onMessage: (message) => {
      const told = message as unknown as SliceNews;
      for (const listener of news) listener(told);
      if (told.type === "finer") for (const listener of changes) listener(told.volume);
    },
    onOpen: () => {
      arrived = 0;
      if (wanted.length > 0) ask();
      for (const listener of changes) listener(null);
    },
  });
  const join = <T>(set: Set<T>, listener: T): (() => void) => {
    set.add(listener);
    return () => void set.delete(listener);
  };
  return {
    want: (list) => {
      if (list.length === 0 && wanted.length === 0) return;
      wanted = list;
      ask();
    },
    onTile: (listener) => {
      if (first) listener(first);
      return join(tiles, listener);
    },
    onChange: (listener) => {
      if (first) listener(first.address.volume);
      return join(changes, listener);
    },
    onNews: (listener) => join(news, listener),
    close: stop,
  };
}

const bytesOf = (base64: string): ArrayBuffer =>
  Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0)).buffer;
