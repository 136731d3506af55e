import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import styles from "./button.module.css";
import { Icon, type IconName } from "./icon.tsx";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `primary`: the one thing to do on this screen; `quiet`: no frame until pointed at; `danger`: cannot be taken back. */
  readonly look?: "plain" | "primary" | "quiet" | "danger";
  readonly size?: "small" | "normal";
  readonly icon?: IconName;
  /** Pressed in, for buttons that switch something. */
  readonly pressed?: boolean;
  readonly children?: ReactNode;
  readonly ref?: Ref<HTMLButtonElement>;
}

/** A button with words, and perhaps a picture before them. */
export function Button({ look = "plain", size = "normal", icon, pressed, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-pressed={pressed}
      className={`${styles.button} ${styles[look]} ${styles[size]} ${rest.className ?? ""}`}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonProps, "children" | "icon"> {
  readonly icon: IconName;
  /** What it does, for the screen reader and the tip under the pointer. */
  readonly label: string;
  /** The key that does the same, shown in the tip. */
  readonly shortcut?: string;
}

/** A button that is only a picture: its label is read aloud and shown as a tip. */
export function IconButton({
  icon,
  label,
  shortcut,
  look = "quiet",
  pressed,
  size = "normal",
  ...rest
}: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      aria-pressed={pressed}
      title={shortcut ? `${label} (${shortcut})` : label}
      className={`${styles.button} ${styles.square} ${styles[look]} ${styles[size]} ${rest.className ?? ""}`}
    >
      <Icon name={icon} />
    </button>
  );
}
