import { useEffect } from "react";
import { create } from "zustand";
import { keyName } from "./key-names.ts";

/** A thing that keys do; the list is what `?` shows, so that no key works in secret. */
export interface KeyBinding {
  /** Names as `keyName` gives them; all do the same. */
  readonly keys: readonly string[];
  /** What it does, e.g. `Next slice`. */
  readonly does: string;
  /** Also with a `repeat` while the key is held; default true. */
  readonly whileHeld?: boolean;
  run(event: KeyboardEvent): void;
}

export interface KeyGroup {
  readonly title: string;
  readonly bindings: readonly KeyBinding[];
}

interface KeysState {
  readonly groups: readonly KeyGroup[];
}

/** Every group that is in force now, the latest last. */
export const useKeyGroups = create<KeysState>(() => ({ groups: [] }));

/** Puts a group of keys in force while the component is shown; the latest group wins. Keep `group` stable (useMemo). */
export function useKeys(group: KeyGroup | null): void {
  useEffect(() => {
    if (group === null) return;
    useKeyGroups.setState(({ groups }) => ({ groups: [...groups, group] }));
    return () => useKeyGroups.setState(({ groups }) => ({ groups: groups.filter((one) => one !== group) }));
  }, [group]);
}

/** Sends key presses to the groups, but never those typed into a field; the shell calls it once. */
export function listenForKeys(): () => void {
  const pressed = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || isTyped(event)) return;
    const name = keyName(event);
    for (const group of useKeyGroups.getState().groups.toReversed()) {
      const binding = group.bindings.find(({ keys }) => keys.includes(name));
      if (!binding) continue;
      if (event.repeat && binding.whileHeld === false) return;
      event.preventDefault();
      binding.run(event);
      return;
    }
  };
  addEventListener("keydown", pressed);
  return () => removeEventListener("keydown", pressed);
}

/** Whether the press belongs to the control that has the focus. */
function isTyped({ target, key, ctrlKey, altKey }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("dialog, [role=menu], [role=listbox]")) return true;
  // the way to another screen is open from every field
  if (altKey && /^\d$/.test(key)) return false;
  if (
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  )
    return true;
  if (target instanceof HTMLInputElement) {
    if (target.type === "range") return /^(Arrow|Page|Home|End)/.test(key);
    if (target.type === "radio") return /^(Arrow|\s)/.test(key);
    if (target.type === "checkbox") return key === " ";
    return true;
  }
  if (target.closest("[role=slider], [role=grid]")) return /^(Arrow|Page|Home|End)/.test(key) && !ctrlKey;
  return (key === " " || key === "Enter") && target.closest("button, a, [role=switch], summary") !== null;
}
