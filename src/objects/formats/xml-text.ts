/**
 * Texts as XML writes them: the five entities that every XML file knows, and what XML cannot hold as `_x0001_`, the way of
 * office files (ECMA-376 part 1, 22.9.2.19) and of .NET's XmlConvert, for names of attributes as well.
 */

const entityOf: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  // a line end or tab would be read as a blank
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

const characterOf: Readonly<Record<string, string | undefined>> = Object.fromEntries(
  Object.entries(entityOf).map(([character, entity]) => [entity, character]),
);

/** A text as the value of an attribute, or between elements. */
export const escapeXml = (text: string): string =>
  /[&<>"'\t\n\r]/.test(text) ? text.replace(/[&<>"'\t\n\r]/g, (character) => entityOf[character]!) : text;

/** With entities and numbers of characters as what they stand for; undefined where it holds another, or an ampersand alone. */
export function decodeEntities(text: string): string | undefined {
  if (!text.includes("&")) return text;
  let wrong = false;
  const decoded = text.replace(/&([^;&]{0,10};)?/g, (entity) => {
    const character = characterOf[entity] ?? numberedCharacter(entity);
    wrong ||= character === undefined;
    return character ?? "";
  });
  return wrong ? undefined : decoded;
}

/** `&#252;` and `&#xFC;`, as ElementTree writes what is not ASCII. */
function numberedCharacter(entity: string): string | undefined {
  const [, decimal, hexadecimal] = /^&#(?:(\d{1,7})|x([0-9A-Fa-f]{1,6}));$/.exec(entity) ?? [];
  const point = decimal ? Number(decimal) : Number.parseInt(hexadecimal ?? "", 16);
  return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : undefined;
}

/** Characters that no XML file can hold, not even as entities. */
const impossible =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const everyImpossible = new RegExp(impossible, "g");

const hexOf = (character: string): string =>
  `_x${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}_`;

/** What XML cannot hold as `_x0001_`; a text that reads so itself gets its first `_` written out. */
export const encodeImpossible = (text: string): string =>
  text.includes("_x") || impossible.test(text)
    ? text.replace(/_(?=x[0-9A-Fa-f]{4}_)/g, "_x005F_").replace(everyImpossible, hexOf)
    : text;

/** The inverse of `encodeImpossible`; `everything`: any `_x0041_` is its character, as office files mean it. */
export function decodeImpossible(text: string, everything = false): string {
  if (!text.includes("_x")) return text;
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (found, code: string, at: number) => {
    const character = String.fromCharCode(Number.parseInt(code, 16));
    const escaped = character === "_" && /^x[0-9A-Fa-f]{4}_/.test(text.slice(at + found.length));
    return everything || escaped || impossible.test(character) ? character : found;
  });
}

/** Letters that every parser takes in names, of the fourth edition of XML or the fifth. */
const nameCharacter =
  /[A-Za-z0-9_.\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u0131\u0391-\u03a1\u03a3-\u03ce\u0410-\u044f-]/;
const nameStart = /[A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u0131\u0391-\u03a1\u03a3-\u03ce\u0410-\u044f]/;

/** Any text as the name of an attribute: `size (nm)` is `size_x0020__x0028_nm_x0029_`. */
export function encodeName(name: string): string {
  const safe = name.replace(/_(?=x[0-9A-Fa-f]{4,8}_)/g, "_x005F_");
  return [...safe]
    .map((character, index) => {
      const fits =
        index === 0 ? nameStart.test(character) && !isReserved(name) : nameCharacter.test(character);
      return fits ? character : hexOf(character);
    })
    .join("");
}

/** By XML, or by parsers that put attributes into objects. */
const isReserved = (name: string): boolean =>
  /^xml/i.test(name) || name in Object.prototype || name === "prototype";

export const decodeName = (name: string): string =>
  name.includes("_x")
    ? name.replace(/_x([0-9A-Fa-f]{4,6})_/g, (found, code: string) => {
        const point = Number.parseInt(code, 16);
        return point <= 0x10ffff ? String.fromCodePoint(point) : found;
      })
    : name;
