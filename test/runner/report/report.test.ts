import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { buildReport } from "../../../src/runner/report/index.ts";
import { mediaTypeOf } from "../../../src/runner/report/media-type.ts";
import { metricsTables } from "../../../src/runner/report/metrics-tables.ts";
import { rowMetrics } from "../../../src/runner/report/row-metrics.ts";
import { durationText, numberText } from "../../../src/runner/report/texts.ts";
import { layOutTimeline } from "../../../src/runner/report/timeline.ts";
import { tickText } from "../../../src/runner/report/timeline-svg.ts";
import { shoutFiles, toyProject } from "../../support/toy-project.ts";

const task = (id: string, seconds: number | undefined, dependsOn: readonly string[] = []) => ({
  id,
  step: id.split("@")[0]!,
  ...(seconds !== undefined && { lastDurationSeconds: seconds }),
  dependsOn,
});

test("timeline: every task as early as its inputs allow", () => {
  const { lanes, span, work } = layOutTimeline([
    task("a@1", 2),
    task("a@2", 5),
    task("b", 3, ["a@1"]),
    task("unknown", undefined, ["b"]),
    task("c", 1, ["a@2", "unknown"]),
  ]);
  assert.deepEqual(
    lanes.map(({ name, bars }) => [name, bars.map(({ start, end }) => [start, end])]),
    [
      ["a@1", [[0, 2]]],
      ["a@2", [[0, 5]]],
      ["b", [[2, 5]]],
      ["c", [[5, 6]]],
    ],
  );
  assert.deepEqual([span, work], [6, 11]);
});

test("timeline: many tasks share a lane a step", () => {
  const rows = Array.from({ length: 500 }, (_, row) => task(`segment@t${row}`, 2));
  const { lanes, span, work } = layOutTimeline([task("train", 10), ...rows]);
  assert.deepEqual(
    lanes.map(({ name, bars, work: own }) => [name, bars.length, own]),
    [
      ["train", 1, 10],
      ["segment", 500, 1000],
    ],
  );
  assert.deepEqual([span, work], [10, 1010]);
});

test("metrics: like rows in one table, shallow ones first, a name instead of a label", () => {
  const tables = metricsTables({
    beta: 4,
    classes: { 1: { name: "ribosome", f1: 0.9, best: { f1: 1, at: 7 } }, 2: { name: "ferritin", f1: 0.8 } },
    macro: { f1: 0.85 },
    list: [1, 2],
  });
  assert.deepEqual(tables, [
    { columns: ["beta"], rows: [{ name: "", values: [4] }], depth: 0 },
    { columns: ["f1"], rows: [{ name: "macro", values: [0.85] }], depth: 1 },
    {
      columns: ["f1"],
      rows: [
        { name: "classes › ribosome", values: [0.9] },
        { name: "classes › ferritin", values: [0.8] },
      ],
      depth: 2,
    },
    { columns: ["f1", "at"], rows: [{ name: "classes › ribosome › best", values: [1, 7] }], depth: 3 },
  ]);
});

test("the ticks of an axis differ, whatever its unit", () => {
  assert.deepEqual(
    [0, 0.05, 0.1, 0.15, 0.2].map((seconds) => tickText(seconds, 0.05)),
    ["0", "0.05 s", "0.1 s", "0.15 s", "0.2 s"],
  );
  assert.deepEqual(
    [0.005, 0.01, 0.015].map((seconds) => tickText(seconds, 0.005)),
    ["5 ms", "10 ms", "15 ms"],
  );
  assert.deepEqual(
    [60, 120].map((seconds) => tickText(seconds, 60)),
    ["1 min", "2 min"],
  );
});

test("metrics of many rows: a line a row, the mean first, eight columns at most", () => {
  const tasks = [0.5, 0.7, 0.9].map(
    (f1, row) => [`t${row}`, { scores: { macro: { f1 }, deep: { er: { x: 1 } } } }] as const,
  );
  assert.deepEqual(rowMetrics(tasks, undefined), {
    columns: ["macro.f1"],
    rows: [
      { name: "mean of 3", values: [0.7000000000000001] },
      { name: "t0", values: [0.5] },
      { name: "t1", values: [0.7] },
      { name: "t2", values: [0.9] },
    ],
    depth: 0,
  });
  const chosen = rowMetrics(
    [
      ["t0", { a: 1 }],
      ["t1", { a: {} }],
    ],
    (content): Record<string, number> => (content === 1 ? { one: 4 } : {}),
  );
  assert.deepEqual(
    chosen?.rows.map(({ values }) => values),
    [[4], [4], [null]],
  );
  const wide = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`m${index}`, index]));
  assert.equal(rowMetrics([["t0", { wide }]], undefined)?.columns.length, 8);
  assert.equal(rowMetrics([["t0", { text: { words: "none" } }]], undefined), undefined);
});

