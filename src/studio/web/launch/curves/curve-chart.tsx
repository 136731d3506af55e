import "uplot/dist/uPlot.min.css";
import { useEffect, useRef } from "react";
import UPlot from "uplot";
import { numberWords } from "../amounts.ts";
import type { CurveChart as Chart } from "./curve-data.ts";
import styles from "./curves.module.css";

/** How a line looks. */
export interface LineLook {
  readonly label: string;
  readonly color: string;
  readonly dash?: readonly number[];
}

interface CurveChartProps {
  readonly chart: Chart;
  readonly looks: readonly LineLook[];
  readonly theme: string;
  /** Charts with the same have one cursor. */
  readonly sync: string;
}

const height = 210;

/** Lines over epochs; the values at the pointer stand in the legend. */
export function CurveChart({ chart, looks, theme, sync }: CurveChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const { steps, lines, isScore, title } = chart;
  const shape = JSON.stringify([lines.map(({ metric, training }) => [metric, training]), looks]);
  const data = [steps, ...lines.map(({ values }) => values)] as unknown as UPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;
  // biome-ignore lint/correctness/useExhaustiveDependencies: made anew when its lines or the colours change, not with each value
  useEffect(() => {
    const element = frame.current!;
    const ink = (name: string): string => resolveColor(element, name);
    const options: UPlot.Options = {
      width: element.clientWidth,
      height,
      cursor: { sync: { key: sync }, points: { size: 6 }, drag: { x: true, y: false } },
      legend: { live: true },
      hooks: { setCursor: [(own) => own.cursor.idx ?? showLast(own)] },
      scales: { x: { time: false, range: wideEnough }, y: isScore ? { range: scoreRange } : {} },
      axes: [
        {
          ...axis(ink),
          values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? String(tick) : "")),
        },
        { ...axis(ink), size: 48, values: (_, ticks) => ticks.map(numberWords) },
      ],
      series: [
        { label: "epoch", value: (_, value) => (value === null ? "" : String(value)) },
        ...looks.map(({ label, color, dash }) => ({
          label,
          stroke: color,
          width: 1.75,
          dash: dash ? [...dash] : undefined,
          spanGaps: true,
          points: { show: steps.length < 40, size: 4, fill: color },
          value: (_: UPlot, value: number | null) => (value === null ? "–" : numberWords(value)),
        })),
      ],
    };
    const own = new UPlot(options, latest.current, element);
    plot.current = own;
    showLast(own);
    const observer = new ResizeObserver(() => own.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      own.destroy();
      plot.current = null;
    };
  }, [shape, theme, isScore, sync]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the data is made of these
  useEffect(() => {
    plot.current?.setData(latest.current);
    if (plot.current) showLast(plot.current);
  }, [chart]);
  const last = lines.map(
    ({ values }, index) => `${looks[index]?.label} ${values.findLast((value) => value !== null) ?? "none"}`,
  );
  return (
    <figure className={styles.chart}>
      <figcaption>{title}</figcaption>
      <div
        ref={frame}
        className={styles.plot}
        role="img"
        aria-label={`${title} over epochs to ${steps.at(-1)}; at last ${last.join(", ")}`}
      />
    </figure>
  );
}

/** Without a pointer over it, the legend tells of the last epoch. */
function showLast(plot: UPlot): void {
  const last = plot.data[0].length - 1;
  if (plot.cursor.idx == null && last >= 0) plot.setLegend({ idx: last }, false);
}

const axis = (ink: (name: string) => string): UPlot.Axis => ({
  stroke: ink("--text-muted"),
  font: "11px system-ui, sans-serif",
  grid: { stroke: ink("--line"), width: 1 },
  ticks: { stroke: ink("--line"), width: 1, size: 4 },
});

/** One epoch alone would be a line of no width. */
const wideEnough: UPlot.Range.Function = (_, low, high) => [low ?? 0, Math.max((low ?? 0) + 1, high ?? 1)];

const scoreRange: UPlot.Range.Function = (_, low, high) =>
  low !== null && low > 0.6 && high !== null ? [Math.max(0, Math.floor((low - 0.05) * 10) / 10), 1] : [0, 1];

/** A token's colour as the canvas takes it. */
export function resolveColor(element: HTMLElement, name: string): string {
  const probe = document.createElement("span");
  probe.style.color = name.startsWith("--") ? `var(${name})` : name;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
