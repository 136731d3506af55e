/** Bytes by key: a folder of files, and what can stand for one: a bucket, an archive, memory. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { TomoflowError } from "../core/error.ts";
import { type ByteSource, openFileSource } from "./byte-source.ts";

/** What a volume in many pieces is read from. */
export interface ByteFolder {
  /** What messages call it: the path of a folder. */
  readonly name: string;
  /** The bytes at a key such as `0/c/1/2`, to be closed by the caller; undefined where there are none. */
  open(key: string): Promise<ByteSource | undefined>;
  /** May be called twice. */
  close(): Promise<void>;
}

/** What a volume is read from: one piece, or many by key. */
export type VolumeSource = ByteSource | ByteFolder;

export const isByteFolder = (source: VolumeSource): source is ByteFolder => "open" in source;

/** The files in and below a folder, by their paths inside it. `open` throws `key-outside` for a key that leads out. */
export const openFolderSource = (path: string): ByteFolder => ({
  name: path,
  open: async (key) => {
    if (!isInside(key))
      throw new TomoflowError("key-outside", `${path} names a part of itself ${JSON.stringify(key)}`, {
        hint: "the parts of a volume lie in its own folder: make it again with the program that it is from",
      });
    const part = join(path, key);
    return (await isThere(part)) ? openFileSource(part) : undefined;
  },
  close: async () => {},
});

/** Keys come from what a file says of itself. */
const isInside = (key: string): boolean =>
  !key.includes("\\") && key.split("/").every((part) => part !== "" && part !== "." && part !== "..");

/** Not for what cannot be looked at: `openFileSource` tells why. */
async function isThere(path: string): Promise<boolean> {
  try {
    return !(await stat(path)).isDirectory();
  } catch (error) {
    return !["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
  }
}
