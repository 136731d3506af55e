/** The HTML of a report. Everything that is not ours is escaped or an image; the page may run no script and load nothing. */

import { element, escapeText } from "../../core/svg.ts";
import type { Workflow } from "../../schema/workflow.ts";
import { countsText, pictureStyle } from "../drawing/state-colors.ts";
import type { PlannedTask, StateCounts } from "../events.ts";
import { groupAlike, reasonsText } from "../planning/alike-tasks.ts";
import type { TaskMetrics } from "../record/history.ts";
import type { Leaf } from "../revisions/leaves.ts";
import type { RecordedRun } from "../run-records.ts";
import { type MetricsTable, metricsTables } from "./metrics-tables.ts";
import { pageStyle } from "./page-style.ts";
import type { ReportPicture } from "./pictures.ts";
import { durationText, numberText } from "./texts.ts";
import type { Timeline } from "./timeline.ts";
import { drawTimeline } from "./timeline-svg.ts";

export interface StepParameters {
  readonly step: string;
  readonly kind: string;
  readonly summary: string;
  readonly values: readonly {
    readonly name: string;
    readonly value: Leaf;
    /** A parameter that is not at its default. */
    readonly chosen: boolean;
    readonly unit?: string;
  }[];
}

export interface ReportContent {
  readonly workflow: Workflow;
  readonly tasks: readonly PlannedTask[];
  readonly counts: StateCounts;
  readonly headline: readonly { readonly task: string; readonly name: string; readonly value: number }[];
  /** SVG markup. */
  readonly graph: string;
  readonly timeline: Timeline;
  readonly metrics: readonly (readonly [task: string, ports: TaskMetrics])[];
  /** Of steps with many rows: a line a row, the first of them the mean. */
  readonly rowMetrics: readonly (readonly [step: string, table: MetricsTable])[];
  readonly pictures: readonly ReportPicture[];
  readonly parameters: readonly StepParameters[];
  /** The last, the newest first. */
  readonly runs: readonly RecordedRun[];
  readonly engines: readonly string[];
  readonly versions: readonly string[];
}

const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

