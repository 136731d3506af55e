/**
 * What a head has moved into the cache of the outputs of an attempt, noted in the attempt's folder before each is moved: a head that
 * comes after it, killed meanwhile, knows what they were. Of folders nothing is noted: what is left of one is made again.
 */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Content } from "../store/content.ts";
import { writeDurably } from "../store/durable.ts";
import { isRecord, isSha256 } from "../store/record-shapes.ts";
import type { Store } from "../store/store.ts";

export interface TakenOutputs {
  /** What an output was that is not there any more, where the cache has it. */
  find(port: string, path: string): Promise<Content | undefined>;
  note(port: string, content: Content): Promise<void>;
}

/** @param attempt folder of the attempt, absolute */
export function takenOutputs(attempt: string, store: Pick<Store, "isSound">): TakenOutputs {
  const noteOf = (port: string) => join(attempt, ".job", `taken-${port}.json`);
  return {
    async find(port, path) {
      if ((await stat(path).catch(() => undefined)) !== undefined) return undefined;
      const content = await readNote(noteOf(port));
      return content && (await store.isSound(content)) ? content : undefined;
    },
    note: (port, content) => writeDurably(noteOf(port), JSON.stringify(content)),
  };
}

async function readNote(path: string): Promise<Content | undefined> {
  try {
    const content: unknown = JSON.parse(await readFile(path, "utf8"));
    return isRecord(content) && isSha256(content.sha256) && Number.isSafeInteger(content.size)
      ? (content as unknown as Content)
      : undefined;
  } catch {
    return undefined;
  }
}
