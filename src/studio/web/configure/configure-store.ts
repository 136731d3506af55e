/** The workflow that is open in this window: its draft, what the check says, what forms need. */
import { create } from "zustand";
import type { CheckAnswer, FormsAnswer, KindForm, WorkflowText } from "../../protocol/forms.ts";
import { editText } from "../../protocol/workflow-text/edit-text.ts";
import type { EditPath, Operation } from "../../protocol/workflow-text/operation.ts";
import { dataOf, parseText } from "../../protocol/workflow-text/text-document.ts";
import { toast, toastMistake } from "../components/toast.tsx";
import { checkWorkflow, readForms, readWorkflow, saveWorkflow } from "./configure-api.ts";
import { changeText, type Draft, followDisk, isUnsaved, markSaved, openDraft, redo, undo } from "./draft.ts";
import { forgetDraft, keepDraft, keptDraft } from "./kept-draft.ts";
import { stepsOf } from "./outline.ts";

export interface ConfigureState {
  readonly draft: Draft | null;
  /** Plain data of the text, of the last text that was YAML. */
  readonly data: unknown;
  /** The text is no YAML: forms show the last that was, and change nothing. */
  readonly isBroken: boolean;
  readonly check: CheckAnswer | null;
  readonly isChecking: boolean;
  readonly forms: FormsAnswer | null;
  readonly isSaving: boolean;
  /** What the file holds, when it was changed while this draft has changes of its own. */
  readonly conflict: WorkflowText | null;
  /** What the form is at, marked in the text. */
  readonly shownPath: EditPath | null;
}

const nothing: ConfigureState = {
  draft: null,
  data: {},
  isBroken: false,
  check: null,
  isChecking: false,
  forms: null,
  isSaving: false,
  conflict: null,
  shownPath: null,
};

export const useConfigure = create<ConfigureState>(() => nothing);

const { getState: get, setState: set } = useConfigure;

/** Opens a workflow; changes that were not saved in this browser come back. Throws what the request throws. */
export async function openWorkflow(path: string): Promise<void> {
  if (get().draft?.path === path) return lookAtDisk();
  set(nothing);
  const file = await readWorkflow(path);
  const kept = keptDraft(path);
  const draft = openDraft(file, kept?.text);
  const conflict = kept && kept.version !== file.version && kept.text !== file.text ? file : null;
  if (kept && isUnsaved(draft) && !conflict)
    toast({
      kind: "plain",
      message: "Your unsaved changes are back.",
      action: { label: "Undo them", run: stepBack },
    });
  set({ ...nothing, draft, conflict });
  afterChange();
}

export function closeWorkflow(): void {
  set(nothing);
}

/** Edits by a form. `name` joins edits of one field to one step back. */
export function edit(operations: readonly Operation[], name?: string): void {
  const { draft, isBroken } = get();
  if (!draft || isBroken || operations.length === 0) return;
  const result = editText(draft.text, operations);
  if (!result.ok) {
    const [mistake] = result.diagnostics;
    toast({ kind: "bad", message: mistake!.message, ...(mistake!.hint && { hint: mistake!.hint }) });
    return;
  }
  setText(result.value, name);
}

/** The text as it was typed. */
export function typeText(typed: string): void {
  // the editor has line feeds alone; a file of Windows keeps its own
  const isWindows = get().draft?.text.includes("\r\n") === true;
  setText(isWindows ? typed.replace(/\r?\n/g, "\r\n") : typed, "text");
}

function setText(text: string, name?: string): void {
  const { draft } = get();
  if (!draft || draft.text === text) return;
  set({ draft: changeText(draft, text, { now: Date.now(), ...(name !== undefined && { name }) }) });
  afterChange();
}

export function stepBack(): void {
  const { draft } = get();
  if (draft) set({ draft: undo(draft) });
  afterChange();
}

export function stepForward(): void {
  const { draft } = get();
  if (draft) set({ draft: redo(draft) });
  afterChange();
}

