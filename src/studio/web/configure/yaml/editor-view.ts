/**
 * CodeMirror with YAML, in a shadow root: there its styles are sheets made by scripts, which the Content-Security-Policy allows, and no
 * inline `<style>`.
 */

import { yaml } from "@codemirror/lang-yaml";
import { indentUnit } from "@codemirror/language";
import { lintGutter, type Diagnostic as Mark, setDiagnostics } from "@codemirror/lint";
import { Annotation, EditorState, Prec, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, keymap } from "@codemirror/view";
import { basicSetup } from "codemirror";
import type { PlacedMistake } from "../../../protocol/forms.ts";
import { offsetOf } from "../../../protocol/workflow-text/path-at.ts";
import { editorStyles } from "./editor-styles.ts";

export interface YamlView {
  readonly text: () => string;
  /** Shows another text, the cursor as near as it was. */
  readonly show: (text: string) => void;
  readonly mark: (mistakes: readonly PlacedMistake[]) => void;
  /** Marks lines and scrolls there; null marks none. */
  readonly reveal: (range: { readonly from: number; readonly to: number } | null) => void;
  readonly destroy: () => void;
}

export interface YamlActions {
  onType(text: string): void;
  onUndo(): void;
  onRedo(): void;
  onSave(): void;
  onCursor(text: string, line: number, column: number): void;
}

/** A change that came from outside of the editor. */
const fromOutside = Annotation.define<boolean>();

export function createEditor(host: HTMLElement, actions: YamlActions): YamlView {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  root.replaceChildren();
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc: "",
      extensions: [
        // the studio has one way back for form and text
        Prec.highest(keymap.of(keysOf(actions))),
        basicSetup,
        yaml(),
        indentUnit.of("  "),
        lintGutter(),
        marked,
        ...editorStyles,
        EditorView.contentAttributes.of({ "aria-label": "Workflow file", tabindex: "0" }),
        EditorView.updateListener.of((update) => {
          if (update.transactions.some((each) => each.annotation(fromOutside))) return;
          if (update.docChanged) actions.onType(update.state.doc.toString());
          else if (update.selectionSet && update.view.hasFocus) tellCursor(update.state, actions);
        }),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    show: (text) => show(view, text),
    mark: (mistakes) => view.dispatch(setDiagnostics(view.state, marksOf(view.state, mistakes))),
    reveal: (range) => reveal(view, range),
    destroy: () => view.destroy(),
  };
}

/** True: the key is used up. */
const does = (action: () => void) => (): boolean => {
  action();
  return true;
};

const keysOf = ({ onUndo, onRedo, onSave }: YamlActions) => [
  { key: "Mod-z", run: does(onUndo) },
  { key: "Mod-y", run: does(onRedo) },
  { key: "Mod-Shift-z", run: does(onRedo) },
  { key: "Mod-s", run: does(onSave), preventDefault: true },
];

function tellCursor(state: EditorState, { onCursor }: YamlActions): void {
  const { head } = state.selection.main;
  const line = state.doc.lineAt(head);
  onCursor(state.doc.toString(), line.number, head - line.from + 1);
}

/** Only what differs is replaced, so that cursor and scrolling stay. */
function show(view: EditorView, text: string): void {
  const old = view.state.doc.toString();
  if (old === text) return;
  // CodeMirror counts every line end as one character
  const wanted = text.replace(/\r\n?/g, "\n");
  if (old === wanted) return;
  let from = 0;
  while (from < old.length && from < wanted.length && old[from] === wanted[from]) from++;
  let end = 0;
  while (
    end < old.length - from &&
    end < wanted.length - from &&
    old[old.length - 1 - end] === wanted[wanted.length - 1 - end]
  )
    end++;
  view.dispatch({
    changes: { from, to: old.length - end, insert: wanted.slice(from, wanted.length - end) },
    annotations: fromOutside.of(true),
  });
}

function marksOf(state: EditorState, mistakes: readonly PlacedMistake[]): Mark[] {
  const text = state.doc.toString();
  return mistakes
    .filter(({ path, line }) => path !== undefined && line !== undefined)
    .map(({ line, column = 1, length = 1, severity, message, hint }) => {
      const from = offsetOf(text, line!, column);
      return {
        from,
        to: Math.min(text.length, from + length),
        severity,
        message: hint === undefined ? message : `${message}\n${hint}`,
      };
    });
}

const setMarked = StateEffect.define<{ readonly from: number; readonly to: number } | null>();

/** The lines of what the form is at. */
const marked = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (lines, transaction) => {
    let next = lines.map(transaction.changes);
    for (const effect of transaction.effects)
      if (effect.is(setMarked))
        next = effect.value ? linesOf(transaction.state, effect.value) : Decoration.none;
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function linesOf({ doc }: EditorState, { from, to }: { from: number; to: number }): DecorationSet {
  const [first, last] = [doc.lineAt(Math.min(from, doc.length)), doc.lineAt(Math.min(to, doc.length))];
  const marks = [];
  for (let number = first.number; number <= last.number; number++)
    marks.push(Decoration.line({ class: "cm-shown" }).range(doc.line(number).from));
  return Decoration.set(marks);
}

function reveal(view: EditorView, range: { readonly from: number; readonly to: number } | null): void {
  if (view.hasFocus) return;
  const effects: StateEffect<unknown>[] = [setMarked.of(range)];
  if (range)
    effects.push(EditorView.scrollIntoView(Math.min(range.from, view.state.doc.length), { y: "center" }));
  view.dispatch({ effects });
}
