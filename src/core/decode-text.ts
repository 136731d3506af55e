/**
 * Bytes of a text file as text. UTF-8 is what is expected; UTF-16 is told by its byte order mark, or by the zeros that every second byte
 * of plain letters is; another encoding only where the file declares it. What is none of these is refused: a guess would garble names.
 */
import { type Diagnostic, errorDiagnostic } from "./diagnostic.ts";
import { failure, type Result, success } from "./result.ts";

export interface DecodeOptions {
  /** The file's path, for the diagnostic. */
  readonly source: string;
  /** What the file says of itself, as in `<?xml version="1.0" encoding="ISO-8859-1"?>`. */
  readonly declared?: string;
}

/** The text without a byte order mark, or one diagnostic, `not-utf8` or `encoding-unknown`, that names the place and the way out. */
export function decodeText(bytes: Uint8Array, { source, declared }: DecodeOptions): Result<string> {
  if (isUtf32(bytes)) return failure([unknownEncoding("UTF-32", source)]);
  const encoding = wideEncoding(bytes) ?? singleBytes(bytes, declared);
  try {
    return success(new TextDecoder(encoding, { fatal: true }).decode(bytes));
  } catch (error) {
    return failure([
      error instanceof RangeError
        ? unknownEncoding(encoding, source)
        : wrongBytes(bytes, { encoding, source }),
    ]);
  }
}

const isUtf32 = ([a, b, c, d]: Uint8Array): boolean =>
  (a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff);

/** A mark counts more than a declaration, and what has no bytes of zero is not the UTF-16 that some programs declare by mistake. */
function singleBytes(bytes: Uint8Array, declared = "utf-8"): string {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return marked || /^(utf-?16|ucs-?2|iso-10646-ucs-2)/i.test(declared) ? "utf-8" : declared;
}

/** UTF-16, by its mark or by the zeros of its first letters. */
function wideEncoding(bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const start = bytes.subarray(0, 64);
  if (start.length < 4) return undefined;
  const zeros = (first: number): number => start.filter((byte, at) => at % 2 === first && byte === 0).length;
  const pairs = Math.floor(start.length / 2);
  if (zeros(1) > 0.7 * pairs && zeros(0) === 0) return "utf-16le";
  return zeros(0) > 0.7 * pairs && zeros(1) === 0 ? "utf-16be" : undefined;
}

const unknownEncoding = (encoding: string, source: string): Diagnostic =>
  errorDiagnostic("encoding-unknown", `the file is encoded as ${encoding}, which is not read`, {
    location: { file: source },
    hint: "save it as UTF-8",
  });

function wrongBytes(
  bytes: Uint8Array,
  { encoding, source }: { encoding: string; source: string },
): Diagnostic {
  const location = encoding === "utf-8" ? placeOfFirst(bytes, source) : { file: source };
  const message = `this is not ${encoding.toUpperCase()} text${encoding === "utf-8" ? `: the byte ${hex(bytes[firstWrong(bytes)])} stands alone` : ""}`;
  return errorDiagnostic("not-utf8", message, {
    location,
    hint: "save it as UTF-8; where it is Latin-1 (Windows-1252): iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW",
  });
}

const hex = (byte: number | undefined): string =>
  byte === undefined ? "at the end" : `0x${byte.toString(16).toUpperCase()}`;

function placeOfFirst(bytes: Uint8Array, file: string): Diagnostic["location"] {
  const wrong = firstWrong(bytes);
  const before = new TextDecoder().decode(bytes.subarray(0, wrong));
  const lineStart = before.lastIndexOf("\n") + 1;
  return { file, line: before.split("\n").length, column: before.length - lineStart + 1 };
}

/** The length of what is right: by halves, as no decoder tells it. */
function firstWrong(bytes: Uint8Array): number {
  let [right, wrong] = [0, bytes.length];
  while (right < wrong) {
    const middle = (right + wrong + 1) >> 1;
    if (startsRight(bytes.subarray(0, middle))) right = middle;
    else wrong = middle - 1;
  }
  return right;
}

/** A character that is cut in two at the end is not wrong yet. */
function startsRight(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
