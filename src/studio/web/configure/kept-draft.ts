/** Unsaved changes outlive a reload: they are kept in this browser until they are saved. */
import type { Draft } from "./draft.ts";

interface Kept {
  readonly text: string;
  /** Of the file that was changed. */
  readonly version: string;
}

const nameOf = (path: string): string => `tomoflow-draft:${path}`;

/** Without room or permission nothing is kept: the draft is then in this window alone. */
export function keepDraft({ path, text, saved }: Draft): void {
  try {
    localStorage.setItem(nameOf(path), JSON.stringify({ text, version: saved.version } satisfies Kept));
  } catch {
    // said by the unsaved mark all the same
  }
}

export function forgetDraft(path: string): void {
  try {
    localStorage.removeItem(nameOf(path));
  } catch {
    // nothing was kept
  }
}

export function keptDraft(path: string): Kept | undefined {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(nameOf(path)) ?? "null");
    const { text, version } = (kept ?? {}) as Partial<Kept>;
    return typeof text === "string" && typeof version === "string" ? { text, version } : undefined;
  } catch {
    return undefined;
  }
}
