/** Reads `slurm.yaml`: of the user (`~/.config/tomoflow/`), then of the project, beside the workflow. */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { failure, type Result, resultOf } from "../../core/result.ts";
import { checkShape } from "../shape/check-shape.ts";
import { asMap, isMap, ownValue, type Path } from "../text/data-path.ts";
import { type Findings, report, reportShape, sortDiagnostics } from "../text/findings.ts";
import { didYouMeanOrList } from "../text/suggest.ts";
import { parseYamlSource, type YamlSource } from "../text/yaml-source.ts";
import { slurmFileSchema } from "./settings-schema.ts";
import { type SlurmLayer, type SlurmSettings, slurmSettings, slurmWords } from "./slurm-settings.ts";

/** Name of the file, in both places. */
export const slurmFileName = "slurm.yaml";

export interface SlurmPlaces {
  /** Of the workflow. */
  readonly folder: string;
  /** A set of the files' `profiles`. */
  readonly profile?: string;
  /** Where the user's home and XDG_CONFIG_HOME are told; default: the process's own. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Every mistake in both files at its place; without files, sbatch's own defaults hold. Never throws for a mistake in a file. */
export async function readSlurmSettings({
  folder,
  profile,
  environment = process.env,
}: SlurmPlaces): Promise<Result<SlurmSettings>> {
  const config = environment.XDG_CONFIG_HOME || join(environment.HOME ?? homedir(), ".config");
  const paths = [join(config, "tomoflow", slurmFileName), join(folder, slurmFileName)];
  const files = await Promise.all(paths.map(readLayer));
  const mistakes = files.flatMap(({ diagnostics }) => diagnostics);
  const profiles = files.flatMap(({ fields }) => Object.keys(asMap(fields.profiles)));
  if (profile !== undefined && !profiles.includes(profile) && mistakes.length === 0)
    mistakes.push(unknownProfile(profile, profiles, paths));
  if (mistakes.length > 0) return failure(mistakes);
  const layers = files.flatMap(({ fields }) => {
    const { profiles: named, ...own } = fields;
    const chosen = profile === undefined ? undefined : ownValue(asMap(named), profile);
    return chosen === undefined ? [own] : [own, asMap(chosen)];
  });
  return resultOf(slurmSettings(layers), []);
}

interface ReadLayer {
  readonly fields: SlurmLayer;
  readonly diagnostics: Diagnostic[];
}

async function readLayer(path: string): Promise<ReadLayer> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return { fields: {}, diagnostics: [] };
    const mistake = errorDiagnostic("file-unreadable", `cannot be read: ${message}`, {
      location: { file: path },
    });
    return { fields: {}, diagnostics: [mistake] };
  }
  const parsed = parseYamlSource(path, text);
  if (!parsed.ok) return { fields: {}, diagnostics: [...parsed.diagnostics] };
  const findings: Findings = { source: parsed.value, diagnostics: [] };
  const { value } = parsed.value;
  if (value === null || value === undefined) return { fields: {}, diagnostics: [] };
  if (isMap(value))
    reportShape(findings, await checkShape(slurmFileSchema, value, slurmFileName), { path: [] });
  else
    report(
      findings,
      { code: "wrong-type", message: "this is no map of settings of Slurm jobs" },
      { path: [] },
    );
  const fields = isMap(value) ? (asWritten(value, parsed.value, []) as SlurmLayer) : {};
  return { fields, diagnostics: sortDiagnostics(findings.diagnostics, path) };
}

/** With Slurm's own words as they stand in the file: YAML makes 42 of the account 0042. */
function asWritten(value: unknown, source: YamlSource, path: Path): unknown {
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const place = [...path, key];
      const isWord = (slurmWords as readonly string[]).includes(key) && typeof inner === "number";
      return [key, isWord ? (source.writtenAt(place) ?? String(inner)) : asWritten(inner, source, place)];
    }),
  );
}

function unknownProfile(name: string, names: readonly string[], paths: readonly string[]): Diagnostic {
  const hint =
    names.length > 0
      ? didYouMeanOrList(name, names, "the profiles are")
      : `write it under \`profiles\` of ${paths.join(" or ")}`;
  return errorDiagnostic("unknown-profile", `there is no profile ${name} for Slurm`, { hint });
}
