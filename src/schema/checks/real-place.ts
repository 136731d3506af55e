/**
 * Where a path really lies, whether anything is there yet or not: with links followed, and in one spelling where the disk
 * takes several for the same (capitals, composed and decomposed letters).
 */
import { lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** Remembers what it has looked at; for one check. */
export function placeFinder(): (path: string) => string {
  const places = new Map<string, string>();
  const folding = new Map<string, boolean>();
  const foldsNames = (folder: string): boolean => {
    const known = folding.get(folder) ?? isFolding(folder);
    folding.set(folder, known);
    return known;
  };
  const find = (path: string, links: number): string => {
    const known = places.get(path);
    if (known !== undefined) return known;
    const above = dirname(path);
    if (above === path) return path;
    const target = links > 0 ? linkTarget(path) : undefined;
    const name = basename(path);
    const place =
      target !== undefined
        ? find(target, links - 1)
        : join(find(above, links), foldsNames(above) ? name.normalize("NFC").toLowerCase() : name);
    places.set(path, place);
    return place;
  };
  return (path) => find(resolve(path), mostLinks);
}

/** As the system follows at most. */
const mostLinks = 40;

function linkTarget(path: string): string | undefined {
  try {
    if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return undefined;
    return resolve(realpathSync(dirname(path)), readlinkSync(path));
  } catch {
    return undefined;
  }
}

/** Whether names in a folder that differ in capitals are the same; of one that is not there yet, in that above. */
function isFolding(folder: string): boolean {
  const name = basename(folder);
  const other = name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase();
  try {
    const own = statSync(folder, { throwIfNoEntry: false });
    if (own === undefined) return dirname(folder) !== folder && isFolding(dirname(folder));
    if (other === name) return false;
    const twin = statSync(join(dirname(folder), other), { throwIfNoEntry: false });
    return twin !== undefined && twin.ino === own.ino && twin.dev === own.dev && !isLinkTo(folder, other);
  } catch {
    return false;
  }
}

/** Two names of which one is a link to the other are two names. */
const isLinkTo = (folder: string, other: string): boolean =>
  [folder, join(dirname(folder), other)].some((path) => lstatSync(path).isSymbolicLink());
