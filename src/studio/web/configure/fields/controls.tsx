import { useId } from "react";
import type { Control, FieldForm } from "../../../protocol/forms.ts";
import { IconButton } from "../../components/button.tsx";
import { Select } from "../../components/field.tsx";
import { ByLabel } from "./by-label.tsx";
import styles from "./controls.module.css";
import { DraftInput } from "./draft-input.tsx";
import { Pairs } from "./pairs.tsx";
import { useSurroundings } from "./surroundings.ts";
import { isExpression, textOfValue, valueOfText } from "./value-text.ts";

export interface ControlProps {
  readonly field: FieldForm;
  readonly value: unknown;
  readonly ids: {
    readonly id: string;
    readonly "aria-describedby"?: string;
    readonly "aria-invalid"?: boolean;
  };
  onChange(value: unknown): void;
}

/** The control that a field asks for; an expression is shown as text in all of them. */
export function ValueControl(props: ControlProps) {
  const { control } = props.field;
  const asText = isExpression(props.value) && control.type !== "file" && control.type !== "list";
  if (asText) return <TextControl {...props} />;
  switch (control.type) {
    case "switch":
      return <SwitchControl {...props} />;
    case "choice":
      return <ChoiceControl {...props} choices={control.choices} />;
    case "by-label":
      return <ByLabel {...props} control={control} />;
    case "pairs":
      return <Pairs {...props} />;
    case "lines":
      return <LinesControl {...props} />;
    case "file":
      return <FileControl {...props} />;
    default:
      return <TextControl {...props} />;
  }
}

function TextControl({ field, value, ids, onChange }: ControlProps) {
  const list = useId();
  const { expressions } = useSurroundings();
  const offered = [
    ...(field.suggestions ?? []),
    ...(isExpression(value) || !isNumber(field.control) ? expressions : []),
  ];
  const names = field.control.type === "list" ? field.control.names : undefined;
  return (
    <>
      <DraftInput
        {...ids}
        value={textOfValue(value)}
        placeholder={field.default ?? (names ? names.join(", ") : field.required ? "required" : "not set")}
        inputMode={isNumber(field.control) && !field.suggestions ? "decimal" : undefined}
        list={offered.length > 0 ? list : undefined}
        onText={(text) => onChange(valueOfText(text, field.control))}
      />
      {offered.length > 0 && (
        <datalist id={list}>
          {offered.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
    </>
  );
}

const isNumber = ({ type }: Control): boolean => type === "number" || type === "list";

function SwitchControl({ field, value, ids, onChange }: ControlProps) {
  const on = value === undefined ? field.default === "true" : value === true;
  return (
    <button
      type="button"
      role="switch"
      {...ids}
      aria-checked={on}
      aria-label={field.label}
      className={styles.switch}
      onClick={() => onChange(!on)}
    >
      <span className={styles.track} aria-hidden="true" />
      <span>{on ? "Yes" : "No"}</span>
    </button>
  );
}

function ChoiceControl({
  field,
  value,
  ids,
  onChange,
  choices,
}: ControlProps & { choices: readonly string[] }) {
  const written = textOfValue(value);
  const isUnknown = written !== "" && !choices.includes(written);
  return (
    <Select
      {...ids}
      value={written}
      className={value === undefined ? styles.unset : undefined}
      onChange={(event) => onChange(valueOfText(event.target.value, field.control))}
    >
      <option value="">{field.default === undefined ? "not set" : `${field.default} (default)`}</option>
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {choice}
        </option>
      ))}
      {isUnknown && <option value={written}>{written}</option>}
    </Select>
  );
}

function FileControl({ field, value, ids, onChange }: ControlProps) {
  const list = useId();
  const { expressions, choose } = useSurroundings();
  const outputs = expressions.filter((each) => !each.includes("${params."));
  return (
    <>
      <DraftInput
        {...ids}
        value={textOfValue(value)}
        placeholder={field.required ? "a file, or the output of a step" : "not set"}
        list={list}
        onText={(text) => onChange(valueOfText(text, field.control))}
      />
      <datalist id={list}>
        {outputs.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <IconButton
        icon="folder"
        label={`Choose a file for ${field.label}`}
        look="plain"
        onClick={() => choose({ title: field.label, kinds: kindsFor(field.name) }, (path) => onChange(path))}
      />
    </>
  );
}

const kindsFor = (name: string) =>
  /weights/i.test(name)
    ? (["weights", "tomogram"] as const)
    : /mask|density|tomogram|labels/i.test(name)
      ? (["tomogram", "weights"] as const)
      : ([] as const);

function LinesControl({ field, value, ids, onChange }: ControlProps) {
  const lines = Array.isArray(value) ? value.map(String).join("\n") : textOfValue(value);
  return (
    <textarea
      {...ids}
      className={styles.lines}
      rows={Math.max(3, lines.split("\n").length)}
      spellCheck={false}
      defaultValue={lines}
      placeholder={"program\nargument"}
      onChange={(event) => onChange(valueOfText(event.target.value, field.control))}
    />
  );
}
