/** Keeps results, which can be gigabytes, out of git: lines of a .gitignore beside the workflow. The lock file stays in. */
import { appendFileSync, lstatSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** What tomoflow writes beside a workflow. */
const wanted = ["/results/", "/.tomoflow/"] as const;

export interface IgnoredResults {
  readonly file: string;
  readonly lines: readonly string[];
  readonly isNew: boolean;
}

/**
 * Adds what is missing to the folder's .gitignore, at its end, and leaves what is there as it is. Undefined where nothing is
 * missing, and where the file is not to be touched: a link, or no file at all.
 */
export function ignoreResults(folder: string): IgnoredResults | undefined {
  const file = join(folder, ".gitignore");
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (stats && !stats.isFile()) return undefined;
  const before = stats ? readFileSync(file, "utf8") : "";
  const lines = wanted.filter((line) => !isListed(before, line));
  if (lines.length === 0) return undefined;
  const end = /\r\n/.test(before) ? "\r\n" : "\n";
  const heading = `# tomoflow: what it computes; the lock files (*.lock.yaml) belong into git${end}`;
  const gap = before === "" ? "" : `${before.endsWith("\n") ? "" : end}${end}`;
  appendFileSync(file, gap + heading + lines.map((line) => line + end).join(""));
  return { file, lines, isNew: before === "" };
}

/** Also as `results`, `results/` or `/results`; a line with ! in front was someone's own decision. */
const isListed = (text: string, wantedLine: string): boolean =>
  text.split(/\r?\n/).some((line) => nameOf(line) === nameOf(wantedLine));

const nameOf = (line: string): string =>
  line
    .trim()
    .replace(/^!?\/?/, "")
    .replace(/\/\*{0,2}$/, "");

/** In words, for who has just called `tomoflow init`. */
export const describeIgnored = ({ file, lines, isNew }: IgnoredResults): string => {
  const shown = relative(process.cwd(), file) || file;
  const names = lines.map((line) => line.slice(1)).join(" and ");
  return `${shown} ${isNew ? "written" : "extended"}: git ignores ${names}`;
};
