/** Pictures of objects for the gallery: asked for many at once, only those in sight, kept for when they come back. */
import type { GalleryRequest } from "../../protocol/list-tools.ts";
import type { ListedObject } from "../../protocol/lists.ts";
import { RequestError, readMistakes } from "../connection/request.ts";

export type PictureLook = Pick<GalleryRequest, "side" | "slices" | "plane" | "range">;

/** Square pictures, `side` × `side` grey values, rows first. */
export interface Thumbnails {
  get(object: ListedObject): Uint8Array | undefined;
  /** Those that are in sight now; others that were asked for are given up. */
  want(objects: readonly ListedObject[]): void;
  close(): void;
}

/** Pictures of one answer: few enough that the first come soon. */
const batch = 48;
/** Pictures that are kept. */
const mostKept = 4000;

export function createThumbnails(
  { tomogram, look }: { readonly tomogram: string; readonly look: PictureLook },
  { onChange, onFault }: { onChange(): void; onFault(thrown: unknown): void },
): Thumbnails {
  const kept = new Map<string, Uint8Array>();
  let wanted: readonly ListedObject[] = [];
  let running: AbortController | undefined;
  let isClosed = false;

  async function load(): Promise<void> {
    const missing = wanted.filter((object) => !kept.has(keyOf(object))).slice(0, batch);
    if (missing.length === 0 || isClosed) return;
    running = new AbortController();
    try {
      const pictures = await fetchPictures(
        { tomogram, ...look, points: missing.map(placeOf) },
        running.signal,
      );
      const size = look.side * look.side;
      missing.forEach((object, index) => {
        kept.set(keyOf(object), pictures.subarray(index * size, (index + 1) * size));
      });
      for (const key of kept.keys()) if (kept.size > mostKept) kept.delete(key);
      running = undefined;
      onChange();
      await load();
    } catch (thrown) {
      running = undefined;
      if ((thrown as Error).name !== "AbortError") onFault(thrown);
    }
  }

  return {
    get: (object) => kept.get(keyOf(object)),
    want: (objects) => {
      wanted = objects;
      if (!running) void load();
    },
    close: () => {
      isClosed = true;
      running?.abort();
    },
  };
}

const keyOf = ({ x, y, z }: ListedObject): string => `${x} ${y} ${z}`;
const placeOf = ({ x, y, z }: ListedObject) => ({ x, y, z });

async function fetchPictures(body: GalleryRequest, signal: AbortSignal): Promise<Uint8Array> {
  const response = await fetch("/api/lists/gallery", {
    method: "POST",
    signal,
    credentials: "same-origin",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok)
    throw new RequestError(response.status, readMistakes(response.status, await response.text()));
  return new Uint8Array(await response.arrayBuffer());
}
