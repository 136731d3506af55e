import { type ReactNode, useId, useState } from "react";
import { Icon } from "./icon.tsx";
import styles from "./panel.module.css";

interface PanelProps {
  readonly title: string;
  readonly children: ReactNode;
  /** Small controls at the right of the title. */
  readonly actions?: ReactNode;
  readonly startsOpen?: boolean;
}

/** A part of a side bar that folds away under its title. */
export function Panel({ title, children, actions, startsOpen = true }: PanelProps) {
  const [open, setOpen] = useState(startsOpen);
  const id = useId();
  return (
    <section className={styles.panel}>
      <div className={styles.head}>
        <h3>
          <button type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
            <Icon name={open ? "down" : "chevron"} size={12} />
            {title}
          </button>
        </h3>
        {actions}
      </div>
      <div id={id} hidden={!open} className={styles.content}>
        {open && children}
      </div>
    </section>
  );
}

/** The top line of a screen: what it shows at the left, what can be done at the right. */
export function ScreenBar({
  title,
  detail,
  children,
}: {
  readonly title: ReactNode;
  readonly detail?: ReactNode;
  readonly children?: ReactNode;
}) {
  return (
    <header className={styles.bar}>
      <h1>{title}</h1>
      {detail && <div className={styles.detail}>{detail}</div>}
      <div className={styles.actions}>{children}</div>
    </header>
  );
}
