/** What the fields of a description hold, and the error where they hold something else. */
import { TomoflowError } from "../../core/error.ts";

/** A JSON object. */
export type JsonMap = Readonly<Record<string, unknown>>;

export const isMap = (value: unknown): value is JsonMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value as JSON, for messages. */
export function shownJson(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** `zarr-metadata`: what a description says that no volume can be. */
export const wrongMetadata = (shown: string, what: string, cause?: unknown): TomoflowError =>
  new TomoflowError("zarr-metadata", `${shown} ${what}`, {
    hint: "the folder is damaged, or still being written: make it again, or copy it again",
    cause,
  });

/** What version 3 gives a name and a configuration. */
export function named(
  value: unknown,
  field: string,
  shown: string,
): { readonly name: string; readonly configuration: JsonMap } {
  if (typeof value === "string") return { name: value, configuration: {} };
  if (!isMap(value) || typeof value.name !== "string")
    throw wrongMetadata(shown, `has the ${field} ${shownJson(value)}`);
  return { name: value.name, configuration: isMap(value.configuration) ? value.configuration : {} };
}

/** Positive whole numbers, `rank` of them where it is given. */
export function lengths(value: unknown, field: string, shown: string, rank?: number): readonly number[] {
  const valid =
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= 16 &&
    value.every((length) => Number.isInteger(length) && length > 0 && length < 2 ** 31) &&
    (rank === undefined || value.length === rank);
  if (!valid) throw wrongMetadata(shown, `has the ${field} ${shownJson(value)}`);
  return value as readonly number[];
}
