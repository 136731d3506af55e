/**
 * Reads mistakes and their messages out of a Markdown page: `### title`, a ```diff or ```yaml block, a ```text block.
 * Sections with a ```sh block are typed by `typed-mistakes.ts`.
 */
import { readFileSync } from "node:fs";

export interface MistakeCase {
  readonly title: string;
  /** The whole workflow with the mistake in it. */
  readonly workflow: string;
  /** What tomoflow answers, as shown to the user. */
  readonly expected: string;
}

/** The cases of a page; `good` is the workflow that the diffs change. Throws where a diff does not fit. */
export function readMistakeCases(page: string, good: string): MistakeCase[] {
  const sections = readFileSync(page, "utf8").split(/^### /m).slice(1);
  return sections.flatMap((section) => {
    const title = section.split("\n", 1)[0];
    const change = /```(diff|yaml)\n(.*?)```/s.exec(section);
    const expected = /```text\n(.*?)```/s.exec(section);
    if (!change || !expected || section.includes("```sh")) return [];
    const workflow = change[1] === "yaml" ? change[2] : applyDiff(good, change[2], title);
    return [{ title, workflow, expected: expected[1].trimEnd() }];
  });
}

/** Throws where the diff does not fit. */
export function applyDiff(good: string, diff: string, title: string): string {
  return diff
    .trimEnd()
    .split(/^@@$\n/m)
    .reduce((text, hunk) => applyHunk(text, hunk, title), good);
}

function applyHunk(text: string, hunk: string, title: string): string {
  const lines = hunk.trimEnd().split("\n");
  const linesOf = (marks: string) =>
    lines
      .filter((line) => marks.includes(line[0]))
      .map((line) => `${line.slice(1)}\n`)
      .join("");
  const before = linesOf(" -");
  if (!text.includes(before)) throw new Error(`${title}: the workflow has no lines\n${before}`);
  return text.replace(before, () => linesOf(" +"));
}
