/** What is read back from files that anyone may have written or cut short. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isSha256 = (value: unknown): value is string =>
  typeof value === "string" && /^[0-9a-f]{64}$/.test(value);

/** A number that a duration or a size can be. */
export const isSeconds = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value) && value >= 0;

/** `segment@t2`: names files and folders, so nothing that leads elsewhere. */
export const isTaskId = (value: string): boolean => value !== "" && value !== ".." && !/[/\\\0]/.test(value);
