import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useMemo, useReducer, useRef, useState } from "react";
import type { ListedObject, ObjectId } from "../../protocol/lists.ts";
import { Choice, Slider } from "../components/field.tsx";
import { Icon } from "../components/icon.tsx";
import { Swatch } from "../components/notice.tsx";
import { toastMistake } from "../components/toast.tsx";
import { choose, neighbour } from "../lists/selection.ts";
import type { ShownClass } from "../viewer/viewer-props.ts";
import type { Contrast } from "../viewer/viewer-store.ts";
import styles from "./gallery.module.css";
import { createThumbnails, type PictureLook, type Thumbnails } from "./thumbnails.ts";

interface GalleryProps {
  /** In the order of the ranking. */
  readonly ranked: readonly ListedObject[];
  readonly tomogram: string;
  readonly classes: readonly ShownClass[];
  readonly selected: ReadonlySet<ObjectId>;
  readonly contrast: Contrast;
  /** Which are left out by thresholds. */
  readonly isKept: (object: ListedObject) => boolean;
  /** What the number below each picture says. */
  readonly numberOf: (object: ListedObject) => string;
  onSelect(ids: ReadonlySet<ObjectId>): void;
  onOpen(object: ListedObject): void;
}

const planes = [
  { value: "xy", label: "XY" },
  { value: "xz", label: "XZ" },
  { value: "yz", label: "YZ" },
] as const;
const gap = 8;
const caption = 24;

