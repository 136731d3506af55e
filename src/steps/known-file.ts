import type { PreflightContext } from "./step-kind.ts";

/** The path, where a preflight may look into the file: not while an earlier step has yet to write it. */
export const knownFile = (
  { pending }: Pick<PreflightContext, "pending">,
  path: string | undefined,
): string | undefined => (path !== undefined && pending?.has(path) ? undefined : path);
