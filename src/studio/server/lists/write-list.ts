/** Writes a list that is open into another file: a copy in another format, or what a review kept. */

import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { TomoflowError } from "../../../core/error.ts";
import type { ObjectFileOptions } from "../../../objects/formats/object-format.ts";
import { inFileOrder } from "../../protocol/list-operations.ts";
import type { WriteAnswer, WriteRequest } from "../../protocol/list-tools.ts";
import type { ListedObject } from "../../protocol/lists.ts";
import { encodeList, replaceFile } from "./list-file.ts";
import { toTomogramObject } from "./listed-objects.ts";

/** What of a request says which objects are kept. */
export type Keeping = Pick<WriteRequest, "keep" | "least" | "rankBy">;

/** @throws TomoflowError `file-exists` unless `overwrite`, `objects-format-unknown`, and explained system errors */
export async function writeListAs(
  path: string,
  objects: Iterable<ListedObject>,
  { options, overwrite, ...keeping }: Keeping & { options: ObjectFileOptions; overwrite?: boolean },
): Promise<WriteAnswer> {
  const all = inFileOrder(objects);
  const kept = all.filter((object) => isKept(object, keeping));
  const { bytes, warnings } = await encodeList(path, kept.map(toTomogramObject), options);
  const isFree = async () => overwrite === true || !(await stat(path).catch(() => undefined));
  const written = (await isFree()) ? await replaceFile(path, bytes, isFree) : undefined;
  if (!written)
    throw new TomoflowError("file-exists", `${basename(path)} is there already`, {
      hint: "choose another name, or say that it shall be replaced",
    });
  return {
    written: kept.length,
    leftOut: all.length - kept.length,
    warnings: warnings.map(({ message }) => message),
  };
}

/** Whoever accepted an object keeps it, whatever its score. */
export function isKept(object: ListedObject, { keep, least, rankBy = "score" }: Keeping): boolean {
  if (object.mark === "accepted" || keep === "all") return true;
  if (object.mark === "rejected" || keep === "accepted") return false;
  const threshold = least?.[String(object.label)];
  const value = rankBy === "score" ? object.score : object.clusterSize;
  return threshold === undefined || (value !== undefined && value >= threshold);
}
