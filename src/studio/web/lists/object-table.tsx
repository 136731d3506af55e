import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type MouseEvent, useEffect, useMemo, useRef, useState } from "react";
import type { ListedObject, ObjectId } from "../../protocol/lists.ts";
import { Swatch } from "../components/notice.tsx";
import { toast } from "../components/toast.tsx";
import type { ShownClass } from "../viewer/viewer-props.ts";
import { columnsOf, type ObjectColumn, parseCell, showCell } from "./object-columns.ts";
import styles from "./object-table.module.css";
import { choose, neighbour } from "./selection.ts";
import { nextSorting, type Sorting, sortObjects } from "./sorting.ts";

interface ObjectTableProps {
  /** Those that are shown, filtered already. */
  readonly objects: readonly ListedObject[];
  readonly classes: readonly ShownClass[];
  readonly selected: ReadonlySet<ObjectId>;
  /** How it is sorted at first, e.g. the lowest score first. */
  readonly startsSortedBy?: Sorting;
  readonly readOnly?: boolean;
  onSelect(ids: ReadonlySet<ObjectId>): void;
  /** The row that was gone to: the picture follows. */
  onJump(object: ListedObject): void;
  onEdit(object: ListedObject, column: ObjectColumn, value: number | string | null): void;
}

const rowHeight = 28;

/** Objects as rows: sorted by a click on a title, chosen as files are, edited where they stand (double click or Enter). */
export function ObjectTable(props: ObjectTableProps) {
  const { objects, classes, selected, startsSortedBy, readOnly, onSelect, onJump, onEdit } = props;
  const columns = useMemo(() => columnsOf(objects), [objects]);
  const [sorting, setSorting] = useState<Sorting | null>(startsSortedBy ?? null);
  const rows = useMemo(() => sortObjects(objects, columns, sorting), [objects, columns, sorting]);
  const ids = useMemo(() => rows.map(({ id }) => id), [rows]);
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  const anchor = useRef<ObjectId | null>(null);
  const [editing, setEditing] = useState<{ id: ObjectId; column: string } | null>(null);
  const only = selected.size === 1 ? [...selected][0]! : null;
  // what is chosen in the picture comes into sight here
  useEffect(() => {
    if (only === null) return;
    const index = ids.indexOf(only);
    anchor.current = only;
    if (index >= 0) virtual.scrollToIndex(index, { align: "auto" });
  }, [only, ids, virtual]);

  const pick = (id: ObjectId, how: { more: boolean; range: boolean }): void => {
    const next = choose({ ids, selected, anchor: anchor.current }, id, how);
    anchor.current = next.anchor;
    onSelect(next.selected);
    const row = how.more || how.range ? undefined : rows[ids.indexOf(id)];
    if (row) onJump(row);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (editing || event.target instanceof HTMLInputElement) return;
    const step = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: 15,
      PageUp: -15,
      Home: -rows.length,
      End: rows.length,
    }[event.key];
    if (step !== undefined && !event.ctrlKey) {
      event.preventDefault();
      const id = neighbour(ids, only ?? anchor.current, step);
      if (id === undefined) return;
      pick(id, { more: false, range: event.shiftKey });
      virtual.scrollToIndex(ids.indexOf(id), { align: "auto" });
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onSelect(new Set(ids));
    } else if ((event.key === "Enter" || event.key === "F2") && only !== null && !readOnly) {
      event.preventDefault();
      setEditing({ id: only, column: columns[0]!.id });
    }
  };
  const items = virtual.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the table inside has the role
    <div className={styles.frame} ref={frame} data-part="objects" onKeyDown={onKeyDown}>
      <table
        className={styles.table}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its cells are chosen and edited
        role="grid"
        tabIndex={0}
        aria-label="Objects"
        aria-rowcount={rows.length}
        aria-multiselectable
      >
        <thead>
          <tr>
            {columns.map(({ id, title }) => {
              const sorted = sorting?.column === id ? sorting.direction : "none";
              return (
                <th key={id} aria-sort={sorted}>
                  <button type="button" onClick={() => setSorting(nextSorting(sorting, id))}>
                    {title}
                    <i aria-hidden="true">{sortSigns[sorted]}</i>
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <Gap height={above} />}
          {items.map(({ index }) => {
            const object = rows[index]!;
            return (
              <tr
                key={object.id}
                aria-rowindex={index + 1}
                aria-selected={selected.has(object.id)}
                data-id={object.id}
                data-mark={object.mark}
                onClick={(event: MouseEvent) =>
                  pick(object.id, { more: event.ctrlKey || event.metaKey, range: event.shiftKey })
                }
              >
                {columns.map((column) => (
                  <td
                    key={column.id}
                    data-kind={column.kind}
                    onDoubleClick={() => !readOnly && setEditing({ id: object.id, column: column.id })}
                  >
                    {editing?.id === object.id && editing.column === column.id ? (
                      <CellEditor
                        column={column}
                        start={showCell(column.read(object))}
                        onDone={(value) => {
                          if (value !== undefined) onEdit(object, column, value);
                          setEditing(null);
                          frame.current?.querySelector<HTMLElement>("[role=grid]")?.focus();
                        }}
                      />
                    ) : (
                      <Cell column={column} object={object} classes={classes} />
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
          {below > 0 && <Gap height={below} />}
        </tbody>
      </table>
    </div>
  );
}

/** In place of the rows that are out of sight. */
const Gap = ({ height }: { readonly height: number }) => (
  <tr className={styles.gap}>
    <td style={{ height }} />
  </tr>
);

const sortSigns = { ascending: "▲", descending: "▼", none: "" } as const;

interface CellProps {
  readonly column: ObjectColumn;
  readonly object: ListedObject;
  readonly classes: readonly ShownClass[];
}

function Cell({ column, object, classes }: CellProps) {
  const value = column.read(object);
  if (column.kind !== "label") return <>{showCell(value)}</>;
  const known = classes.find(({ label }) => label === object.label);
  return (
    <span className={styles.class} title={known?.name}>
      <Swatch color={known?.color ?? "#888888"} />
      <b>{object.label}</b>
      <span>{known?.name}</span>
    </span>
  );
}

interface CellEditorProps {
  readonly column: ObjectColumn;
  readonly start: string;
  /** Undefined: as it was. */
  onDone(value: number | string | null | undefined): void;
}

function CellEditor({ column, start, onDone }: CellEditorProps) {
  const [text, setText] = useState(start);
  const isDone = useRef(false);
  const done = (keep: boolean): void => {
    if (isDone.current) return;
    isDone.current = true;
    const parsed = keep && text !== start ? parseCell(column, text) : undefined;
    if (parsed && "fault" in parsed)
      toast({ kind: "bad", message: `“${text}” is not kept: ${parsed.fault}` });
    onDone(parsed && "value" in parsed ? parsed.value : undefined);
  };
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: it opens where the double click was
      autoFocus
      aria-label={column.title}
      value={text}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => done(true)}
      onClick={(event) => event.stopPropagation()}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter" || event.key === "Tab") done(true);
        if (event.key === "Escape") done(false);
      }}
    />
  );
}
