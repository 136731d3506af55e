/** What files named together are: tomograms, a label map of one, object lists. */
import { extname } from "node:path";
import { objectFormats } from "../../../objects/object-formats.ts";
import { openVolume } from "../../../volume/formats.ts";
import { sampleVolume } from "./sample.ts";

export interface SortedFiles {
  readonly volumes: readonly string[];
  readonly labels: readonly string[];
  readonly objects: readonly string[];
}

/** Whole numbers from 0 on, and so few of them, are labels. */
const mostLabels = 64;

/** The first volume is a tomogram whatever it holds. Throws what `openVolume` throws. @param paths absolute */
export async function sortFiles(paths: readonly string[]): Promise<SortedFiles> {
  const [volumes, labels, objects]: [string[], string[], string[]] = [[], [], []];
  for (const path of paths)
    if (isObjectListName(path)) objects.push(path);
    else if (volumes.length > 0 && (await isLabelMap(path))) labels.push(path);
    else volumes.push(path);
  return { volumes, labels, objects };
}

/** An EM file may be a motivelist as well: named among volumes it is one. */
const isObjectListName = (path: string): boolean =>
  extname(path).toLowerCase() !== ".em" &&
  objectFormats.some(({ extensions }) => extensions.includes(extname(path).toLowerCase()));

async function isLabelMap(path: string): Promise<boolean> {
  const reader = await openVolume(path);
  try {
    const { labels } = await sampleVolume(reader);
    return labels.length > 0 && labels.length <= mostLabels;
  } finally {
    await reader.close();
  }
}
