/** Texts as XML writes them: the five entities that every XML file knows. */

const entityOf: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

const characterOf: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(entityOf).map(([character, entity]) => [entity, character]),
);

/** A text as the value of an attribute, or between elements. */
export const escapeXml = (text: string): string =>
  /[&<>"']/.test(text) ? text.replace(/[&<>"']/g, (character) => entityOf[character]!) : text;

/** Undefined where it holds another entity, or an ampersand alone. */
export function decodeEntities(text: string): string | undefined {
  if (!text.includes("&")) return text;
  const parts = text.match(/&[^;&]*;?|[^&]+/g)!.map((part) => (part[0] === "&" ? characterOf[part] : part));
  return parts.some((part) => part === undefined) ? undefined : parts.join("");
}