/** Marks in the text what the form is at. */
export const showInText = (path: EditPath | null): void => set({ shownPath: path });

/** Saves; where the file was changed meanwhile nothing is written and `conflict` says what it holds. */
export async function save(): Promise<void> {
  const { draft, isSaving } = get();
  if (!draft || isSaving || !isUnsaved(draft)) return;
  set({ isSaving: true });
  try {
    const { path, text, saved } = draft;
    const answer = await saveWorkflow({ path, text, version: saved.version });
    if ("current" in answer) set({ conflict: answer.current });
    else set(({ draft: now }) => ({ draft: now && markSaved(now, answer), conflict: null }));
    afterChange();
  } catch (thrown) {
    toastMistake(thrown);
  } finally {
    set({ isSaving: false });
  }
}

/** `mine`: the draft goes over what the file holds; `theirs`: the draft follows it, and undo brings mine back. */
export async function settleConflict(choice: "mine" | "theirs"): Promise<void> {
  const { draft, conflict } = get();
  if (!draft || !conflict) return;
  if (choice === "theirs") {
    set({ draft: followDisk(draft, conflict), conflict: null });
    return afterChange();
  }
  set({ draft: { ...draft, saved: conflict }, conflict: null });
  await save();
}

/** Looks whether another program has changed the file: a draft without changes follows it. */
export async function lookAtDisk(): Promise<void> {
  const { draft, isSaving } = get();
  if (!draft || isSaving) return;
  const file = await readWorkflow(draft.path).catch(() => undefined);
  const now = get().draft;
  if (!file || !now || now.path !== file.path || file.version === now.saved.version) return;
  if (file.text === now.text) set({ draft: markSaved(now, file), conflict: null });
  else if (isUnsaved(now)) set({ conflict: file });
  else {
    set({ draft: followDisk(now, file) });
    toast({ kind: "plain", message: "The file was changed by another program; this is what it holds now." });
  }
  afterChange();
}

let timer: ReturnType<typeof setTimeout> | undefined;
let asking: AbortController | undefined;

function afterChange(): void {
  const { draft } = get();
  if (!draft) return;
  const source = parseText(draft.text);
  const isBroken = source.document.errors.length > 0;
  set(isBroken ? { isBroken } : { isBroken, data: dataOf(source) });
  if (isUnsaved(draft)) keepDraft(draft);
  else forgetDraft(draft.path);
  void refreshForms();
  clearTimeout(timer);
  asking?.abort();
  set({ isChecking: true });
  timer = setTimeout(() => void check(true), 200);
}

/** First what the file says, at once; then what is in the files that it names. */
async function check(quick: boolean): Promise<void> {
  const { draft } = get();
  if (!draft) return;
  asking = new AbortController();
  const { signal } = asking;
  try {
    const answer = await checkWorkflow({ path: draft.path, text: draft.text, quick }, signal);
    if (signal.aborted) return;
    set({ check: answer, isChecking: quick && answer.ok });
    if (quick && answer.ok) timer = setTimeout(() => void check(false), 500);
  } catch (thrown) {
    if (signal.aborted) return;
    set({ isChecking: false });
    toastMistake(thrown);
  }
}

let formsFor = "";

async function refreshForms(): Promise<void> {
  const { draft, data } = get();
  if (!draft) return;
  const uses = stepsOf(data).flatMap((step) => (/^\.{0,2}\//.test(step.uses) ? [step.uses] : []));
  const wanted = JSON.stringify([draft.path, uses]);
  if (wanted === formsFor && get().forms) return;
  formsFor = wanted;
  const forms = await readForms({ path: draft.path, uses }).catch(toastMistake);
  if (forms && formsFor === wanted) set({ forms });
}

export const kindOf = (forms: FormsAnswer | null, uses: string): KindForm | undefined =>
  forms?.kinds.find((kind) => kind.uses === uses);
