import type { ReactNode } from "react";
import type { PlacedMistake } from "../../../protocol/forms.ts";
import { Notice } from "../../components/notice.tsx";
import { RichText } from "../fields/rich-text.tsx";
import styles from "./section.module.css";

interface SectionProps {
  readonly title: ReactNode;
  readonly about?: ReactNode;
  readonly actions?: ReactNode;
  /** Of the part as a whole; those of fields stand beside them. */
  readonly mistakes?: readonly PlacedMistake[];
  readonly children: ReactNode;
}

/** A part of the workflow as a page of the form. */
export function Section({ title, about, actions, mistakes = [], children }: SectionProps) {
  return (
    <article className={styles.section}>
      <header className={styles.head}>
        <h2>{title}</h2>
        {actions && <div className={styles.actions}>{actions}</div>}
        {about && <p>{about}</p>}
      </header>
      <MistakeNotices mistakes={mistakes} />
      {children}
    </article>
  );
}

/** Mistakes that no field shows. */
export function MistakeNotices({ mistakes }: { readonly mistakes: readonly PlacedMistake[] }) {
  return mistakes.map(({ severity, message, hint, line, file }) => (
    <Notice
      key={`${line} ${message}`}
      kind={severity === "error" ? "bad" : "warn"}
      hint={hint && <RichText text={hint} />}
      action={line !== undefined && <span className={styles.place}>{`${file ?? ""}:${line}`}</span>}
    >
      <RichText text={message} />
    </Notice>
  ));
}