/** A picture of every detection, in the order of the ranking: what does not belong stands out among its like. */
export function Gallery(props: GalleryProps) {
  const { ranked, tomogram, classes, selected, contrast, isKept, onSelect, onOpen } = props;
  const [plane, setPlane] = useState<PictureLook["plane"]>("xy");
  const [slices, setSlices] = useState(5);
  const [edge, setEdge] = useState(96);
  const widest = Math.max(4, ...classes.map(({ radius }) => radius));
  const side = Math.min(128, 2 * Math.ceil(widest * 1.8));
  const { low, high, inverted } = contrast;
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [thumbnails, setThumbnails] = useState<Thumbnails | null>(null);
  useEffect(() => {
    const range = inverted ? ([high, low] as const) : ([low, high] as const);
    const made = createThumbnails(
      { tomogram, look: { side, slices, plane, range } },
      { onChange: redraw, onFault: toastMistake },
    );
    setThumbnails(made);
    return () => made.close();
  }, [tomogram, side, slices, plane, low, high, inverted]);

  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const columns = Math.max(1, Math.floor((width - gap) / (edge + gap)));
  const virtual = useVirtualizer({
    count: Math.ceil(ranked.length / columns),
    getScrollElement: () => frame.current,
    estimateSize: () => edge + caption + gap,
    overscan: 2,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are as high as their pictures
  useEffect(() => virtual.measure(), [edge, columns]);
  const rows = virtual.getVirtualItems();
  const first = (rows[0]?.index ?? 0) * columns;
  const last = ((rows.at(-1)?.index ?? -1) + 1) * columns;
  useEffect(() => thumbnails?.want(ranked.slice(first, last)), [thumbnails, ranked, first, last]);

  const ids = useMemo(() => ranked.map(({ id }) => id), [ranked]);
  const anchor = useRef<ObjectId | null>(null);
  const only = selected.size === 1 ? [...selected][0]! : null;
  useEffect(() => {
    const index = only === null ? -1 : ids.indexOf(only);
    if (index < 0) return;
    anchor.current = only;
    virtual.scrollToIndex(Math.floor(index / columns), { align: "auto" });
  }, [only, ids, columns, virtual]);
  const pick = (id: ObjectId, how: { more: boolean; range: boolean }): void => {
    const next = choose({ ids, selected, anchor: anchor.current }, id, how);
    anchor.current = next.anchor;
    onSelect(next.selected);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (by === undefined || event.ctrlKey) return;
    event.preventDefault();
    const id = neighbour(ids, only ?? anchor.current, by);
    if (id !== undefined) pick(id, { more: false, range: event.shiftKey });
  };
  return (
    <div className={styles.gallery}>
      <div className={styles.tools}>
        <Choice<PictureLook["plane"]> label="Plane" value={plane} options={planes} onChange={setPlane} />
        <Slider
          label="Averaged"
          shown={`${slices} slices`}
          min={1}
          max={15}
          step={2}
          value={slices}
          onChange={setSlices}
        />
        <Slider
          label="Size"
          shown={`${edge} px`}
          min={56}
          max={192}
          step={8}
          value={edge}
          onChange={setEdge}
        />
        <span>Click, Ctrl and Shift choose; double click opens the place</span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: pictures in rows, not a table */}
      <div
        className={styles.frame}
        ref={frame}
        role="grid"
        tabIndex={0}
        aria-label="Detections"
        aria-multiselectable
        data-part="objects"
        onKeyDown={onKeyDown}
      >
        <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {rows.map((row) => (
            // biome-ignore lint/a11y/useSemanticElements: the same
            <div
              key={row.key}
              role="row"
              tabIndex={-1}
              className={styles.row}
              style={{ transform: `translateY(${row.start}px)` }}
            >
              {ranked.slice(row.index * columns, (row.index + 1) * columns).map((object) => (
                <Tile
                  key={object.id}
                  {...{ object, edge, side }}
                  picture={thumbnails?.get(object)}
                  shown={classes.find(({ label }) => label === object.label)}
                  isSelected={selected.has(object.id)}
                  isKept={isKept(object)}
                  value={props.numberOf(object)}
                  onPick={pick}
                  onOpen={onOpen}
                />
              ))}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

interface TileProps {
  readonly object: ListedObject;
  readonly picture: Uint8Array | undefined;
  readonly shown: ShownClass | undefined;
  readonly edge: number;
  readonly side: number;
  readonly isSelected: boolean;
  readonly isKept: boolean;
  readonly value: string;
  onPick(id: ObjectId, how: { more: boolean; range: boolean }): void;
  onOpen(object: ListedObject): void;
}

function Tile({ object, picture, shown, edge, side, isSelected, isKept, value, onPick, onOpen }: TileProps) {
  const { id, mark } = object;
  const name = shown?.name ?? `class ${object.label}`;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list above has the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the list above has the focus
    // biome-ignore lint/a11y/useSemanticElements: the same
    <div
      role="gridcell"
      aria-selected={isSelected}
      className={styles.tile}
      data-id={id}
      data-mark={mark}
      data-kept={isKept}
      style={{ width: edge }}
      onClick={(event) => onPick(id, { more: event.ctrlKey || event.metaKey, range: event.shiftKey })}
      onDoubleClick={() => onOpen(object)}
    >
      <Picture picture={picture} edge={edge} side={side} />
      {mark && (
        <span className={styles.mark} role="img" aria-label={mark}>
          <Icon name={mark === "accepted" ? "check" : "close"} size={12} />
        </span>
      )}
      <span className={styles.caption} title={name}>
        <Swatch color={shown?.color ?? "#888888"} />
        <span>{edge < 120 ? object.label : name}</span>
        <b>{value}</b>
      </span>
    </div>
  );
}

function Picture({ picture, edge, side }: Pick<TileProps, "picture" | "edge" | "side">) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(side, side);
    const grey = picture ?? new Uint8Array(side * side).fill(32);
    for (let place = 0; place < grey.length; place++)
      image.data.set([grey[place]!, grey[place]!, grey[place]!, 255], place * 4);
    context.putImageData(image, 0, 0);
  }, [picture, side]);
  return <canvas ref={canvas} width={side} height={side} style={{ width: edge, height: edge }} />;
}

function useWidth(element: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(800);
  useEffect(() => {
    const target = element.current!;
    const observer = new ResizeObserver(() => setWidth(target.clientWidth));
    observer.observe(target);
    setWidth(target.clientWidth);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
