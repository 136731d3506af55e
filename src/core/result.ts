import type { Diagnostic } from "./diagnostic.ts";

/** A value, or every mistake that stands in its way; warnings may come with a value. */
export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export const success = <T>(value: T, diagnostics: readonly Diagnostic[] = []): Result<T> => ({
  ok: true,
  value,
  diagnostics,
});

export const failure = (diagnostics: readonly Diagnostic[]): Result<never> => ({ ok: false, diagnostics });

/** Succeeds with `value` unless one of the diagnostics is an error. */
export const resultOf = <T>(value: T, diagnostics: readonly Diagnostic[]): Result<T> =>
  diagnostics.some(({ severity }) => severity === "error")
    ? failure(diagnostics)
    : success(value, diagnostics);
