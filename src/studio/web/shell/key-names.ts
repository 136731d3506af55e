/** What a key press is called in the key list: `shift+ArrowUp`, `a`, `A`, `[`, `ctrl+z`. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/**
 * The name of a key press. A letter or sign already says whether shift is held (`A`, `_`), so that `shift+` stands only before
 * named keys; the command key of a Mac counts as ctrl.
 */
export function keyName({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyPress): string {
  const plain = key === " " ? "Space" : key;
  const named = plain.length > 1;
  const letter = ctrlKey || metaKey ? plain.toLowerCase() : plain;
  return [
    (ctrlKey || metaKey) && "ctrl",
    altKey && "alt",
    shiftKey && (named || ctrlKey || metaKey) && "shift",
    named ? plain : letter,
  ]
    .filter(Boolean)
    .join("+");
}

/** How a key is written for people: `ctrl+ArrowUp` is `Ctrl ↑`. */
export function shownKey(name: string): string {
  if (name === "+") return name;
  return name
    .split(/(?<=.)\+(?=.)/)
    .map((part) => shownParts[part] ?? part)
    .join(" ");
}

const shownParts: Readonly<Record<string, string>> = {
  ctrl: "Ctrl",
  alt: "Alt",
  shift: "Shift",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  PageUp: "PgUp",
  PageDown: "PgDn",
};
