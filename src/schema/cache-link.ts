import { readFileSync } from "node:fs";
import { isRegularFile } from "../core/regular-file.ts";
import { cacheSchema } from "./shape/field-schemas.ts";
import { asMap, ownValue } from "./text/data-path.ts";
import { parseYamlSource } from "./text/yaml-source.ts";
import { resolveFileValues } from "./values/file-values.ts";
import type { Workflow } from "./workflow.ts";

type Link = Workflow["cache"]["link"];

/**
 * `cache.link` of a workflow file, and nothing else of it: no data need be there, no module of the project is run, and the rest of
 * the file may be wrong. The default where the file is not there or does not tell.
 */
export function readCacheLink(path: string, { variant }: { readonly variant?: string } = {}): Link {
  const { enum: known, default: usual } = asMap(asMap(cacheSchema.properties).link);
  const link = linkIn(path, variant);
  return ((known as readonly unknown[]).includes(link) ? link : usual) as Link;
}

function linkIn(path: string, variant: string | undefined): unknown {
  if (!isRegularFile(path)) return undefined;
  const parsed = parseYamlSource(path, readFileSync(path, "utf8"));
  if (!parsed.ok) return undefined;
  const findings = { source: parsed.value, diagnostics: [] };
  const { resolved } = resolveFileValues(findings, { variant, environment: process.env });
  return ownValue(asMap(resolved.cache), "link");
}
