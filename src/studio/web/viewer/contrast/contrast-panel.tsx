import { type KeyboardEvent, type PointerEvent, useMemo, useRef } from "react";
import { Button } from "../../components/button.tsx";
import { Switch } from "../../components/field.tsx";
import type { Contrast } from "../viewer-store.ts";
import styles from "./contrast-panel.module.css";
import {
  autoContrast,
  binned,
  type Histogram,
  percentileContrast,
  shortValue,
  shownRange,
} from "./histogram.ts";

interface ContrastPanelProps {
  readonly histogram: Histogram | null;
  readonly contrast: Contrast;
  readonly keep?: boolean;
  onChange(contrast: Contrast): void;
  onKeep?(keep: boolean): void;
}

const bins = 120;
const tall = 64;

/** The histogram of what is in sight, with a handle for black and one for white; automatic, by percentiles, inverted. */
export function ContrastPanel({ histogram, contrast, keep, onChange, onKeep }: ContrastPanelProps) {
  const frame = useRef<HTMLDivElement>(null);
  // what is drawn must not move under a handle that is dragged
  const range = useMemo(() => (histogram ? shownRange(histogram, contrast) : null), [histogram, contrast]);
  const held = useRef(range);
  if (range && !frame.current?.dataset.dragged) held.current = range;
  const span = held.current;
  const path = useMemo(
    () => (histogram && span ? outline(binned(histogram, span, bins)) : ""),
    [histogram, span],
  );
  const place = (value: number): number =>
    span ? Math.min(1, Math.max(0, (value - span.from) / (span.to - span.from))) : 0;
  const set = (which: "low" | "high", value: number): void => {
    const least = (span!.to - span!.from) / 1000;
    onChange(
      which === "low"
        ? { ...contrast, low: Math.min(value, contrast.high - least) }
        : { ...contrast, high: Math.max(value, contrast.low + least) },
    );
  };
  const drag = (which: "low" | "high") => (event: PointerEvent<HTMLElement>) => {
    if (!span || !frame.current || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const box = frame.current.getBoundingClientRect();
    set(which, span.from + ((event.clientX - box.left) / box.width) * (span.to - span.from));
  };
  const handle = (which: "low" | "high") => {
    const value = contrast[which];
    return (
      <div
        role="slider"
        tabIndex={0}
        aria-label={which === "low" ? "Darkest value" : "Brightest value"}
        aria-valuemin={span?.from ?? 0}
        aria-valuemax={span?.to ?? 1}
        aria-valuenow={value}
        aria-valuetext={shortValue(value)}
        className={styles.handle}
        style={{ left: `${place(value) * 100}%` }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          frame.current!.dataset.dragged = "yes";
        }}
        onPointerMove={drag(which)}
        onLostPointerCapture={() => {
          delete frame.current!.dataset.dragged;
          onChange({ ...contrast });
        }}
        onKeyDown={(event) => {
          const step = stepOf(event);
          if (step === 0 || !span) return;
          event.preventDefault();
          set(which, value + (step * (span.to - span.from)) / 200);
        }}
      />
    );
  };
  return (
    <div className={styles.panel}>
      <div className={styles.frame} ref={frame}>
        <svg viewBox={`0 0 ${bins} ${tall}`} preserveAspectRatio="none" aria-hidden="true">
          <path d={path} />
        </svg>
        <div
          className={`${styles.ramp} ${contrast.inverted ? styles.inverted : ""}`}
          style={{ left: `${place(contrast.low) * 100}%`, right: `${(1 - place(contrast.high)) * 100}%` }}
        />
        {handle("low")}
        {handle("high")}
      </div>
      <div className={styles.values}>
        <output>{shortValue(contrast.low)}</output>
        <output>{shortValue(contrast.high)}</output>
      </div>
      <div className={styles.buttons}>
        <Button
          size="small"
          disabled={!histogram}
          title="As IMOD does it (Shift A)"
          onClick={() => histogram && onChange({ ...autoContrast(histogram), inverted: contrast.inverted })}
        >
          Auto
        </Button>
        {[0.1, 1, 5].map((percent) => (
          <Button
            key={percent}
            size="small"
            disabled={!histogram}
            title={`From the darkest ${percent} % to the brightest ${percent} %`}
            onClick={() =>
              histogram &&
              onChange({
                ...percentileContrast(histogram, percent / 100, 1 - percent / 100),
                inverted: contrast.inverted,
              })
            }
          >
            {percent} %
          </Button>
        ))}
      </div>
      <Switch
        label="Invert"
        shortcut="i"
        on={contrast.inverted}
        onChange={(inverted) => onChange({ ...contrast, inverted })}
      />
      {onKeep && <Switch label="Keep for the next tomogram" on={keep ?? false} onChange={onKeep} />}
    </div>
  );
}

function stepOf({ key, shiftKey }: KeyboardEvent): number {
  const size = shiftKey ? 10 : 1;
  if (key === "ArrowRight" || key === "ArrowUp") return size;
  if (key === "ArrowLeft" || key === "ArrowDown") return -size;
  return 0;
}

function outline(heights: Float32Array): string {
  const points = [...heights].map(
    (height, bin) => `L${bin} ${(tall * (1 - height * 0.94)).toFixed(1)}H${bin + 1}`,
  );
  return `M0 ${tall}${points.join("")}V${tall}Z`;
}
