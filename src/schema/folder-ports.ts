/** Outputs that are folders: their name ends with a slash, `frames/`. */
import { join } from "node:path";
import type { OutputPort } from "./step-description.ts";

export const isFolderOutput = ({ file }: Pick<OutputPort, "file">): boolean => /[^/\\]\/+$/.test(file);

/** Where the output goes, without the slash. */
export const outputPath = (folder: string, { file }: Pick<OutputPort, "file">): string =>
  join(folder, file.replace(/\/+$/, ""));
