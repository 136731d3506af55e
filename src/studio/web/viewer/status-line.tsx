import { useId, useRef, useState } from "react";
import { useStore } from "zustand";
import { shortValue } from "./contrast/histogram.ts";
import { type Axis, axisNames, type Position } from "./planes.ts";
import { type Reading, readValue } from "./readout.ts";
import type { ShownVolume } from "./slice-source.ts";
import type { Stage } from "./use-stage.ts";
import styles from "./viewer.module.css";
import type { ViewerProps } from "./viewer-props.ts";

const usualHints: readonly (readonly [string, string])[] = [
  ["drag", "cross-hair"],
  ["wheel", "slices"],
  ["shift wheel", "×10"],
  ["ctrl wheel", "zoom"],
  ["right drag", "pan"],
  ["space", "layout"],
  ["?", "all keys"],
];

/** Where the cross-hair is, what is under the pointer, and the keys of the tool at hand. */
export function StatusLine({
  store,
  volume,
  second,
  labels,
  scores,
  classes,
  tool,
  stage,
}: Pick<ViewerProps, "store" | "volume" | "second" | "labels" | "scores" | "classes" | "tool"> & {
  readonly stage: Stage;
}) {
  const state = useStore(store);
  const { pointer, position } = state;
  const at = pointer?.position ?? position;
  const atlas = stage.renderer()?.atlas;
  const read = (of: ShownVolume | undefined): Reading | null =>
    atlas && of ? readValue(atlas, of, { plane: pointer?.plane ?? state.active, position: at, state }) : null;
  const inside = at.every((value, axis) => value >= -0.5 && value < state.shape[axis]! - 0.5);
  const label = read(labels);
  const shown: [string, string][] = [
    ["voxel", inside ? at.map((value) => Math.round(value)).join(", ") : "outside"],
    ["Å", inside && volume.voxelSizeAngstrom ? angstroms(at, volume.voxelSizeAngstrom) : ""],
    ["value", worded(read(volume))],
    [second ? `value of ${second.name}` : "", worded(read(second))],
    ["score", worded(read(scores))],
    ["label", label ? labelWords(label, classes) : ""],
  ];
  return (
    <footer className={styles.status}>
      <GoTo position={position} shape={state.shape} onGo={(to) => state.moveTo(to, { centre: true })} />
      <dl data-part="readout">
        {shown
          .filter(([, words]) => words !== "")
          .map(([name, words]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{words}</dd>
            </div>
          ))}
      </dl>
      <div className={styles.hints}>
        {[...(tool?.hints ?? []), ...usualHints].map(([keys, does]) => (
          <span key={`${keys} ${does}`}>
            <b>{keys}</b> {does}
          </span>
        ))}
      </div>
    </footer>
  );
}

const angstroms = (at: Position, size: Position): string =>
  at.map((value, axis) => (Math.round(value) * size[axis]!).toFixed(0)).join(", ");

/** A coarser level gives the mean of a block: told by ≈. */
const worded = (reading: Reading | null): string =>
  reading === null ? "" : `${reading.exact ? "" : "≈ "}${shortValue(reading.value)}`;

function labelWords({ value, exact }: Reading, classes: ViewerProps["classes"]): string {
  const name = value === 0 ? "background" : classes.find(({ label }) => label === value)?.name;
  return `${exact ? "" : "≈ "}${value}${name ? ` ${name}` : ""}`;
}

/** The cross-hair's voxel, to read and to type. */
function GoTo({
  position,
  shape,
  onGo,
}: {
  readonly position: Position;
  readonly shape: Position;
  onGo(position: Position): void;
}) {
  const id = useId();
  const [typed, showTyped] = useState<{ axis: number; text: string } | null>(null);
  // Escape takes it back and leaves the field in one turn
  const latest = useRef(typed);
  const setTyped = (next: typeof typed): void => {
    latest.current = next;
    showTyped(next);
  };
  const go = (axis: number): void => {
    const text = latest.current?.text.trim();
    const value = text ? Number(text) : Number.NaN;
    setTyped(null);
    if (Number.isFinite(value))
      onGo(position.map((old, one) => (one === axis ? value : old)) as unknown as Position);
  };
  return (
    <div className={styles.goto}>
      {([0, 1, 2] as Axis[]).map((axis) => (
        <span key={axis}>
          <label htmlFor={`${id}${axis}`}>{axisNames[axis]}</label>{" "}
          <input
            id={`${id}${axis}`}
            inputMode="numeric"
            title={`Cross-hair's ${axisNames[axis]}, 0 to ${shape[axis] - 1}: type and press Enter`}
            value={typed?.axis === axis ? typed.text : Math.round(position[axis])}
            onChange={(event) => setTyped({ axis, text: event.target.value })}
            onBlur={() => go(axis)}
            onKeyDown={(event) => {
              if (event.key === "Escape") setTyped(null);
              // keys are the viewer's again; leaving the field goes there
              if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
            }}
          />
        </span>
      ))}
    </div>
  );
}
