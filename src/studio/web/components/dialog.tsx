import { type ReactNode, useEffect, useId, useRef } from "react";
import { IconButton } from "./button.tsx";
import styles from "./dialog.module.css";

interface DialogProps {
  readonly title: string;
  readonly open: boolean;
  readonly children: ReactNode;
  /** The buttons at the end, the one that does it last. */
  readonly actions?: ReactNode;
  readonly width?: "narrow" | "normal" | "wide";
  onClose(): void;
}

/** A window over the screen: the rest waits until it is closed (Escape closes it). */
export function Dialog({ title, open, children, actions, width = "normal", onClose }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = element.current;
    if (open && dialog && !dialog.open) {
      dialog.showModal();
      // a field to type in, else what the dialog is for, before the cross that closes it
      dialog
        .querySelector<HTMLElement>("input, select, textarea, footer button:last-child, div button")
        ?.focus({ focusVisible: false } as FocusOptions);
    }
    return () => dialog?.close();
  }, [open]);
  if (!open) return null;
  return (
    <dialog
      ref={element}
      aria-labelledby={id}
      className={`${styles.dialog} ${styles[width]}`}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <IconButton icon="close" label="Close" size="small" onClick={onClose} />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: arrows scroll what is too long for the window */}
      <div className={styles.content} tabIndex={0}>
        {children}
      </div>
      {actions && <footer>{actions}</footer>}
    </dialog>
  );
}
