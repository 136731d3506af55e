import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { isRegularFile } from "../core/regular-file.ts";
import { cacheSchema } from "./shape/field-schemas.ts";
import { asMap, ownValue } from "./text/data-path.ts";
import { parseYamlSource } from "./text/yaml-source.ts";
import { resolveFileValues } from "./values/file-values.ts";
import type { Workflow } from "./workflow.ts";

export interface CheckoutSettings {
  /** `cache.link`; the default where the file is not there or does not tell. */
  readonly link: Workflow["cache"]["link"];
  /** Absolute: the folders that steps name with `out`. */
  readonly outputFolders: readonly string[];
}

/**
 * What putting results back needs of a workflow file, and nothing else of it: no data need be there, no module of the project is run,
 * and the rest of the file may be wrong.
 */
export function readCheckoutSettings(
  path: string,
  { variant }: { readonly variant?: string } = {},
): CheckoutSettings {
  const { enum: known, default: usual } = asMap(asMap(cacheSchema.properties).link);
  const values = readValues(path, variant);
  const link = ownValue(asMap(values.cache), "link");
  const outs = Object.values(asMap(values.steps)).map((step) => ownValue(asMap(step), "out"));
  return {
    link: ((known as readonly unknown[]).includes(link) ? link : usual) as CheckoutSettings["link"],
    outputFolders: outs
      .filter((out): out is string => typeof out === "string")
      .map((out) => resolve(dirname(path), out)),
  };
}

function readValues(path: string, variant: string | undefined): Readonly<Record<string, unknown>> {
  if (!isRegularFile(path)) return {};
  const parsed = parseYamlSource(path, readFileSync(path, "utf8"));
  if (!parsed.ok) return {};
  const findings = { source: parsed.value, diagnostics: [] };
  return resolveFileValues(findings, { variant, environment: process.env }).resolved;
}
