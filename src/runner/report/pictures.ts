/** The pictures that steps wrote, as data to be put into a page. */
import { readFile, stat } from "node:fs/promises";
import { isFolderOutput } from "../../schema/folder-ports.ts";
import { holdingOf, type OutputPort } from "../../schema/step-description.ts";
import type { Project } from "../project.ts";
import { toProjectPath } from "../store/layout.ts";
import { mediaTypeOf } from "./media-type.ts";

export interface ReportPicture {
  /** `train.curves` */
  readonly name: string;
  readonly description: string;
  /** Relative to the workflow's folder where it lies inside. */
  readonly path: string;
  /** Drawn for a whole line of the page. */
  readonly broad: boolean;
  /** `data:…;base64,…` */
  readonly data?: string;
  /** Why there is none. */
  readonly leftOut?: string;
}

/** Of files that do not say what they hold: those that are called as pictures are. */
const pictureName = /\.(svg|png|jpe?g|webp)$/i;

const isPicture = (port: OutputPort): boolean => {
  if (isFolderOutput(port)) return false;
  const holds = holdingOf(port);
  return holds === undefined ? pictureName.test(port.file) : holds === "picture";
};

/** Bytes; a page of many larger ones would not open well. */
const largestPicture = 4 * 2 ** 20;
const mostPictures = 60;

/** In the order of the tasks; a picture that is not there is passed over. */
export async function readPictures({ graph, layout }: Project): Promise<readonly ReportPicture[]> {
  const wanted = graph.tasks.flatMap((task) =>
    task.ports.outputs.filter(isPicture).map(({ name, description }) => ({
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
      pictures.push({ ...entry, leftOut: "too large to be put in here" });
      continue;
    }
    const content = await readFile(path);
    const type = mediaTypeOf(content);
    if (type === undefined) {
      pictures.push({ ...entry, leftOut: "no SVG, PNG, JPEG or WebP, which are all that a page can show" });
      continue;
    }
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
