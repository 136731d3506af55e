/** A look at a file of the user's that goes wrong is a mistake to be told, and not the end of all looks. */
import { type Diagnostic, errorDiagnostic } from "./diagnostic.ts";
import { TomoflowError } from "./error.ts";

/** What `look` throws, as a mistake of `file`. Throws on what is no TomoflowError: that is no mistake of the user's. */
export function fileMistake(error: unknown, file: string): Diagnostic {
  if (!(error instanceof TomoflowError)) throw error;
  return errorDiagnostic(error.code, error.message, { location: { file }, hint: error.hint });
}

/** What `look` finds out of `file`; undefined where it throws a TomoflowError, which is added to `diagnostics`. */
export async function lookAtFile<Found>(
  file: string,
  diagnostics: Diagnostic[],
  look: () => Promise<Found>,
): Promise<Found | undefined> {
  try {
    return await look();
  } catch (error) {
    diagnostics.push(fileMistake(error, file));
    return undefined;
  }
}
