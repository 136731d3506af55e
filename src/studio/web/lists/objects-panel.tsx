import { useMemo, useState } from "react";
import { useStore } from "zustand";
import type { ListedObject } from "../../protocol/lists.ts";
import { removeChosen } from "../annotate/annotate-keys.ts";
import { IconButton } from "../components/button.tsx";
import { Select, TextInput } from "../components/field.tsx";
import type { ShownClass } from "../viewer/viewer-props.ts";
import type { ListStore } from "./list-store.ts";
import type { ObjectColumn } from "./object-columns.ts";
import { parseFilter } from "./object-filter.ts";
import { ObjectTable } from "./object-table.tsx";
import styles from "./objects-panel.module.css";

interface ObjectsPanelProps {
  readonly store: ListStore;
  /** Those of the tomogram that is shown. */
  readonly objects: readonly ListedObject[];
  readonly classes: readonly ShownClass[];
  readonly readOnly?: boolean;
  /** False: rows are decided about, not removed. */
  readonly canRemove?: boolean;
  onJump(object: ListedObject): void;
  onEdit(object: ListedObject, column: ObjectColumn, value: number | string | null): void;
  onSnap?(to: "minimum" | "maximum"): void;
}

/** The table of objects with its filter, and what can be done with those chosen. */
export function ObjectsPanel(props: ObjectsPanelProps) {
  const { store, objects, classes, readOnly, canRemove = true, onJump, onEdit, onSnap } = props;
  const { selected, select, edit } = useStore(store);
  const [line, setLine] = useState("");
  const names = useMemo(() => new Map(classes.map(({ label, name }) => [label, name])), [classes]);
  const filter = useMemo(() => parseFilter(line, names), [line, names]);
  const shown = useMemo(
    () => (line.trim() === "" ? objects : objects.filter(filter.test)),
    [objects, line, filter],
  );
  return (
    <section className={styles.panel} aria-label="Table of objects">
      <div className={styles.tools}>
        <TextInput
          type="search"
          aria-label="Filter the objects"
          placeholder="Filter: ribosome score>0.5 z<100"
          title="Words of class, tomogram and own columns; x y z score margin size with < > =; accepted, rejected, undecided"
          value={line}
          aria-invalid={filter.unknown.length > 0 || undefined}
          onChange={(event) => setLine(event.target.value)}
        />
      </div>
      <div className={styles.chosen}>
        <span>
          {[
            line.trim() !== "" &&
              `${shown.length.toLocaleString("en")} of ${objects.length.toLocaleString("en")}`,
            selected.size > 0 && `${selected.size.toLocaleString("en")} chosen`,
          ]
            .filter(Boolean)
            .join(" · ") || (objects.length === 0 ? "No objects" : "None chosen")}
        </span>
        {selected.size > 0 && !readOnly && (
          <>
            <Select
              aria-label="Class of the chosen objects"
              value=""
              onChange={(event) =>
                edit({ type: "setClass", ids: [...selected], label: Number(event.target.value) })
              }
            >
              <option value="" disabled>
                Class …
              </option>
              {classes.map(({ label, name }) => (
                <option key={label} value={label}>
                  {label} {name}
                </option>
              ))}
            </Select>
            {onSnap && (
              <IconButton
                icon="target"
                size="small"
                label="Snap to the darkest spot nearby"
                shortcut="s"
                onClick={() => onSnap("minimum")}
              />
            )}
            {canRemove && (
              <IconButton
                icon="trash"
                size="small"
                label="Remove the chosen objects"
                shortcut="Del"
                onClick={() => removeChosen(store, { anywhere: true })}
              />
            )}
          </>
        )}
      </div>
      {filter.unknown.length > 0 && (
        <p className={styles.wrong} role="alert">
          Not understood: {filter.unknown.join(" ")}
        </p>
      )}
      {objects.length === 0 ? (
        <p className={styles.none}>
          Double-click a particle in any of the planes to mark it, or press <kbd>Enter</kbd> to mark the place
          under the cross-hair.
        </p>
      ) : (
        <ObjectTable objects={shown} {...{ classes, selected, readOnly, onJump, onEdit }} onSelect={select} />
      )}
    </section>
  );
}
