import { useId, useLayoutEffect, useRef, useState } from "react";
import styles from "./table-sheet.module.css";

interface CellInputProps {
  readonly label: string;
  /** What stands in it at first: the cell's text, or the key that began it. */
  readonly text: string;
  readonly options: readonly string[];
  /** `next` is where to go, in rows and columns. */
  onDone(text: string, next: readonly [number, number]): void;
  onCancel(): void;
}

/** The cell that is being edited: Enter and Tab write, Escape leaves it as it was. */
export function CellInput({ label, text, options, onDone, onCancel }: CellInputProps) {
  const [typed, setTyped] = useState(text);
  const input = useRef<HTMLInputElement>(null);
  const isOver = useRef(false);
  const list = useId();
  // before the next key comes
  useLayoutEffect(() => {
    input.current?.focus();
    // the end of the text, to go on from the key that began it
    input.current?.setSelectionRange(text.length, text.length);
  }, [text]);
  const finish = (next: readonly [number, number]): void => {
    isOver.current = true;
    onDone(typed, next);
  };
  return (
    <>
      <input
        ref={input}
        type="text"
        className={styles.input}
        aria-label={label}
        value={typed}
        spellCheck={false}
        list={options.length > 0 ? list : undefined}
        onChange={({ target }) => setTyped(target.value)}
        onBlur={() => !isOver.current && finish([0, 0])}
        onKeyDown={(event) => {
          if (event.key === "Enter") finish([event.shiftKey ? -1 : 1, 0]);
          else if (event.key === "Tab") finish([0, event.shiftKey ? -1 : 1]);
          else if (event.key === "Escape") {
            isOver.current = true;
            onCancel();
          } else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      {options.length > 0 && (
        <datalist id={list}>
          {options.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
    </>
  );
}
