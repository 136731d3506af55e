import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from "react";
import styles from "./field.module.css";

interface FieldProps {
  readonly label: string;
  /** Unit after the control, e.g. `Å`. */
  readonly unit?: string;
  readonly help?: ReactNode;
  /** What is wrong, worded as `validate` words it. */
  readonly mistake?: string;
  /** The label before the control in one row, for dense panels. */
  readonly inline?: boolean;
  /** Gets the ids that join label, help and mistake to the control. */
  children(ids: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean }): ReactNode;
}

/** A label, a control, its unit, help and mistake, joined for the screen reader. */
export function Field({ label, unit, help, mistake, inline, children }: FieldProps) {
  const id = useId();
  const described = [help && `${id}-help`, mistake && `${id}-mistake`].filter(Boolean).join(" ");
  return (
    <div className={inline ? styles.inline : styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      <div className={styles.control}>
        {children({
          id,
          "aria-describedby": described || undefined,
          "aria-invalid": mistake ? true : undefined,
        })}
        {unit && <span className={styles.unit}>{unit}</span>}
      </div>
      {help && (
        <p className={styles.help} id={`${id}-help`}>
          {help}
        </p>
      )}
      {mistake && (
        <p className={styles.mistake} id={`${id}-mistake`} role="alert">
          {mistake}
        </p>
      )}
    </div>
  );
}

/** A line to type in, inside a Field or with an `aria-label`. */
export function TextInput(props: InputHTMLAttributes<HTMLInputElement>) {
  return (
    <input
      type="text"
      spellCheck={false}
      autoComplete="off"
      {...props}
      className={`${styles.input} ${props.className ?? ""}`}
    />
  );
}

/** A choice among a few named values. */
export function Select(props: SelectHTMLAttributes<HTMLSelectElement>) {
  return <select {...props} className={`${styles.input} ${styles.select} ${props.className ?? ""}`} />;
}

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  /** How the value reads, e.g. `5 slices`. */
  readonly shown?: string;
  readonly disabled?: boolean;
  onChange(value: number): void;
}

/** A named slider with its value in words at the right. */
export function Slider({ label, value, min, max, step = 1, shown, disabled, onChange }: SliderProps) {
  const id = useId();
  return (
    <div className={styles.slider}>
      <label htmlFor={id}>{label}</label>
      <output htmlFor={id}>{shown ?? value}</output>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        disabled={disabled}
        aria-valuetext={shown}
        onChange={(event) => onChange(Number(event.target.value))}
      />
    </div>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly on: boolean;
  /** The key that does the same. */
  readonly shortcut?: string;
  readonly disabled?: boolean;
  onChange(on: boolean): void;
}

/** Something that is on or off, with its name before it. */
export function Switch({ label, on, shortcut, disabled, onChange }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      aria-label={label}
      disabled={disabled}
      className={styles.switch}
      onClick={() => onChange(!on)}
    >
      <span>{label}</span>
      {shortcut && <kbd>{shortcut}</kbd>}
      <span className={styles.track} aria-hidden="true" />
    </button>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string; readonly title?: string }[];
  onChange(value: T): void;
}

/** A choice among two to five, all in sight. */
export function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset className={styles.choice} aria-label={label}>
      {options.map((option) => (
        <label
          key={option.value}
          title={option.title}
          className={option.value === value ? styles.chosen : undefined}
        >
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}
