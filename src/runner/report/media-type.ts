/** What a picture is, by its first bytes. */

/** Of pictures that a page can show; undefined for anything else. */
export function mediaTypeOf(content: Uint8Array): string | undefined {
  const at = (start: number, letters: string) =>
    [...letters].every((letter, index) => content[start + index] === letter.charCodeAt(0));
  if (at(0, "\x89PNG\r\n\x1a\n")) return "image/png";
  if (at(0, "\xff\xd8\xff")) return "image/jpeg";
  if (at(0, "RIFF") && at(8, "WEBP")) return "image/webp";
  const start = new TextDecoder("utf-8").decode(content.subarray(0, searchedBytes));
  return isSvg(start) ? "image/svg+xml" : undefined;
}

/** Of what may come before the picture: drawing programs write long comments. */
const searchedBytes = 16 << 10;

/** A declaration, a comment or a type of document. */
const preface = /^(?:<\?[^>]*\?>|<!--.*?-->|<!DOCTYPE[^>[]*(?:\[[^\]]*\]\s*)?>)\s*/s;

function isSvg(text: string): boolean {
  let rest = text.trimStart();
  for (let skipped = preface.exec(rest); skipped; skipped = preface.exec(rest))
    rest = rest.slice(skipped[0].length);
  return /^<svg[\s>]/.test(rest);
}
