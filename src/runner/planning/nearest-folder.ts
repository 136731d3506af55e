import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { dirname } from "node:path";

/** The path itself if it is there, else the nearest folder above it that is. */
export async function nearestExisting(path: string): Promise<string> {
  let folder = path;
  while (dirname(folder) !== folder) {
    try {
      await access(folder, constants.F_OK);
      return folder;
    } catch {
      folder = dirname(folder);
    }
  }
  return folder;
}
