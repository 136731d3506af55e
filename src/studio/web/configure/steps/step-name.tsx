import { useState } from "react";
import { edit } from "../configure-store.ts";
import styles from "./step-section.module.css";

interface StepNameProps {
  readonly id: string;
  readonly taken: readonly string[];
  onRename(id: string): void;
}

/** The step's name, to be changed in place; every step that names it follows. */
export function StepName({ id, taken, onRename }: StepNameProps) {
  const [typed, setTyped] = useState(id);
  const [shown, setShown] = useState(id);
  if (shown !== id) {
    setShown(id);
    setTyped(id);
  }
  const isGood = typed === id || (/^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}$/.test(typed) && !taken.includes(typed));
  const finish = (): void => {
    if (typed === id) return;
    if (!isGood) {
      setTyped(id);
      return;
    }
    edit([{ type: "rename-step", step: id, name: typed }]);
    onRename(typed);
  };
  return (
    <input
      className={styles.name}
      aria-label="Name of the step"
      title="Change it here: steps that name it follow. The name is also that of its results folder."
      aria-invalid={!isGood || undefined}
      value={typed}
      spellCheck={false}
      onChange={({ target }) => setTyped(target.value)}
      onBlur={finish}
      onKeyDown={({ key, currentTarget }) => {
        if (key === "Enter") currentTarget.blur();
        if (key === "Escape") setTyped(id);
      }}
    />
  );
}
