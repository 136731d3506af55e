import { existsSync } from "node:fs";
import { type Diagnostic, errorDiagnostic } from "../core/diagnostic.ts";
import { lookAtFile } from "../core/file-mistake.ts";
import type { Architecture } from "../network/networks.ts";
import type { ClassDefinition } from "../schema/step-description.ts";

/**
 * The network of a weights file, for a preflight; what stands in the way is added to `diagnostics`. Undefined, without a
 * diagnostic, for no path and for a file that is not there yet because an earlier step will write it.
 */
export async function findNetwork(
  path: string | undefined,
  classes: readonly ClassDefinition[],
  diagnostics: Diagnostic[],
): Promise<Architecture | undefined> {
  if (path === undefined || !existsSync(path)) return undefined;
  const { readKerasWeights } = await import("../network/keras.ts");
  const read = await lookAtFile(path, diagnostics, () => readKerasWeights(path));
  if (!read) return undefined;
  const { network } = read;
  const largest = Math.max(0, ...classes.map(({ label }) => label));
  if (classes.length === 0 || network.classes === largest + 1) return network;
  const message = `the weights know ${network.classes - 1} classes, the class table has ${largest}`;
  const hint = "list the classes that the network was trained on, with the same labels";
  diagnostics.push(errorDiagnostic("weights-classes", message, { location: { file: path }, hint }));
  return undefined;
}
