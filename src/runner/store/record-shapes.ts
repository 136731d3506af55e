/** What is read back from files that anyone may have written or cut short. */
import type { Content } from "./content.ts";

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isSha256 = (value: unknown): value is string =>
  typeof value === "string" && /^[0-9a-f]{64}$/.test(value);

/** A number that a duration or a size can be. */
export const isSeconds = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value) && value >= 0;

/** Hash and size of a file, or of a folder with the number of its files. */
export const isContent = (value: unknown): value is Content =>
  isRecord(value) &&
  isSha256(value.sha256) &&
  isSeconds(value.size) &&
  (value.files === undefined || (Number.isSafeInteger(value.files) && isSeconds(value.files)));

/** `segment@t2`: names files and folders, so nothing that leads elsewhere. */
export const isTaskId = (value: string): boolean => value !== "" && value !== ".." && !/[/\\\0]/.test(value);
