/**
 * The caches of slices of a project, a folder for each content and way of coding, under `.tomoflow/cache/slices`. Made in a folder beside
 * that takes its name when it is whole, so that one that was broken off is never read.
 */
import { mkdir, rename, rm, statfs, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TomoflowError } from "../../../core/error.ts";
import { canonicalJson, sha256 } from "../../../core/hash.ts";
import { StatCache } from "../../../runner/index.ts";
import type { Shape3 } from "../../../volume/volume.ts";
import { cubeBytes, cubeCounts, levelsOf } from "./cubes.ts";
import { type PyramidBuilder, pyramidBuilder } from "./pyramid-builder.ts";
import type { PyramidJob } from "./pyramid-thread.ts";

/** Raised when the files mean something else. */
const version = 2;

export interface PyramidRequest extends Omit<PyramidJob, "folder"> {
  readonly shape: Shape3;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
}

export interface PyramidStore {
  /** The folder with the cache, made where it is not there yet; undefined where the disk has no room for it. */
  provide(request: PyramidRequest): Promise<string | undefined>;
  close(): Promise<void>;
}

/** @param folder of the caches. @param statCache file that remembers the hashes of contents */
export async function openPyramidStore(folder: string, statCache: string): Promise<PyramidStore> {
  const contents = await StatCache.open(statCache);
  const builder = pyramidBuilder();
  // one at a time: two would read the disk by turns
  let last: Promise<unknown> = Promise.resolve();
  const make = async (request: PyramidRequest): Promise<string | undefined> => {
    const content = await contents.contentOf(request.path);
    request.signal.throwIfAborted();
    if (content === undefined) return undefined;
    const { dataset, coding, isLabels, shape } = request;
    const place = join(
      folder,
      sha256(canonicalJson({ version, content: content.sha256, dataset, coding, isLabels })),
    );
    if (await touch(place)) return place;
    if (!(await hasRoom(folder, shape))) return undefined;
    const isSame = async (): Promise<boolean> =>
      (await contents.contentOf(request.path))?.sha256 === content.sha256;
    return build(request, { place, isSame, builder });
  };
  return {
    provide(request) {
      const next = last.then(() => make(request));
      last = next.catch(() => undefined);
      return next;
    },
    async close() {
      await last;
      await Promise.all([contents.close(), builder.close()]);
    },
  };
}

const changed = (path: string): TomoflowError =>
  new TomoflowError("file-changed", `${path} was written while its slices were prepared`, {
    hint: "open it again when it is whole",
  });

/** The folder's time says when it was last of use, for `gc`. */
async function touch(place: string): Promise<boolean> {
  const now = new Date();
  return utimes(join(place, "whole"), now, now)
    .then(() => utimes(place, now, now))
    .then(
      () => true,
      () => false,
    );
}

export function pyramidBytes(shape: Shape3): number {
  let cubes = 0;
  for (let level = 0; level < levelsOf(shape); level++)
    cubes += cubeCounts(shape, level).reduce((product, count) => product * count, 1);
  return cubes * cubeBytes;
}

/** A tenth is left to others. */
async function hasRoom(folder: string, shape: Shape3): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  return pyramidBytes(shape) < bavail * bsize * 0.9;
}

interface BuildPlace {
  readonly place: string;
  /** Whether the file has the content that the place is named after. */
  readonly isSame: () => Promise<boolean>;
  readonly builder: PyramidBuilder;
}

async function build(
  { shape: _, signal, onProgress, ...job }: PyramidRequest,
  { place, isSame, builder }: BuildPlace,
): Promise<string> {
  const part = `${place}.part-${process.pid}-${Date.now()}`;
  try {
    await mkdir(part);
    await builder.build({ ...job, folder: part }, { signal, onProgress });
    // a file written meanwhile must not leave its planes under the name of another content
    if (!(await isSame())) throw changed(job.path);
    await writeFile(join(part, "whole"), "");
    await rename(part, place).catch(async (error: NodeJS.ErrnoException) => {
      // another studio was faster
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
    return place;
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}
