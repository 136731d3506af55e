import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

export const repositoryRoot = join(import.meta.dirname, "../..");

export interface SourceImport {
  /** Path below src/, e.g. `core/result.ts`, or a package's name, e.g. `yaml`, `node:fs`. */
  readonly target: string;
  readonly isPackage: boolean;
  /** `import type`, `export type … from`: gone after compilation. */
  readonly typeOnly: boolean;
  /** `await import()`: loaded when the line runs, not when the module does. */
  readonly lazy: boolean;
}

export interface SourceFile {
  /** Below src/, with forward slashes: `core/result.ts`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly SourceImport[];
}

/** Every TypeScript file under src/ with what it imports. */
export function readSourceTree(): SourceFile[] {
  const source = join(repositoryRoot, "src");
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => name.split("\\").join("/"))
    .sort()
    .map((path) => {
      const text = readFileSync(join(source, path), "utf8");
      return { path, text, imports: importsOf(path, text) };
    });
}

/** The room of a file or import below src/: `core`, `studio/web`, or for a top-level file its name (`worker`). */
export function roomOf(path: string): string {
  const parts = path.split("/");
  if (parts.length === 1) return parts[0].replace(/\.ts$/, "");
  return parts[0] === "studio" ? parts.slice(0, 2).join("/") : parts[0];
}

const staticImport = /^\s*(?:import|export)\s+(type\s)?[^;'"]*?(?:from\s+)?["']([^"']+)["']/gm;
const lazyImport = /(typeof\s+)?\bimport\(\s*["']([^"']+)["']\s*\)/g;

/** Comments removed, so that an import shown in one does not count. */
const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");

export function importsOf(path: string, text: string): SourceImport[] {
  const code = withoutComments(text);
  const imports: SourceImport[] = [];
  for (const [statement, type, specifier] of code.matchAll(staticImport)) {
    if (/^\s*export\s+(?!type\s*[{*]|[{*])/.test(statement)) continue;
    imports.push(describe(path, specifier, { typeOnly: type !== undefined, lazy: false }));
  }
  for (const [, typeQuery, specifier] of code.matchAll(lazyImport))
    imports.push(describe(path, specifier, { typeOnly: typeQuery !== undefined, lazy: true }));
  return imports;
}

function describe(
  path: string,
  specifier: string,
  how: Pick<SourceImport, "typeOnly" | "lazy">,
): SourceImport {
  if (specifier.startsWith("."))
    return { target: posix.join(dirname(path), specifier), isPackage: false, ...how };
  const name = specifier.startsWith("node:")
    ? specifier
    : specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/");
  return { target: name, isPackage: true, ...how };
}

/** What loading `start` loads: files below src/ and packages, following imports that run at once. */
export function loadedAtOnce(tree: readonly SourceFile[], start: string): ReadonlySet<string> {
  const byPath = new Map(tree.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const { target, typeOnly, lazy } of byPath.get(path)?.imports ?? [])
      if (!typeOnly && !lazy) visit(target);
  };
  visit(start);
  return reached;
}
