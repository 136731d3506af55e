import type { ResultFile } from "../../../protocol/workflow.ts";
import { lookAddress } from "../../look/look-address.ts";
import { routeTo } from "../../shell/route.ts";

export interface FilesAround {
  readonly files: readonly ResultFile[];
  readonly rows: readonly { readonly id: string; readonly tomogram: string | null }[];
}

/** Where Look shows a result: with the tomogram of its row, and what else there is of it. Undefined for what cannot be looked at. */
export function lookOfFile(file: ResultFile, { files, rows }: FilesAround): string | undefined {
  const { kind, row, path } = file;
  if (kind !== "volume" && kind !== "labels" && kind !== "objects") return undefined;
  const tomogram =
    files.find((each) => row !== undefined && each.row === row && /^(tomogram|volume)$/.test(each.port))
      ?.path ??
    rows.find(({ id }) => id === row)?.tomogram ??
    null;
  if (kind === "volume") return lookAddress({ volume: path });
  // a list without a tomogram has nothing to lie over
  if (tomogram === null) return kind === "labels" ? lookAddress({ volume: path, labels: path }) : undefined;
  return lookAddress({ volume: tomogram, ...(kind === "labels" ? { labels: path } : { objects: path }) });
}

/** Where Review shows a list: over the tomogram that Look shows it with. */
export function reviewOf(look: string): string | undefined {
  const words = new URLSearchParams(look.slice(look.indexOf("?") + 1));
  const [tomogram, list] = [words.get("volume"), words.get("objects")];
  return tomogram && list ? routeTo("review", { tomogram, list }) : undefined;
}
