import { useState } from "react";
import type { Control } from "../../../protocol/forms.ts";
import { IconButton } from "../../components/button.tsx";
import { Choice } from "../../components/field.tsx";
import { Swatch } from "../../components/notice.tsx";
import { asData } from "../outline.ts";
import styles from "./controls.module.css";
import type { ControlProps } from "./controls.tsx";
import { DraftInput } from "./draft-input.tsx";
import { useSurroundings } from "./surroundings.ts";
import { textOfValue, valueOfText } from "./value-text.ts";

interface ByLabelProps extends ControlProps {
  readonly control: Extract<Control, { type: "by-label" }>;
}

/** A value for each class, or one for all where the kind takes that. */
export function ByLabel({ field, value, ids, onChange, control }: ByLabelProps) {
  const isMap = typeof value === "object" && value !== null;
  const [perClass, setPerClass] = useState(isMap);
  const shownPerClass = isMap || !control.single || (perClass && value === undefined);
  const choose = (mode: "one" | "each"): void => {
    setPerClass(mode === "each");
    if (mode === "one" && isMap) onChange(Object.values(asData(value))[0]);
    if (mode === "each" && !isMap) onChange(undefined);
  };
  return (
    <fieldset className={styles.byLabel} aria-label={field.label} {...(shownPerClass && { id: ids.id })}>
      {control.single && (
        <Choice
          label={`${field.label}: one value or one a class`}
          value={shownPerClass ? "each" : "one"}
          options={[
            { value: "one", label: "One for all" },
            { value: "each", label: "By class" },
          ]}
          onChange={choose}
        />
      )}
      {shownPerClass ? (
        <Rows field={field} value={asData(value)} ids={ids} onChange={onChange} control={control} />
      ) : (
        <DraftInput
          {...ids}
          value={textOfValue(value)}
          placeholder={field.default ?? "not set"}
          onText={(text) => onChange(valueOfText(text, control))}
        />
      )}
    </fieldset>
  );
}

function Rows({
  field,
  value,
  onChange,
  control,
}: Omit<ByLabelProps, "value"> & { value: Record<string, unknown> }) {
  const { classes, choose } = useSurroundings();
  const known = [...(control.background ? [{ label: "0", name: "background" }] : []), ...classes];
  const others = Object.keys(value).filter((label) => !known.some((each) => each.label === label));
  const all = [...known, ...others.map((label) => ({ label, name: `class ${label}` }))];
  const change = (label: string, inner: unknown): void => {
    const { [label]: _, ...rest } = value;
    const next = inner === undefined ? rest : { ...value, [label]: inner };
    onChange(Object.keys(next).length > 0 ? next : undefined);
  };
  if (all.length === 0) return <p className={styles.none}>There are no classes yet.</p>;
  return (
    <ul className={styles.labels}>
      {all.map(({ label, name, ...more }) => (
        <li key={label}>
          <span className={styles.className} title={`label ${label}`}>
            <Swatch color={"color" in more && more.color ? more.color : "var(--line-strong)"} />
            {name}
          </span>
          <DraftInput
            aria-label={`${field.label} of ${name}`}
            value={textOfValue(value[label])}
            placeholder="—"
            onText={(text) => change(label, valueOfText(text, control))}
          />
          {control.isFile && (
            <IconButton
              icon="folder"
              size="small"
              label={`Choose a file for ${name}`}
              onClick={() =>
                choose({ title: `${field.label}: ${name}`, kinds: ["tomogram"] }, (path) =>
                  change(label, path),
                )
              }
            />
          )}
        </li>
      ))}
    </ul>
  );
}
