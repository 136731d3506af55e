import type { ReactNode } from "react";
import type { FieldForm } from "../../../protocol/forms.ts";
import { IconButton } from "../../components/button.tsx";
import styles from "./field-row.module.css";
import { RichText } from "./rich-text.tsx";

interface FieldRowProps {
  readonly field: Pick<FieldForm, "name" | "label" | "description" | "unit" | "default" | "required">;
  readonly id: string;
  /** The file gives it a value. */
  readonly isWritten: boolean;
  /** As `validate` words them. */
  readonly mistakes: readonly string[];
  readonly warnings?: readonly string[];
  readonly children: ReactNode;
  onReset?(): void;
}

/** A line of a form: name and help at the left, the control at the right, mistakes below it. */
export function FieldRow({
  field,
  id,
  isWritten,
  mistakes,
  warnings = [],
  children,
  onReset,
}: FieldRowProps) {
  const isWrong = mistakes.length > 0;
  return (
    <div
      className={`${styles.row} ${isWritten ? styles.written : ""} ${isWrong ? styles.wrong : ""}`}
      data-field={field.name}
    >
      <div className={styles.words}>
        <label htmlFor={id} title={field.name}>
          {field.label}
          {field.required && <span className={styles.required}> needed</span>}
        </label>
        <p id={`${id}-help`} title={field.description}>
          <RichText text={field.description} />
        </p>
      </div>
      <div className={styles.side}>
        <div className={styles.control}>
          {children}
          {field.unit && <span className={styles.unit}>{field.unit}</span>}
          {isWritten && onReset && (
            <IconButton
              icon="undo"
              size="small"
              className={styles.reset}
              label={
                field.default === undefined
                  ? `Leave ${field.label} out`
                  : `Back to the default of ${field.label}: ${field.default}`
              }
              onClick={onReset}
            />
          )}
        </div>
        {(isWrong || warnings.length > 0) && (
          <div id={`${id}-mistake`} role="alert" className={styles.mistakes}>
            {mistakes.map((words) => (
              <p key={words} className={styles.mistake}>
                <RichText text={words} />
              </p>
            ))}
            {warnings.map((words) => (
              <p key={words} className={styles.warning}>
                <RichText text={words} />
              </p>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}