test("a report of 300 rows stays short: rows that are alike share a line, metrics a table", async (context) => {
  const ids = Array.from({ length: 300 }, (_, index) => `t${index}`);
  const project = await toyProject(context, {
    ...Object.fromEntries(ids.map((id) => [`${id}.txt`, `${id}\n`])),
    "workflow.yaml": `version: 1
name: rows
tomograms: {glob: "t*.txt", column: text}
steps: {shout: {uses: shout, from: tomograms}, measure: {uses: measure, from: shout}}
`,
  });
  const page = await buildReport(await project.load());
  assert.match(page, /<td>shout \(300 rows\)<\/td>/);
  assert.match(page, /<td>measure \(300 rows\)<\/td>.*waits for shout; /);
  assert.ok(page.length < 20_000, `${page.length} characters`);
});

test("numbers and durations in words", () => {
  assert.deepEqual([0.97777, 12, 0.00003, 123.456, 0].map(numberText), [
    "0.9778",
    "12",
    "3.00e-5",
    "123.46",
    "0",
  ]);
  assert.deepEqual([0, 0.02, 2, 59.7, 125, 3600, 7500].map(durationText), [
    "0",
    "20 ms",
    "2 s",
    "1 min",
    "2 min 05 s",
    "1 h",
    "2 h 05 min",
  ]);
});

/** Writes a picture that tries to run a script. */
const drawing = `export default {
  name: "draw", version: 1, summary: "Draws <b>badly</b>.", scope: "table",
  parameters: { type: "object", additionalProperties: false, properties: { size: { description: "Size.", type: "integer", default: 3, "x-unit": "px" }, text: { description: "Text.", default: "a" } } },
  ports: () => ({ inputs: [], outputs: [{ name: "picture", file: "p.svg", description: "A <picture>" }], columns: [], classFields: [] }),
  async run({ outputs }) {
    const { writeFile } = await import("node:fs/promises");
    await writeFile(outputs.picture, '<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="10"><script>alert(1)</script></svg>');
  },
};
`;

test("one page, with everything in it, nothing to load, and nothing of others that could run", async (context) => {
  const project = await toyProject(context, {
    ...shoutFiles,
    "draw.mjs": drawing,
    "workflow.yaml": `${shoutFiles["workflow.yaml"]}  draw: {uses: ./draw.mjs, from: tomograms, with: {text: "</style><script>alert(2)</script>"}}\n`,
  });
  const { summary } = await project.run();
  assert.equal(summary.outcome, "done");
  await project.write("data/b.txt", "seven\n");
  const page = await buildReport(await project.load(), { headline: () => ({ letters: 0.12345 }) });

  assert.match(page, /^<!doctype html>\n<html lang="en">/);
  assert.doesNotMatch(page, /<script|<b>badly|<picture>|\ssrc="(?!data:)|\shref=|url\(/);
  assert.match(page, /Content-Security-Policy" content="default-src 'none';/);
  assert.equal(page.match(/<\/style>/g)!.length, page.match(/<style>/g)!.length);
  assert.match(
    page,
    /<h2>Workflow<\/h2>[\s\S]*<h2>Timeline<\/h2>[\s\S]*<h2>Metrics<\/h2>[\s\S]*<h2>Pictures<\/h2>[\s\S]*<h2>Parameters<\/h2>/,
  );
  assert.match(page, /<b>0\.1235<\/b><span>letters<\/span><small>join<\/small>/);
  assert.match(
    page,
    /<td>shout@b<\/td><td><span class="state run">run<\/span><\/td><td>data\/b\.txt changed /,
  );

  const [, data] = /<figure class="broad"><img src="data:image\/svg\+xml;base64,([^"]+)"/.exec(page)!;
  assert.equal(Buffer.from(data!, "base64").toString(), await project.read("results/toy/draw/p.svg"));
  assert.match(page, /<div><dt>size<\/dt><dd>3 px<\/dd><\/div>/);
  assert.match(page, /<div class="chosen"><dt>text<\/dt><dd>&lt;\/style&gt;&lt;script/);
});

test("a workflow that has not run yet has a report too", async (context) => {
  const project = await toyProject(context, shoutFiles);
  const page = await buildReport(await project.load());
  assert.match(page, /<h3>Not up to date<\/h3>/);
  assert.doesNotMatch(page, /<h2>(Timeline|Metrics|Pictures|Parameters)/);
});

