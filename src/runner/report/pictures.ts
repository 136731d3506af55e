/** The pictures that steps wrote, as data to be put into a page. */
import { readFile, stat } from "node:fs/promises";
import { extname } from "node:path";
import type { Project } from "../project.ts";
import { toProjectPath } from "../store/layout.ts";

export interface ReportPicture {
  /** `train.curves` */
  readonly name: string;
  readonly description: string;
  /** Relative to the workflow's folder where it lies inside. */
  readonly path: string;
  /** Drawn for a whole line of the page. */
  readonly broad: boolean;
  /** `data:…;base64,…`; absent for a picture that was left out because it is too large. */
  readonly data?: string;
}

const mediaTypes: Readonly<Record<string, string>> = {
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".webp": "image/webp",
};

/** Bytes; a page of many larger ones would not open well. */
const largestPicture = 4 * 2 ** 20;
const mostPictures = 60;

/** In the order of the tasks; a picture that is not there is passed over. */
export async function readPictures({ graph, layout }: Project): Promise<readonly ReportPicture[]> {
  const wanted = graph.tasks.flatMap((task) =>
    task.ports.outputs
      .filter(({ file }) => extname(file).toLowerCase() in mediaTypes)
      .map(({ name, description }) => ({
        name: `${task.id}.${name}`,
        description,
        path: task.binding.outputs[name]!,
      })),
  );
  const pictures: ReportPicture[] = [];
  for (const { name, description, path } of wanted.slice(0, mostPictures)) {
    const size = (await stat(path).catch(() => undefined))?.size;
    if (size === undefined) continue;
    const entry = { name, description, path: toProjectPath(layout, path), broad: false };
    if (size > largestPicture) {
      pictures.push(entry);
      continue;
    }
    const content = await readFile(path);
    const type = mediaTypes[extname(path).toLowerCase()];
    const data = `data:${type};base64,${content.toString("base64")}`;
    pictures.push({ ...entry, broad: type === "image/svg+xml" && isBroad(content.toString("utf8")), data });
  }
  return pictures;
}

/** By the width that the picture gives itself, pixels. */
function isBroad(svg: string): boolean {
  const [, width] = /^[^<]*(?:<\?[^>]*>\s*)?<svg\b[^>]*?\swidth="(\d+)/.exec(svg) ?? [];
  return Number(width ?? 0) >= 900;
}
