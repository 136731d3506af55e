/** JSON files of other programs, read with care: nothing in them is taken for what it is not. */
import { decodeText } from "../../core/decode-text.ts";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { failure, type Result, success } from "../../core/result.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export const jsonMistake = (message: string, file: string, hint?: string): Diagnostic =>
  errorDiagnostic("objects-json", message, { location: { file }, hint });

export function readJsonObject(bytes: Uint8Array, file: string): Result<JsonObject> {
  const text = decodeText(bytes, { source: file });
  if (!text.ok) return text;
  let value: unknown;
  try {
    value = JSON.parse(text.value);
  } catch (error) {
    return failure([
      jsonMistake(`this is not JSON: ${(error as Error).message.split("\n")[0].slice(0, 200)}`, file),
    ]);
  }
  return isObject(value)
    ? success(value)
    : failure([jsonMistake("this JSON is no list of particles: it is not an object { … }", file)]);
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isNumber = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value);
