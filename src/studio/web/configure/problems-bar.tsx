import { useState } from "react";
import type { EditPath } from "../../protocol/workflow-text/operation.ts";
import { Icon } from "../components/icon.tsx";
import { useConfigure } from "./configure-store.ts";
import { RichText } from "./fields/rich-text.tsx";
import styles from "./problems-bar.module.css";

/** What the check says of the whole workflow, in a line at the foot that opens to a list. */
export function ProblemsBar({ onShow }: { onShow(path: EditPath): void }) {
  const { check, isChecking } = useConfigure();
  const [open, setOpen] = useState(false);
  const mistakes = check?.mistakes ?? [];
  const errors = mistakes.filter(({ severity }) => severity === "error").length;
  const words = !check
    ? "Checking"
    : mistakes.length === 0
      ? isChecking
        ? "Checking"
        : "The workflow is right"
      : `${count(errors, "mistake")}${mistakes.length > errors ? `${errors > 0 ? ", " : ""}${count(mistakes.length - errors, "warning")}` : ""}`;
  const isGood = check !== null && mistakes.length === 0 && !isChecking;
  return (
    <footer className={styles.bar}>
      {open && mistakes.length > 0 && (
        <ul className={styles.list}>
          {mistakes.map(({ severity, message, hint, path, file, line, column }) => (
            <li key={`${file}:${line}:${column}:${message}`}>
              <button type="button" onClick={() => path && onShow(path)}>
                <Icon name={severity === "error" ? "error" : "warning"} size={14} />
                <span className={styles.message}>
                  <RichText text={message} />
                  {hint && (
                    <span className={styles.hint}>
                      <RichText text={hint} />
                    </span>
                  )}
                </span>
                <span className={styles.place}>
                  {line === undefined ? file : `${file}:${line}:${column}`}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <button
        type="button"
        className={`${styles.line} ${errors > 0 ? styles.bad : isGood ? styles.good : mistakes.length > 0 ? styles.warn : ""}`}
        aria-expanded={open}
        disabled={mistakes.length === 0}
        onClick={() => setOpen(!open)}
      >
        <Icon
          name={isGood ? "check" : errors > 0 ? "error" : mistakes.length > 0 ? "warning" : "refresh"}
          size={14}
        />
        <span aria-live="polite">{words}</span>
        {mistakes.length > 0 && <Icon name={open ? "down" : "chevron"} size={12} />}
      </button>
    </footer>
  );
}

const count = (number: number, what: string): string =>
  number === 0 ? "" : `${number} ${what}${number === 1 ? "" : "s"}`;
