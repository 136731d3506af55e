import type { ReactNode } from "react";
import type { ServerMistake } from "../connection/request.ts";
import { Icon } from "./icon.tsx";
import styles from "./notice.module.css";

interface NoticeProps {
  readonly kind: "good" | "warn" | "bad" | "plain";
  readonly children: ReactNode;
  readonly hint?: ReactNode;
  readonly action?: ReactNode;
}

/** A line within a screen that says how something stands. */
export function Notice({ kind, children, hint, action }: NoticeProps) {
  return (
    <div className={`${styles.notice} ${styles[kind]}`} role={kind === "bad" ? "alert" : "note"}>
      <Icon
        name={kind === "good" ? "check" : kind === "bad" ? "error" : kind === "warn" ? "warning" : "help"}
      />
      <div>
        <div>{children}</div>
        {hint && <div className={styles.hint}>{hint}</div>}
      </div>
      {action}
    </div>
  );
}

/** The server's mistakes, each with its hint. */
export function Mistakes({ mistakes }: { readonly mistakes: readonly ServerMistake[] }) {
  return mistakes.map(({ code, message, hint }, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: mistakes are shown as they come, never reordered
    <Notice key={`${code}-${index}`} kind="bad" hint={hint}>
      {message}
    </Notice>
  ));
}

/** A word in a coloured field: a state, a count, a class. */
export function Badge({
  kind = "idle",
  children,
}: {
  readonly kind?: "good" | "warn" | "bad" | "idle" | "accent";
  readonly children: ReactNode;
}) {
  return <span className={`${styles.badge} ${styles[`badge-${kind}`]}`}>{children}</span>;
}

/** A round patch of a class's colour, before its name. */
export function Swatch({ color }: { readonly color: string }) {
  return <span className={styles.swatch} style={{ background: color }} aria-hidden="true" />;
}
