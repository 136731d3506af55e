/** docs/tutorial.md as a program: what a reader saves and types, in its order. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "./source-tree.ts";

export interface Tutorial {
  /** What the reader saves as workflow.yaml. */
  readonly workflow: string;
  /** Every line that is typed, browser and installation left out. */
  readonly commands: readonly string[];
  /** What the page shows of the answers. */
  readonly answers: readonly string[];
}

/** The browser's are driven by tests of their own; the program is there already. */
const notTyped = /^(npm install -g|tomoflow (annotate|view|studio)\b)/;

export function readTutorial(): Tutorial {
  const text = readFileSync(join(repositoryRoot, "docs", "tutorial.md"), "utf8");
  const blocks = (language: string): string[] =>
    [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))].map(([, block]) => block!);
  const [workflow] = blocks("yaml");
  const typed = blocks("sh").flatMap((block) => block.trim().split("\n"));
  return {
    workflow: workflow!,
    commands: typed.filter((line) => !notTyped.test(line)),
    answers: blocks("text"),
  };
}
