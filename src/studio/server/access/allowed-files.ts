/** Which files the browser may name: those of the project, links followed, and those that the command line named. */
import { realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { TomoflowError } from "../../../core/error.ts";

export interface AllowedFiles {
  /**
   * The absolute path of what the browser calls `shown`. Throws `outside-project` for what lies elsewhere, by `..`, by a link, or as an
   * absolute path. What is not there yet may be named where its folder is inside.
   */
  resolve(shown: string): Promise<string>;
  /** Whether an absolute path, links followed, may be shown. */
  isAllowed(path: string): Promise<boolean>;
  /** What the browser calls a path: relative to the project with forward slashes, or absolute for a file named at the start. */
  shown(path: string): string;
}

/** @param root absolute, links followed. @param named absolute paths of files named at the start, wherever they lie */
export function allowedFiles(root: string, named: readonly string[] = []): AllowedFiles {
  const isInside = (real: string): boolean =>
    real === root || real.startsWith(root.endsWith(sep) ? root : root + sep);
  const realNames = Promise.all(named.map(realOf)).then((names) => new Set(names));
  const check = async (path: string): Promise<string | undefined> => {
    const real = await realOf(path);
    return isInside(real) || (await realNames).has(real) ? real : undefined;
  };
  return {
    async resolve(shown) {
      if (shown.includes("\0")) throw outside(shown);
      const path = isAbsolute(shown) ? shown : resolve(root, shown);
      if ((await check(path)) === undefined) throw outside(shown);
      return path;
    },
    isAllowed: async (path) => (await check(path)) !== undefined,
    shown(path) {
      const below = relative(root, path);
      const leaves = below === ".." || below.startsWith(`..${sep}`) || isAbsolute(below);
      return leaves ? path : below.split(sep).join("/");
    },
  };
}

/** Links followed as far as there is something; the rest as it is written. */
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(await realOf(folder), basename(path));
  }
}

const outside = (shown: string): TomoflowError =>
  new TomoflowError("outside-project", `${shown} is not in the folder that the studio was started for`, {
    hint: "start the studio in a folder that holds it, or put a copy into the project",
  });