test("the description of the workflow stands under its name", async (context) => {
  const text = shoutFiles["workflow.yaml"].replace(
    "name: toy\n",
    "name: toy\ndescription: Ribosomes & <others>\n",
  );
  const project = await toyProject(context, { ...shoutFiles, "workflow.yaml": text });
  assert.match(
    await buildReport(await project.load()),
    /<h1>toy<\/h1><p>Ribosomes &amp; &lt;others&gt;<\/p><p class="facts">/,
  );
});

/** Writes what `holds` says under names that say something else. */
const mislabelled = `import { writeFile } from "node:fs/promises";
const port = (name, file, holds) => ({ name, file, description: name, ...(holds && { holds }) });
export default {
  name: "pictures", version: 1, summary: "Draws.", scope: "table",
  parameters: { type: "object", additionalProperties: false, properties: {} },
  ports: () => ({
    inputs: [],
    outputs: [
      port("drawn", "drawn.out", "picture"),
      port("figures", "figures.svg", "table"),
      port("scan", "scan.tif", "picture"),
      port("scores", "scores.txt", "metrics"),
      port("plain", "plain.PNG"),
      port("other", "other.bin"),
    ],
    columns: [],
    classFields: [],
  }),
  async run({ outputs }) {
    const svg = '<?xml version="1.0"?>\\n<!-- <a> -->\\n<svg xmlns="http://www.w3.org/2000/svg"/>';
    await writeFile(outputs.drawn, svg);
    await writeFile(outputs.figures, svg);
    await writeFile(outputs.scan, "II*\\0");
    await writeFile(outputs.scores, '{"f1": 0.75}');
    await writeFile(outputs.plain, Buffer.from("89504e470d0a1a0a", "hex"));
    await writeFile(outputs.other, svg);
  },
};
`;

test("what a port says that it holds decides what is shown, and not the name of the file", async (context) => {
  const project = await toyProject(context, {
    ...shoutFiles,
    "pictures.mjs": mislabelled,
    "workflow.yaml": `${shoutFiles["workflow.yaml"]}  art: {uses: ./pictures.mjs, from: tomograms}\n`,
  });
  const { summary, events } = await project.run();
  assert.equal(summary.outcome, "done");
  const page = await buildReport(await project.load());
  const shown = [...page.matchAll(/<figure[^>]*>(?:<img src="data:([^;]*);|<p class="note">([^<]*))/g)];
  assert.deepEqual(
    shown.map(([, type, leftOut]) => type ?? leftOut),
    ["image/svg+xml", "no SVG, PNG, JPEG or WebP, which are all that a page can show", "image/png"],
  );
  assert.match(page, /<h3>art<\/h3>.*?f1.*?0\.75/s);

  const holds = { drawn: "picture", figures: "table", scan: "picture", scores: "metrics" };
  const planned = events.find((event) => event.type === "run-started");
  assert.deepEqual(planned?.tasks.find(({ id }) => id === "art")?.holds, holds);
  const lock = (await readFile(project.lockPath, "utf8")).split("  # art\n")[1]!.split("\n  # ")[0]!;
  const locked = [
    ...lock.matchAll(/^ {6}(\w+): \{path: [^,]+, sha256: "?[0-9a-f]+"?, size: \d+(?:, holds: (\w+))?\}$/gm),
  ];
  assert.deepEqual(
    Object.fromEntries(locked.filter(([, , one]) => one).map(([, name, one]) => [name, one])),
    holds,
  );
  assert.equal(locked.length, 7, "six outputs, and the module itself");
  assert.equal((await project.run()).summary.counts.fresh, planned?.tasks.length, "and it is read again");
});

test("pictures are known by their first bytes, whatever stands before them", () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg">';
  const text = (content: string) => mediaTypeOf(Buffer.from(content));
  for (const before of [
    "",
    "\uFEFF",
    "\n <?xml version='1.0'?>\n",
    "<!-- <b> -->",
    '<!DOCTYPE svg PUBLIC "a" "b">',
    "<!DOCTYPE svg [<!ENTITY a 'b'>]>",
  ])
    assert.equal(text(`${before}${svg}`), "image/svg+xml", before);
  assert.equal(text("<!---->".repeat(600) + svg), "image/svg+xml");
  for (const other of [
    "",
    "<svgs>",
    "<html><svg>",
    `text ${svg}`,
    "<!-- <svg> ",
    "{}",
    "<!---->".repeat(2000),
  ])
    assert.equal(text(other), undefined, other.slice(0, 20));
  assert.equal(mediaTypeOf(Buffer.from("ffd8ffe0", "hex")), "image/jpeg");
  assert.equal(mediaTypeOf(Buffer.from("RIFF\0\0\0\0WEBPVP8 ", "latin1")), "image/webp");
  assert.equal(mediaTypeOf(Buffer.from("RIFF\0\0\0\0WAVE", "latin1")), undefined);
});