export function reportPage(content: ReportContent): string {
  const { workflow } = content;
  const title = workflow.name + (workflow.variant === undefined ? "" : `, variant ${workflow.variant}`);
  const sections = [
    header(title, content),
    tiles(content.headline),
    section("Workflow", `<div class="wide">${content.graph}</div>${openTasks(content.tasks)}`),
    section("Timeline", timeline(content.timeline)),
    section(
      "Metrics",
      [
        ...content.metrics.map(([task, ports]) => metrics(task, ports)),
        ...content.rowMetrics.map(([step, all]) => metricsOfRows(step, all)),
      ].join(""),
    ),
    section("Pictures", pictures(content.pictures)),
    section("Parameters", parameters(content.parameters)),
    section("Runs", runs(content.runs)),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeText(title)}</title>
<style>${pageStyle}${pictureStyle}</style>
</head>
<body><main>
${sections.filter((part) => part !== "").join("\n")}
</main></body>
</html>
`;
}

const section = (title: string, body: string): string =>
  body === "" ? "" : `<section><h2>${title}</h2>\n${body}</section>`;

function header(title: string, { workflow, counts, engines, versions }: ReportContent): string {
  const facts = [
    `${workflow.rows.length} tomogram${workflow.rows.length === 1 ? "" : "s"}`,
    ...(workflow.classes.length > 0 ? [workflow.classes.map(({ name }) => name).join(", ")] : []),
    `tasks: ${countsText(counts) || "none"}`,
    ...engines,
    ...versions.map((version) => `tomoflow ${version}`),
  ];
  const about = workflow.description === undefined ? "" : `<p>${escapeText(workflow.description)}</p>`;
  return `<header><h1>${escapeText(title)}</h1>${about}<p class="facts">${facts.map((fact) => `<span>${escapeText(fact)}</span>`).join("")}</p></header>`;
}

function tiles(headline: ReportContent["headline"]): string {
  const tile = ({ task, name, value }: ReportContent["headline"][number]) =>
    `<div class="tile"><b>${escapeText(numberText(value))}</b><span>${escapeText(name)}</span><small>${escapeText(task)}</small></div>`;
  return headline.length === 0 ? "" : `<div class="tiles">${headline.slice(0, 12).map(tile).join("")}</div>`;
}

/** More lines than these are counted. */
const shownGroups = 20;

function openTasks(tasks: readonly PlannedTask[]): string {
  const open = tasks.filter(({ state }) => state !== "fresh");
  if (open.length === 0) return "";
  const groups = groupAlike(open);
  const rows = groups.slice(0, shownGroups).map((group) => {
    const { id, step, state } = group[0]!;
    const many = group.length > 1;
    return [
      escapeText(many ? `${step} (${group.length} rows)` : id),
      element("span", { class: `state ${state}` }, state),
      escapeText(reasonsText(group[0]!, { many })),
    ];
  });
  const more = groups.slice(shownGroups).flat().length;
  return `<h3>Not up to date</h3>${table(["task", "state", "why"], rows)}${more > 0 ? `<p class="note">and ${more} more</p>` : ""}`;
}

function timeline(content: Timeline): string {
  const picture = drawTimeline(content);
  if (picture === "") return "";
  const times = `${durationText(content.work)} of work; ${durationText(content.span)} when every task begins as soon as its inputs are there`;
  return `<p class="note">${escapeText(times)}. Drawn from the durations in the lock, which keeps no times of day.</p><div class="wide">${picture}</div>`;
}

function metrics(task: string, ports: TaskMetrics): string {
  const tables = Object.values(ports).flatMap((content) => metricsTables(content));
  const shallow = tables.filter(({ depth }) => depth < 3);
  const deep = tables.filter(({ depth }) => depth >= 3);
  const more =
    deep.length > 0
      ? `<details><summary>more of ${escapeText(task)}</summary>${deep.map(metricsTable).join("")}</details>`
      : "";
  return `<h3>${escapeText(task)}</h3>${shallow.map(metricsTable).join("")}${more}`;
}

/** More rows than these are folded away. */
const shownRows = 10;

function metricsOfRows(step: string, all: MetricsTable): string {
  const [first, rest] = [all.rows.slice(0, shownRows + 1), all.rows.slice(shownRows + 1)];
  const folded =
    rest.length > 0
      ? `<details><summary>${rest.length} more rows of ${escapeText(step)}</summary>${metricsTable({ ...all, rows: rest })}</details>`
      : "";
  return `<h3>${escapeText(step)}</h3>${metricsTable({ ...all, rows: first })}${folded}`;
}

const metricsTable = ({ columns, rows }: MetricsTable): string =>
  table(
    [...(rows.every(({ name }) => name === "") ? [] : [""]), ...columns],
    rows.map(({ name, values }) => [
      ...(name === "" ? [] : [escapeText(name)]),
      ...values.map((value) =>
        escapeText(typeof value === "number" ? numberText(value) : String(value ?? "–")),
      ),
    ]),
    "numbers",
  );

function pictures(list: readonly ReportPicture[]): string {
  const figures = list.map(({ name, description, path, broad, data, leftOut = "" }) => {
    const image = data
      ? element("img", { src: data, alt: description, loading: "lazy" })
      : `<p class="note">${escapeText(leftOut)}</p>`;
    return `<figure${broad ? ' class="broad"' : ""}>${image}<figcaption><b>${escapeText(name)}</b> ${escapeText(description)} <code>${escapeText(path)}</code></figcaption></figure>`;
  });
  return figures.length === 0 ? "" : `<div class="figures">${figures.join("\n")}</div>`;
}

function parameters(steps: readonly StepParameters[]): string {
  const known = steps.filter(({ values }) => values.length > 0);
  if (known.length === 0) return "";
  const blocks = known.map(({ step, kind, summary, values }) => {
    const items = values.map(({ name, value, chosen, unit }) => {
      const text = `${value === null ? "–" : String(value)}${unit ? ` ${unit}` : ""}`;
      return `<div${chosen ? ' class="chosen"' : ""}><dt>${escapeText(name)}</dt><dd>${escapeText(text)}</dd></div>`;
    });
    const uses = kind === step ? "" : ` <small>${escapeText(kind)}</small>`;
    return `<div class="step"><h3>${escapeText(step)}${uses}</h3><p class="note">${escapeText(summary)}</p><dl>${items.join("")}</dl></div>`;
  });
  return `<p class="note">As the results at hand were made; what is not at its default is bold.</p><div class="steps">${blocks.join("\n")}</div>`;
}

function runs(list: readonly RecordedRun[]): string {
  if (list.length === 0) return "";
  const rows = list.map(({ id, started, last, state, asked, end }) => [
    escapeText(id),
    escapeText(started.slice(0, 16).replace("T", " ")),
    escapeText(state),
    escapeText(durationText((Date.parse(last) - Date.parse(started)) / 1000)),
    escapeText(end?.type === "run-ended" ? String(end.counts.done) : "–"),
    escapeText(`${asked.tomoflow} on ${asked.process.host}`),
  ]);
  return table(["run", "began (UTC)", "ended", "took", "tasks done", "tomoflow"], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[], kind = ""): string {
  const cells = (row: readonly string[], tag: string) =>
    row.map((cell) => `<${tag}>${cell}</${tag}>`).join("");
  const body = rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("\n");
  return `<div class="wide"><table class="${kind}"><thead><tr>${cells(head.map(escapeText), "th")}</tr></thead><tbody>${body}</tbody></table></div>`;
}
