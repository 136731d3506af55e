import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { CurveStep } from "../../protocol/list-tools.ts";
import styles from "./threshold-panel.module.css";

interface CurveProps {
  /** From the highest threshold down. */
  readonly steps: readonly CurveStep[];
  readonly threshold: number;
  readonly name: string;
}

/** Precision, recall and F1 over the threshold of a class, with a line where the slider stands. */
export function Curve({ steps, threshold, name }: CurveProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const marked = useRef(threshold);
  marked.current = threshold;
  useEffect(() => {
    const target = frame.current!;
    const style = getComputedStyle(target);
    const color = (token: string): string => style.getPropertyValue(token);
    // asked at each drawing: light and dark may change
    const grid = { stroke: () => style.borderBottomColor, width: 1 };
    const axis = { stroke: () => style.color, grid, ticks: { show: false } };
    const font = `11px ${style.fontFamily}`;
    const line = (label: string, stroke: string) => ({ label, stroke, width: 1.5, points: { show: false } });
    const rows = steps.toReversed();
    const column = (read: (one: CurveStep) => number | null) => rows.map((one) => read(one));
    const made = new uPlot(
      {
        width: target.clientWidth,
        height: 170,
        scales: { x: { time: false }, y: { range: [0, 1.02] } },
        legend: { show: false },
        cursor: { y: false, points: { size: 5 } },
        axes: [
          { ...axis, font, size: 26, space: 46 },
          { ...axis, font, size: 32, space: 28 },
        ],
        series: [
          {},
          line("precision", color("--curve-precision")),
          line("recall", color("--curve-recall")),
          { ...line("F1", color("--curve-f1")), dash: [4, 3] },
        ],
        hooks: { draw: [(drawn) => drawThreshold(drawn, marked.current, style.color)] },
      },
      [
        column(({ threshold: value }) => value) as number[],
        column(({ precision }) => precision),
        column(({ recall }) => recall),
        column(({ f1 }) => f1),
      ],
      target,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: target.clientWidth, height: 170 }));
    observer.observe(target);
    const stopWatching = watchTheme(() => made.redraw(false));
    return () => {
      stopWatching();
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [steps]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the line is drawn again where the slider stands
  useEffect(() => plot.current?.redraw(false), [threshold]);
  return (
    <figure className={styles.curve} aria-label={`Precision, recall and F1 of ${name} over the threshold`}>
      <div ref={frame} />
      <figcaption>
        <span data-line="precision">precision</span>
        <span data-line="recall">recall</span>
        <span data-line="f1">F1</span>
      </figcaption>
    </figure>
  );
}

function drawThreshold({ ctx, bbox, valToPos }: uPlot, threshold: number, color: string): void {
  const left = valToPos(threshold, "x", true);
  if (left < bbox.left || left > bbox.left + bbox.width) return;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(left, bbox.top);
  ctx.lineTo(left, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}

/** Calls back when light becomes dark, chosen here or by the system. */
function watchTheme(changed: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = new MutationObserver(changed);
  chosen.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  system.addEventListener("change", changed);
  return () => {
    chosen.disconnect();
    system.removeEventListener("change", changed);
  };
}
