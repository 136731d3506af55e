/** A workflow text that is being edited: what is on the disk, what it is now, and the way back. Pure. */
import type { WorkflowText } from "../../protocol/forms.ts";

interface Moment {
  readonly text: string;
  /** Edits with one name in a row are one step back: typing a number is not three. */
  readonly name: string | undefined;
  readonly at: number;
}

export interface Draft {
  readonly path: string;
  /** As it is on the disk, as far as is known. */
  readonly saved: WorkflowText;
  readonly text: string;
  readonly past: readonly Moment[];
  readonly future: readonly string[];
  /** The last edit; undefined after a step back. */
  readonly last: Moment | undefined;
}

/** Milliseconds within which edits of one name belong together. */
const togetherMs = 1500;
const keptMoments = 500;

export const openDraft = (file: WorkflowText, text = file.text): Draft => ({
  path: file.path,
  saved: file,
  text,
  past: text === file.text ? [] : [{ text: file.text, name: undefined, at: 0 }],
  future: [],
  last: undefined,
});

export const isUnsaved = (draft: Draft): boolean => draft.text !== draft.saved.text;

/** The draft with another text. `name` tells what is edited, e.g. the path of a field. */
export function changeText(
  draft: Draft,
  text: string,
  { name, now }: { readonly name?: string; readonly now: number },
): Draft {
  if (text === draft.text) return draft;
  const { last } = draft;
  const isMore = name !== undefined && last?.name === name && now - last.at < togetherMs;
  const past = isMore ? draft.past : [...draft.past, { text: draft.text, name, at: now }].slice(-keptMoments);
  return { ...draft, text, past, future: [], last: { text, name, at: now } };
}

export function undo(draft: Draft): Draft {
  const before = draft.past.at(-1);
  if (before === undefined) return draft;
  return {
    ...draft,
    text: before.text,
    past: draft.past.slice(0, -1),
    future: [...draft.future, draft.text],
    last: undefined,
  };
}

export function redo(draft: Draft): Draft {
  const next = draft.future.at(-1);
  if (next === undefined) return draft;
  return {
    ...draft,
    text: next,
    past: [...draft.past, { text: draft.text, name: undefined, at: 0 }],
    future: draft.future.slice(0, -1),
    last: undefined,
  };
}

/** After a save of `text`; what was typed meanwhile is still unsaved. */
export const markSaved = (draft: Draft, saved: WorkflowText): Draft => ({ ...draft, saved, last: undefined });

/** The file has another content: an untouched draft follows it, and one step back is the old text. */
export function followDisk(draft: Draft, file: WorkflowText): Draft {
  const past = [...draft.past, { text: draft.text, name: undefined, at: 0 }];
  return { ...draft, saved: file, text: file.text, past, future: [], last: undefined };
}
