import { type ReactNode, useId, useState } from "react";
import { Icon } from "../../components/icon.tsx";
import styles from "./group.module.css";

interface GroupProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly startsOpen?: boolean;
  /** Of its fields, told while it is folded. */
  readonly count?: number;
  readonly actions?: ReactNode;
}

/** Fields that belong together, under a title that folds them away. */
export function Group({ title, children, startsOpen = true, count, actions }: GroupProps) {
  const [open, setOpen] = useState(startsOpen);
  const id = useId();
  return (
    <section className={styles.group}>
      <header>
        <h3>
          <button type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
            <Icon name={open ? "down" : "chevron"} size={12} />
            {title}
            {!open && count !== undefined && <span className={styles.count}>{count}</span>}
          </button>
        </h3>
        {actions}
      </header>
      <div id={id} hidden={!open} className={styles.content}>
        {open && children}
      </div>
    </section>
  );
}
