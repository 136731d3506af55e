/** Values of a form as text in a control, and back. Expressions (`${…}`) are texts everywhere, and stay as they are. */
import type { Control } from "../../../protocol/forms.ts";

export const isExpression = (value: unknown): boolean => typeof value === "string" && value.includes("${");

/** A value as a control shows it; empty for none. */
export function textOfValue(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value))
    return value.map((item) => (isPlain(item) ? String(item) : JSON.stringify(item))).join(", ");
  return isPlain(value) ? String(value) : JSON.stringify(value);
}

const isPlain = (value: unknown): boolean => typeof value !== "object" || value === null;

/** What was typed; undefined when nothing is left. A text that does not fit stays a text, for the check to word. */
export function valueOfText(text: string, control: Control): unknown {
  const typed = text.trim();
  if (typed === "") return undefined;
  if (isExpression(typed)) return typed;
  switch (control.type) {
    case "number":
      return numberOrText(typed);
    case "list":
      return listOf(typed);
    case "switch":
    case "choice":
      return typed === "true" ? true : typed === "false" ? false : typed;
    case "lines":
      return text
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "");
    case "by-label":
      return control.isFile ? typed : numberOrText(typed);
    case "file":
      return typed.includes(", ") ? typed.split(/,\s+/) : typed;
    default:
      return typed;
  }
}

/** `1e-4` is a number, `1_000` and `auto` are texts. */
export function numberOrText(typed: string): number | string {
  const isNumber = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(typed);
  return isNumber ? Number(typed) : typed;
}

/** `64, 128, 128`, with or without brackets; one number alone is that number. */
function listOf(typed: string): unknown {
  const inside = typed.replace(/^\[/, "").replace(/\]$/, "");
  const items = inside
    .split(/[,\s]+/)
    .filter((item) => item !== "")
    .map(numberOrText);
  return items.length === 1 && typed === inside && !typed.includes(",") ? items[0] : items;
}

/** A plain cell of the table: numbers and yes or no as YAML would read them, empty for none. */
export function valueOfCell(text: string): unknown {
  const typed = text.trim();
  if (typed === "") return undefined;
  if (typed === "true" || typed === "false") return typed === "true";
  // `007` is a name, and a number too long for a number stays what it is
  const number = numberOrText(typed);
  return typeof number === "number" && String(number) === typed ? number : typed;
}
