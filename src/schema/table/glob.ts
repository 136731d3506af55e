/** Finds files by a pattern: `*` and `?` within a name, `[abc]`, `{a,b}`, and `**` for any number of folders. */
import { readdir } from "node:fs/promises";
import { isAbsolute, join, sep } from "node:path";

/** Paths of the files that match, sorted by name with numbers in order; relative to `folder` unless the pattern is absolute. */
export async function findFiles(pattern: string, folder: string): Promise<string[]> {
  const parts = pattern.split("/").filter((part) => part !== "" && part !== ".");
  const start = isAbsolute(pattern) ? sep : "";
  const found = await walk(start, parts, folder);
  return [...new Set(found)].sort(new Intl.Collator("en", { numeric: true }).compare);
}

async function walk(at: string, parts: readonly string[], folder: string): Promise<string[]> {
  const [part, ...rest] = parts;
  const entries = await entriesOf(isAbsolute(at) ? at : join(folder, at));
  if (part === "**") {
    const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
    const deeper = folders.map((entry) => walk(join(at, entry.name), parts, folder));
    const here = rest.length > 0 ? walk(at, rest, folder) : walk(at, ["*"], folder);
    return (await Promise.all([here, ...deeper])).flat();
  }
  if (part === "..") return walk(join(at, ".."), rest, folder);
  const matches = namePattern(part);
  const hidden = part.startsWith(".");
  const named = entries.filter(({ name }) => matches.test(name) && (hidden || !name.startsWith(".")));
  if (rest.length === 0)
    return named
      .filter((entry) => !entry.isDirectory() || entry.name.endsWith(".zarr"))
      .map(({ name }) => join(at, name));
  return (await Promise.all(named.map(({ name }) => walk(join(at, name), rest, folder)))).flat();
}

async function entriesOf(path: string) {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** The regular expression of one part of the pattern. */
function namePattern(part: string): RegExp {
  let depth = 0;
  const source = part.replace(/\[[^\]/]+\]|[*?{},]|[.+^$()|\\[\]]/g, (token) => {
    if (token === "*") return "[^/]*";
    if (token === "?") return "[^/]";
    if (token === "{") return depth++ === 0 ? "(?:" : "\\{";
    if (token === "}") return depth > 0 && --depth === 0 ? ")" : "\\}";
    if (token === ",") return depth > 0 ? "|" : ",";
    if (token.length > 1) return token.replace(/^\[!/, "[^").replaceAll("\\", "\\\\");
    return `\\${token}`;
  });
  try {
    return new RegExp(`^${source}$`, "u");
  } catch {
    return /^(?!)/;
  }
}
