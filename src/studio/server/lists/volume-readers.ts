/** Volumes that galleries and snapping read from, kept open for a while: the next request is for the same one. */
import { stat } from "node:fs/promises";
import { explainSystemError } from "../../../core/error.ts";
import { openVolume } from "../../../volume/formats.ts";
import type { VolumeReader } from "../../../volume/volume.ts";
import { findGreyRange, type GreyRange } from "./gallery.ts";

export interface LentVolume {
  readonly reader: VolumeReader;
  /** Black and white where the browser says none. */
  range(): Promise<GreyRange>;
}

interface Kept {
  readonly mark: string;
  readonly reader: Promise<VolumeReader>;
  users: number;
  timer?: NodeJS.Timeout;
  range?: Promise<GreyRange>;
}

const keptFor = 30_000;

export class VolumeReaders {
  readonly #kept = new Map<string, Kept>();

  /** Opens `path` for `work`. @throws what `openVolume` and `work` throw */
  async use<T>(path: string, work: (volume: LentVolume) => Promise<T>): Promise<T> {
    const kept = await this.#open(path);
    kept.users++;
    clearTimeout(kept.timer);
    try {
      const reader = await kept.reader;
      return await work({
        reader,
        range: () => {
          kept.range ??= findGreyRange(reader);
          return kept.range;
        },
      });
    } finally {
      kept.users--;
      if (kept.users === 0) this.#expire(path, kept);
    }
  }

  async close(): Promise<void> {
    const all = [...this.#kept.entries()];
    this.#kept.clear();
    await Promise.all(all.map(([, kept]) => closeReader(kept)));
  }

  async #open(path: string): Promise<Kept> {
    const { size, mtimeMs } = await stat(path).catch((error) => {
      throw explainSystemError(error, path);
    });
    const mark = `${size} ${mtimeMs}`;
    const known = this.#kept.get(path);
    if (known?.mark === mark) return known;
    const kept: Kept = { mark, reader: openVolume(path), users: 0 };
    kept.reader.catch(() => this.#kept.delete(path));
    this.#kept.set(path, kept);
    if (known?.users === 0) await closeReader(known);
    return kept;
  }

  #expire(path: string, kept: Kept): void {
    const isOld = this.#kept.get(path) !== kept;
    kept.timer = setTimeout(
      () => {
        if (kept.users > 0) return;
        if (!isOld) this.#kept.delete(path);
        void closeReader(kept);
      },
      isOld ? 0 : keptFor,
    );
    kept.timer.unref();
  }
}

async function closeReader({ reader, timer }: Kept): Promise<void> {
  clearTimeout(timer);
  await reader.then((open) => open.close()).catch(() => undefined);
}
