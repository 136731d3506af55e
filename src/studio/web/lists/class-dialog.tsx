import { useState } from "react";
import type { ListClass } from "../../protocol/list-tools.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Field, TextInput } from "../components/field.tsx";
import { Mistakes } from "../components/notice.tsx";
import { mistakesOf, type ServerMistake } from "../connection/request.ts";
import { colorOfLabel } from "../design/class-colors.ts";
import type { ShownClass } from "../viewer/viewer-props.ts";
import styles from "./class-panel.module.css";

interface ClassDialogProps {
  readonly edited: ShownClass | "new" | null;
  readonly classes: readonly ShownClass[];
  readonly workflow: string | null;
  onClose(): void;
  onChange(change: ListClass): Promise<void>;
}

/** Name, colour and radius of a class, written into the workflow. */
export function ClassDialog({ edited, classes, workflow, onClose, onChange }: ClassDialogProps) {
  const start = edited !== null && edited !== "new" ? edited : firstOf(classes);
  const [name, setName] = useState(edited === "new" ? "" : start.name);
  const [color, setColor] = useState(start.color);
  const [radius, setRadius] = useState(String(start.radius));
  const [mistakes, tell] = useState<readonly ServerMistake[]>([]);
  const isWrong = !(Number(radius) > 0);
  const save = async (): Promise<void> => {
    try {
      await onChange({ label: start.label, name: name.trim(), color, radius: Number(radius) });
      onClose();
    } catch (thrown) {
      tell(mistakesOf(thrown));
    }
  };
  return (
    <Dialog
      title={edited === "new" ? `New class ${start.label}` : `Class ${start.label}`}
      open={edited !== null}
      width="narrow"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={name.trim() === "" || isWrong} onClick={() => void save()}>
            {edited === "new" ? "Make the class" : "Change the class"}
          </Button>
        </>
      }
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "" && !isWrong) void save();
        }}
      >
        <Field
          label="Name"
          help={
            workflow
              ? `Written into the classes of ${workflow}.`
              : "Kept in this project until there is a workflow."
          }
        >
          {(ids) => (
            <TextInput
              {...ids}
              autoFocus
              value={name}
              maxLength={200}
              placeholder="ribosome"
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <div className={styles.pair}>
          <Field label="Radius" unit="voxels" mistake={isWrong ? "more than 0" : undefined}>
            {(ids) => (
              <TextInput
                {...ids}
                inputMode="decimal"
                value={radius}
                onChange={(event) => setRadius(event.target.value)}
              />
            )}
          </Field>
          <Field label="Colour">
            {(ids) => (
              <input
                {...ids}
                type="color"
                className={styles.color}
                value={color}
                onChange={(event) => setColor(event.target.value)}
              />
            )}
          </Field>
        </div>
        <Mistakes mistakes={mistakes} />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

/** What a new class begins with. */
function firstOf(classes: readonly ShownClass[]): ShownClass {
  const label = Math.max(0, ...classes.map((one) => one.label)) + 1;
  return { label, name: "", color: colorOfLabel(label), radius: classes.at(-1)?.radius ?? 8 };
}
