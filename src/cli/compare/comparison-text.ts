/** Locks side by side, as a table. */
import type { ComparedSide, ComparedValue, LockComparison } from "../../runner/revisions/index.ts";
import { count, formatMetric, formatTable, paint } from "../output.ts";
import { mainMetrics } from "../reporters/main-metrics.ts";

type Value = ComparedValue["values"][number];

/** What differs, then the main metrics that do not; `all`: everything. */
export function comparisonText(comparison: LockComparison, { all }: { readonly all: boolean }): string {
  const { sides, parameters, data } = comparison;
  const metrics = all ? comparison.metrics : mainComparison(sides);
  const shown = (values: readonly ComparedValue[]) =>
    all ? values : values.filter(({ differs }) => differs);
  const width = Math.max(8, Math.floor((80 - 34) / sides.length) - 2);
  const sections: [string, string[][]][] = [
    ["parameters", shown(parameters).map((value) => row(value, width))],
    ["data", shown(data).map((value) => row(shortHashes(value), width))],
    ["metrics", metrics.map((value) => [...row(value, width, shortly), differenceText(value)])],
  ];
  const rows = sections
    .filter(([, lines]) => lines.length > 0)
    .flatMap(([title, lines]) => [[paint("bold", title)], ...lines]);
  const header = ["", ...sides.map(labelOf)];
  return [formatTable([header.map((label) => paint("bold", label)), ...rows]), summary(comparison, all)].join(
    "\n\n",
  );
}

const labelOf = ({ label, commit }: ComparedSide): string =>
  commit === undefined || commit.startsWith(label) ? label : `${label} (${commit.slice(0, 7)})`;

const row = ({ name, values, differs }: ComparedValue, width: number, format = exactly): string[] => [
  `  ${name}`,
  ...values.map((value) => {
    const text = cut(format(value), width);
    return differs ? text : paint("dim", text);
  }),
];

const exactly = (value: Value): string => (value === null ? "-" : String(value));

const shortly = (value: Value): string => (typeof value === "number" ? formatMetric(value) : exactly(value));

const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 1)}…`;

const shortHashes = (value: ComparedValue): ComparedValue => ({
  ...value,
  values: value.values.map((hash) => (typeof hash === "string" ? hash.slice(0, 8) : hash)),
});

/** Of two numbers, how much the second is more. */
function differenceText({ values, differs }: ComparedValue): string {
  const [from, to] = values;
  if (!differs || values.length !== 2 || typeof from !== "number" || typeof to !== "number") return "";
  const difference = to - from;
  return paint(
    difference > 0 ? "green" : "red",
    `${difference > 0 ? "+" : "−"}${formatMetric(Math.abs(difference))}`,
  );
}

/** The few numbers that `status` shows, those that differ first. */
function mainComparison(sides: readonly ComparedSide[]): readonly ComparedValue[] {
  const columns = sides.map(
    ({ metrics }) =>
      new Map(
        Object.entries(metrics).flatMap(([task, ports]) =>
          Object.values(ports).flatMap((content) =>
            Object.entries(mainMetrics(content)).map(([name, value]): [string, number] => [
              `${task} ${name}`,
              value,
            ]),
          ),
        ),
      ),
  );
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))];
  const values = names.map((name) => {
    const each = columns.map((column) => column.get(name) ?? null);
    return { name, values: each, differs: each.some((value) => value !== each[0]) };
  });
  return [...values.filter(({ differs }) => differs), ...values.filter(({ differs }) => !differs)];
}

function summary({ parameters, data, metrics }: LockComparison, all: boolean): string {
  const differing = (values: readonly ComparedValue[]) => values.filter(({ differs }) => differs).length;
  const parts = [
    `${differing(parameters)} of ${count(parameters.length, "parameter")}`,
    ...(data.length > 0 ? [`${differing(data)} of ${count(data.length, "file")}`] : []),
    `${differing(metrics)} of ${count(metrics.length, "metric")}`,
  ];
  return `differ: ${parts.join(", ")}${all ? "" : paint("dim", " (--all shows all)")}`;
}
