import { useState } from "react";
import type { ListClass } from "../../protocol/list-tools.ts";
import { IconButton } from "../components/button.tsx";
import { Swatch } from "../components/notice.tsx";
import { Panel } from "../components/panel.tsx";
import type { ShownClass } from "../viewer/viewer-props.ts";
import { ClassDialog } from "./class-dialog.tsx";
import styles from "./class-panel.module.css";

interface ClassPanelProps {
  readonly classes: readonly ShownClass[];
  /** By label: how many objects have it. */
  readonly counts: ReadonlyMap<number, number>;
  /** The class at hand. */
  readonly chosen: number;
  /** Classes whose objects are not drawn. */
  readonly hidden: ReadonlySet<number>;
  /** Where new classes go, e.g. `workflow.yaml`; null: kept by the studio. */
  readonly workflow: string | null;
  onChoose(label: number): void;
  onHide(label: number): void;
  onChange(change: ListClass): Promise<void>;
}

/** The classes with their keys and counts; one of them is given to what is added. */
export function ClassPanel(props: ClassPanelProps) {
  const { classes, counts, chosen, hidden, workflow, onChoose, onHide, onChange } = props;
  const [edited, edit] = useState<ShownClass | "new" | null>(null);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return (
    <Panel
      title={`Classes · ${total === 1 ? "1 object" : `${total.toLocaleString("en")} objects`}`}
      actions={<IconButton icon="plus" size="small" label="New class" onClick={() => edit("new")} />}
    >
      <ul className={styles.classes}>
        {classes.map((one, index) => (
          <li key={one.label} data-chosen={one.label === chosen || undefined}>
            <button
              type="button"
              className={styles.choose}
              aria-pressed={one.label === chosen}
              title={`Add objects of this class${index < 9 ? ` (key ${index + 1})` : ""}`}
              onClick={() => onChoose(one.label)}
            >
              <kbd>{index < 9 ? index + 1 : "·"}</kbd>
              <Swatch color={one.color} />
              <span className={styles.name}>{one.name}</span>
              <span className={styles.count}>{(counts.get(one.label) ?? 0).toLocaleString("en")}</span>
            </button>
            <IconButton
              icon="eye"
              size="small"
              label={hidden.has(one.label) ? `Show ${one.name}` : `Hide ${one.name}`}
              pressed={hidden.has(one.label)}
              onClick={() => onHide(one.label)}
            />
            <IconButton icon="more" size="small" label={`Change ${one.name}`} onClick={() => edit(one)} />
          </li>
        ))}
      </ul>
      {classes.length === 0 && (
        <p className={styles.none}>
          No class yet. Make one with + to begin: a name, a colour and the radius.
        </p>
      )}
      <ClassDialog
        key={edited === null || edited === "new" ? String(edited) : edited.label}
        edited={edited}
        classes={classes}
        workflow={workflow}
        onClose={() => edit(null)}
        onChange={onChange}
      />
    </Panel>
  );
}
