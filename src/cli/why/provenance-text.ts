/** The origin of a file in words, 80 columns wide. */
import { reasonsText } from "../../runner/index.ts";
import type { FileOrigin, Provenance, TracedInput, TracedTask } from "../../runner/provenance/index.ts";
import { count, formatDuration, formatTable, paint, type Style } from "../output.ts";
import { wrapText } from "../wrapping.ts";

/** `full`: every task with its parameters; else only the nearest one, and a line for each before it. */
export function provenanceText(provenance: Provenance, { full }: { readonly full: boolean }): string {
  const [nearest, ...before] = provenance.tasks;
  const blocks = [
    headText(provenance),
    nearest && taskText(nearest),
    ...(full ? before.map(taskText) : [before.length > 0 ? upstreamText(before) : undefined]),
  ];
  return blocks.filter((block) => block !== undefined).join("\n\n");
}

function headText(provenance: Provenance): string {
  const { path, content, readBy } = provenance;
  const files = content?.files === undefined ? "" : `${count(content.files, "file")}, `;
  const what = content ? ` (${files}${sizeText(content.size)}, sha256 ${content.sha256.slice(0, 12)}…)` : "";
  const lines = [`${paint("bold", path)}${what}`, originText(provenance)];
  if (readBy.length > 0) lines.push(...wrapText(`read by ${listText(readBy, 8)}`, ""));
  return lines.join("\n");
}

function originText({ origin, madeBy, home, cached }: Provenance): string {
  const texts: Readonly<Record<FileOrigin, string>> = {
    output: `is the output ${madeBy}`,
    copy: `is a copy of ${home}, the output ${madeBy}`,
    edited: `stands where ${madeBy} belongs, but no task made this content: it was edited`,
    missing: `is not there; it was the output ${madeBy}`,
    earlier: `is an earlier result of the step kind ${cached?.kind} (version ${cached?.version}, tomoflow ${cached?.tomoflow}), of which no lock tells any more`,
    source: "is an input: no task made it",
  };
  return wrapText(texts[origin], "").join("\n");
}

function taskText(task: TracedTask): string {
  const { kind, version, parameters, classes, rows, inputs, engine, tomoflow, seconds } = task;
  const facts: [string, string][] = [
    ["made with", `${kind}, version ${version}; tomoflow ${tomoflow}${engine ? `; ${engine}` : ""}`],
    ["took", formatDuration(seconds)],
    ["parameters", valuesText(parameters)],
    [
      "classes",
      Object.entries(classes)
        .map(([label, fields]) => `${label}: ${valuesText(fields)}`)
        .join("; "),
    ],
    ["rows", rowsText(rows)],
    [
      "record",
      `${task.lock}${task.commit ? ` of commit ${task.commit.slice(0, 8)}` : ""}, key ${task.key.slice(0, 12)}…`,
    ],
  ];
  const lines = facts
    .filter(([, text]) => text !== "")
    .flatMap(([label, text]) => wrapText(text, `  ${label.padEnd(12)}`));
  return [taskHead(task), ...lines, ...inputLines(inputs)].join("\n");
}

const taskHead = (task: TracedTask): string => `${paint("bold", task.id)}  ${stateText(task)}`;

const stateStyles: Readonly<Record<string, Style>> = {
  fresh: "green",
  restore: "cyan",
  run: "yellow",
  pending: "dim",
};

function stateText({ state, reasons, commit }: TracedTask): string {
  if (state === undefined) return paint("yellow", commit ? "an earlier result" : "not of this workflow now");
  const why = reasonsText({ reasons });
  return paint(stateStyles[state]!, state) + (why ? ` (${why})` : "");
}

/** More inputs than these are counted. */
const shownInputs = 24;

function inputLines(inputs: readonly TracedInput[]): string[] {
  if (inputs.length === 0) return [];
  const rows = inputs
    .slice(0, shownInputs)
    .map(({ role, path, sha256, madeBy, now }) => [
      `    ${role}`,
      sha256.slice(0, 8),
      madeBy ? `from ${madeBy}` : path,
      now === "same" ? "" : paint("yellow", now === "changed" ? "changed since" : "missing now"),
    ]);
  const more = inputs.length - shownInputs;
  return ["  inputs", formatTable(rows), ...(more > 0 ? [`    and ${more} more (--json shows all)`] : [])];
}

/** One line for each task further up; many of one step share it. */
function upstreamText(tasks: readonly TracedTask[]): string {
  const steps = new Map<string, TracedTask[]>();
  for (const task of tasks) {
    const key = JSON.stringify([task.id.split("@")[0], stateText(task)]);
    steps.set(key, [...(steps.get(key) ?? []), task]);
  }
  const rows = [...steps.values()].map((group) => [
    `  ${group.length > 3 ? `${group[0]!.id.split("@")[0]} (${group.length} rows)` : group.map(({ id }) => id).join(", ")}`,
    stateText(group[0]!),
    sourcesText(group),
  ]);
  return `before it (--full shows them whole)\n${formatTable(rows)}`;
}

/** The user's own files that these tasks read. */
function sourcesText(tasks: readonly TracedTask[]): string {
  const own = tasks.flatMap(({ inputs }) => inputs.filter(({ madeBy }) => madeBy === undefined));
  const paths = [...new Set(own.map(({ path, now }) => (now === "same" ? path : `${path} (${now})`)))];
  if (paths.length === 0) return "";
  return paths.length > 2 ? `reads ${count(paths.length, "file")} of yours` : `reads ${paths.join(", ")}`;
}

const valuesText = (values: unknown): string =>
  Object.entries(values as Readonly<Record<string, unknown>>)
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");

function rowsText(rows: Readonly<Record<string, unknown>>): string {
  const ids = Object.entries(rows).map(([id, values]) => {
    const text = valuesText(values);
    return text ? `${id} (${text})` : id;
  });
  return listText(ids, 12);
}

const listText = (items: readonly string[], most: number): string =>
  items.length <= most
    ? items.join(", ")
    : `${items.slice(0, most).join(", ")} and ${items.length - most} more`;

function sizeText(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const power = bytes < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(bytes) / 3));
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}
