import { useEffect, useRef } from "react";
import type { PlacedMistake } from "../../../protocol/forms.ts";
import type { EditPath } from "../../../protocol/workflow-text/operation.ts";
import { pathAt, rangeAt } from "../../../protocol/workflow-text/path-at.ts";
import { createEditor, type YamlView } from "./editor-view.ts";
import styles from "./yaml-editor.module.css";

interface YamlEditorProps {
  readonly text: string;
  readonly mistakes: readonly PlacedMistake[];
  /** What the form is at: shown and marked. */
  readonly shownPath: EditPath | null;
  onType(text: string): void;
  onUndo(): void;
  onRedo(): void;
  onSave(): void;
  /** The value at the cursor, when the user puts it somewhere. */
  onCursor(path: EditPath): void;
}

/** The workflow's text beside its form. Both are one truth: each shows at once what is changed in the other. */
export function YamlEditor({ text, mistakes, shownPath, ...actions }: YamlEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<YamlView>(null);
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const made = createEditor(host.current!, {
      onType: (typed) => latest.current.onType(typed),
      onUndo: () => latest.current.onUndo(),
      onRedo: () => latest.current.onRedo(),
      onSave: () => latest.current.onSave(),
      onCursor: (whole, line, column) => latest.current.onCursor(pathAt(whole, line, column)),
    });
    view.current = made;
    return () => made.destroy();
  }, []);
  useEffect(() => view.current?.show(text), [text]);
  useEffect(() => view.current?.mark(mistakes), [mistakes]);
  useEffect(() => {
    // the text as it is now: another change of it does not scroll
    const range = shownPath && rangeAt(view.current?.text() ?? "", shownPath);
    view.current?.reveal(range ?? null);
  }, [shownPath]);
  return <div ref={host} className={styles.host} />;
}
