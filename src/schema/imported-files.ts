/**
 * The files that a user's own module is made of: what it imports by a relative path, and what these import. Found in the
 * text, not by running it: `import … from "./x"`, `import("./x")`, `export … from "./x"`, `require("./x")` and
 * `new URL("./x", import.meta.url)`, for a table or model beside the module. A path that is put together while running
 * is not seen.
 */
import { stat } from "node:fs/promises";
import { dirname, extname, relative, resolve, sep } from "node:path";
import { readRegularFile } from "../core/regular-file.ts";

/** More files than these are no step of one's own. */
const mostFiles = 1000;

const gap = "(?:\\s|/\\*[^*]*\\*/)*";
const relativePath = "([\"'`])(\\.{1,2}/[^\"'`\\n$]+)\\1";
const specifiers = new RegExp(
  `\\b(?:from|import|import${gap}\\(|require${gap}\\(|new${gap}URL${gap}\\()${gap}${relativePath}`,
  "g",
);

/** Endings that `require` and compilers leave out or change. */
const otherNames = (path: string): readonly string[] => [
  path,
  ...[".js", ".mjs", ".cjs", ".json", ".ts", "/index.js"].map((ending) => `${path}${ending}`),
  ...(/\.[cm]?js$/.test(path) ? [path.replace(/js$/, "ts")] : []),
];

/** Absolute path by path from the module's folder, sorted; without the module itself. Never throws. */
export async function importedFiles(module: string): Promise<Readonly<Record<string, string>>> {
  const found = new Set([module]);
  for (const path of found) {
    if (found.size > mostFiles) break;
    if (!/^\.[cm]?[jt]s$/.test(extname(path))) continue;
    const text = await readRegularFile(path).then(String, () => "");
    for (const [, , specifier] of text.matchAll(specifiers)) {
      const file = await existingFile(resolve(dirname(path), specifier!.replace(/[?#].*$/, "")));
      if (file !== undefined) found.add(file);
    }
  }
  found.delete(module);
  const named = [...found].map((path) => [relative(dirname(module), path).split(sep).join("/"), path]) as [
    string,
    string,
  ][];
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function existingFile(path: string): Promise<string | undefined> {
  for (const name of otherNames(path)) {
    const stats = await stat(name).catch(() => undefined);
    if (stats?.isFile()) return name;
  }
  return undefined;
}
