/** `tomoflow objects count`. */
import type { Command } from "commander";
import type { ObjectList } from "../../objects/object-list.ts";
import { countByLabel } from "../../objects/operations/combine.ts";
import { formatTable, writeJson, writeLine } from "../output.ts";
import { readList } from "./flags.ts";

interface FileCount {
  readonly file: string;
  readonly total: number;
  readonly classes: Readonly<Record<string, number>>;
}

export function registerObjectCounting(objects: Command): void {
  objects
    .command("count")
    .description("Count the objects of each class.")
    .argument("<inputs...>", "object lists")
    .option("--json", "print as JSON")
    .addHelpText("after", "\nExample:\n  tomoflow objects count t0.xml t1.xml")
    .action(countFiles);
}

async function countFiles(inputs: readonly string[], { json }: { json?: boolean }): Promise<void> {
  const counts: FileCount[] = [];
  for (const input of inputs) counts.push(countList(input, await readList(input)));
  if (json) writeJson(counts);
  else writeLine(tableOf(counts));
}

const countList = (file: string, list: ObjectList): FileCount => ({
  file,
  total: list.length,
  classes: Object.fromEntries(countByLabel(list)),
});

/** A row a file, a column a class, and the sums below when there are several files. */
function tableOf(counts: readonly FileCount[]): string {
  const labels = [...new Set(counts.flatMap(({ classes }) => Object.keys(classes)))].sort(
    (a, b) => Number(a) - Number(b),
  );
  const rowOf = ({ file, total, classes }: FileCount) => [
    file,
    ...labels.map((label) => String(classes[label] ?? 0)),
    String(total),
  ];
  const sum = (of: (one: FileCount) => number) => counts.reduce((total, one) => total + of(one), 0);
  const all: FileCount = {
    file: "all",
    total: sum(({ total }) => total),
    classes: Object.fromEntries(labels.map((label) => [label, sum(({ classes }) => classes[label] ?? 0)])),
  };
  const rows = counts.length > 1 ? [...counts, all] : counts;
  return formatTable(rows.map(rowOf), {
    header: ["file", ...labels.map((label) => `class ${label}`), "total"],
    align: ["left", ...labels.map(() => "right" as const), "right"],
  });
}
