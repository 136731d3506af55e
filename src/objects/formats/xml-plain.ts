/**
 * Object lists in the plain form that DeepFinder and tomoflow write, read without a general XML parser, in a fifth of the time:
 * `<objlist>` of `<object name="value" …/>`, no comments, no text in between.
 */
import { decodeEntities } from "./xml-text.ts";

export interface PlainElement {
  /** Of the element in the text. */
  readonly start: number;
  readonly names: readonly string[];
  /** Of the same index as its name. */
  readonly values: readonly string[];
}

const opening = /\s*(?:<\?xml[^<>]*\?>\s*)?<objlist>\s*/y;
const attribute =
  /\s+([A-Za-z_\u00c0-\u024f\u0391-\u044f][\w.\u00c0-\u024f\u0391-\u044f-]*)="([^"<>\r\n\t]*)"/y;
const elementEnd = /\s*\/>\s*/y;
const closing = /<\/objlist>\s*$/y;

/** The elements; undefined where the text is anything else, right or wrong, which is the parser's to say. */
export function readPlainElements(text: string): readonly PlainElement[] | undefined {
  let at = endOfMatch(opening, text, 0);
  const elements: PlainElement[] = [];
  while (at >= 0 && text.startsWith("<object", at)) {
    const element = readElement(text, at);
    if (!element) return undefined;
    elements.push(element.read);
    at = element.end;
  }
  return at >= 0 && endOfMatch(closing, text, at) >= 0 ? elements : undefined;
}

function readElement(text: string, start: number): { read: PlainElement; end: number } | undefined {
  const names: string[] = [];
  const values: string[] = [];
  let at = start + "<object".length;
  attribute.lastIndex = at;
  for (let match = attribute.exec(text); match; match = attribute.exec(text)) {
    const name = match[1]!;
    const value = decodeEntities(match[2]!);
    if (value === undefined || names.includes(name)) return undefined;
    names.push(name);
    values.push(value);
    at = attribute.lastIndex;
  }
  const end = endOfMatch(elementEnd, text, at);
  return end < 0 ? undefined : { read: { start, names, values }, end };
}

/** -1: no match at this place. */
function endOfMatch(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}
