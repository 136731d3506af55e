/** Reads a workflow file: parses it, checks all of it, and resolves it into what the runner plans with. */
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { splitDataset } from "../core/dataset-path.ts";
import { decodeText } from "../core/decode-text.ts";
import { type Diagnostic, errorDiagnostic } from "../core/diagnostic.ts";
import { sha256 } from "../core/hash.ts";
import { insteadOfFile, savingHint } from "../core/regular-file.ts";
import { failure, type Result, resultOf, success } from "../core/result.ts";
import { checkStepFlow } from "./checks/bindings.ts";
import { checkLabels, readClasses } from "./checks/classes.ts";
import { checkFiles, placeOfInput } from "./checks/files.ts";
import { checkHoldings } from "./checks/holdings.ts";
import { checkLeaks } from "./checks/leaks.ts";
import { checkNames, checkTaskNames } from "./checks/names.ts";
import { orderSteps } from "./checks/order.ts";
import { checkOut, checkOutputFolders, checkOutputPorts } from "./checks/outputs.ts";
import { checkSelection } from "./checks/selection.ts";
import { readStep } from "./read-step.ts";
import { checkShape } from "./shape/check-shape.ts";
import {
  classesSchema,
  globSchema,
  type JsonSchema,
  rowIdPattern,
  rowsSchema,
  tableFileSchema,
} from "./shape/field-schemas.ts";
import { fileSchema, stepsSchema } from "./shape/schema.ts";
import type { StepCatalog, StepDescription } from "./step-description.ts";
import type { StepDraft } from "./step-draft.ts";
import { readTable, type Table } from "./table/table.ts";
import { asMap, isMap, type Path } from "./text/data-path.ts";
import { type Findings, reportShape, sortDiagnostics } from "./text/findings.ts";
import { closestName } from "./text/suggest.ts";
import { parseYamlSource, type YamlSource } from "./text/yaml-source.ts";
import type { TaskBinding } from "./values/bindings.ts";
import { maskOf } from "./values/environment-mask.ts";
import { type FileValues, resolveFileValues } from "./values/file-values.ts";
import type { Workflow } from "./workflow.ts";

/** What a workflow file is read with: the step kinds it may use, and what the command line sets. */
export interface LoadOptions {
  /** The step kinds that `uses` may name. */
  readonly catalog: StepCatalog;
  /** `--set NAME=VALUE`: params that replace those of the file, as typed. */
  readonly set?: Readonly<Record<string, string>>;
  /** `--variant NAME`. */
  readonly variant?: string;
  /** What `${env.NAME}` sees; default: the process's own environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Loads a step kind of the user's own from an absolute path, for `uses: ./my-step.mjs`. */
  readonly loadStepKind?: (path: string) => Promise<StepDescription>;
  /** What the file shall hold, to be checked before it is written: read instead of the file. */
  readonly text?: string;
}

/**
 * Loads the workflow file at `path`. Finds all mistakes at once, sorted by place; the warnings come with the workflow.
 * Locations name the file as `path` does. Never throws for a mistake in the file.
 */
export async function loadWorkflow(path: string, options: LoadOptions): Promise<Result<Workflow>> {
  const text = options.text === undefined ? await readText(path) : success(options.text);
  if (!text.ok) return text;
  const parsed = parseYamlSource(path, text.value);
  if (!parsed.ok) return parsed;
  if (!isMap(parsed.value.value)) return failure([notAWorkflow(parsed.value)]);
  const findings: Findings = { source: parsed.value, diagnostics: [] };
  const values = resolveFileValues(findings, { ...options, environment: options.environment ?? process.env });
  const hasTable = await checkFileShape(findings, values);
  const workflow = await checkWorkflow(findings, values, {
    path: resolve(path),
    textSha256: sha256(text.value),
    options,
    hasTable,
  });
  const { text: masked } = maskOf(values.environment);
  const diagnostics = findings.diagnostics.map(({ message, hint, ...diagnostic }) => ({
    ...diagnostic,
    message: masked(message),
    ...(hint !== undefined && { hint: masked(hint) }),
  }));
  return resultOf(workflow, sortDiagnostics(diagnostics, path));
}

/** Longest workflow file, bytes. */
const largestFile = 16 * 2 ** 20;

async function readText(path: string): Promise<Result<string>> {
  const wrong = (code: string, message: string, hint?: string) =>
    failure([errorDiagnostic(code, message, { location: { file: path }, hint })]);
  try {
    const stats = await stat(path);
    const { size } = stats;
    const found = insteadOfFile(stats);
    if (found !== undefined && !stats.isDirectory())
      return wrong("file-not-regular", `this is ${found}, not a file`, savingHint);
    if (size > largestFile) return wrong("file-too-large", `${size} bytes are too much for a workflow file`);
    const text = decodeText(await readFile(path), { source: path });
    if (text.ok) return text;
    const hint = "is this the right file? A workflow is YAML text: ";
    return failure(text.diagnostics.map((mistake) => ({ ...mistake, hint: `${hint}${mistake.hint}` })));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT")
      return wrong("file-missing", "there is no such file", await adviceForMissing(path));
    if (code === "EISDIR") return wrong("file-is-folder", "this is a folder", await adviceForFolder(path));
    if (code === "EACCES") return wrong("no-permission", "no permission to read this file");
    throw error;
  }
}

async function adviceForMissing(path: string): Promise<string> {
  const near = closestName(basename(path), await workflowsIn(dirname(path)));
  return near ? `did you mean ${join(dirname(path), near)}?` : "tomoflow init writes one to start from";
}

async function adviceForFolder(path: string): Promise<string> {
  const names = await workflowsIn(path);
  const usual = join(path, "workflow.yaml");
  if (names.length === 0) return `there is no workflow in it: tomoflow init ${usual} writes one`;
  if (names.includes("workflow.yaml")) return `did you mean ${usual}?`;
  if (names.length === 1) return `did you mean ${join(path, names[0]!)}?`;
  return `name one of the files in it: ${names.slice(0, 12).join(", ")}${names.length > 12 ? ", …" : ""}`;
}

const workflowsIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder).catch(() => []))
    .filter((name) => /\.ya?ml$/.test(name) && !name.endsWith(".lock.yaml") && name !== "slurm.yaml")
    .sort();

function notAWorkflow(source: YamlSource): Diagnostic {
  const message =
    source.value === null || source.value === undefined ? "the file is empty" : "this is not a workflow";
  const hint = "a workflow has version: 1, tomograms and steps; tomoflow init writes one to start from";
  return errorDiagnostic("not-a-workflow", message, { location: source.locate([]), hint });
}

/** One object a table form, so that each is compiled once. */
const wholeFile = fileSchema({ classes: classesSchema, tomograms: {}, steps: stepsSchema });

/** Tells whether the table is there to be read. */
async function checkFileShape(findings: Findings, { resolved, unresolved }: FileValues): Promise<boolean> {
  reportShape(findings, await checkShape(wholeFile, resolved, "the workflow"), {
    path: [],
    skip: unresolved,
  });
  const { tomograms } = resolved;
  if (tomograms === undefined) return false;
  const shape = tomograms === null ? rowsSchema : tableSchema(tomograms);
  const problems = await checkShape(shape, tomograms, "tomograms");
  reportShape(findings, problems, { path: ["tomograms"], skip: unresolved });
  const isSource = (path: Path) => path.length === 0 || path[0] === "glob";
  const lost = unresolved.filter(([key]) => key === "tomograms").map(([, ...inside]) => inside);
  return ![...lost, ...problems.map(({ path }) => path)].some(isSource);
}

function tableSchema(tomograms: unknown): JsonSchema {
  if (Array.isArray(tomograms)) return rowsSchema;
  return isMap(tomograms) ? globSchema : tableFileSchema;
}

interface Surroundings {
  /** Absolute. */
  readonly path: string;
  readonly textSha256: string;
  readonly options: LoadOptions;
  readonly hasTable: boolean;
}

async function checkWorkflow(
  findings: Findings,
  values: FileValues,
  around: Surroundings,
): Promise<Workflow> {
  const { resolved } = values;
  const folder = dirname(around.path);
  const name = nameOf(resolved.name, around.path);
  const table = await readTable(findings.source, around.hasTable ? resolved.tomograms : undefined, folder);
  findings.diagnostics.push(...table.diagnostics);
  const classes = readClasses(findings, resolved.classes);
  const { variant } = around.options;
  checkNames(findings, { name, variant, steps: Object.keys(asMap(resolved.steps)) });
  const drafts: StepDraft[] = [];
  for (const [id, step] of Object.entries(asMap(resolved.steps))) {
    drafts.push(await readStep(id, { findings, values, ...around.options, folder, name }));
    checkOut(findings, id, { out: asMap(step).out, folder });
  }
  const ordered = orderSteps(findings, drafts);
  const workflow: Workflow = {
    name,
    ...(typeof resolved.description === "string" && { description: resolved.description }),
    path: around.path,
    textSha256: around.textSha256,
    folder,
    classes,
    rows: table.rows,
    ...tableSourceOf(resolved.tomograms),
    params: values.params,
    environment: values.environment,
    ...(variant !== undefined && { variant }),
    steps: ordered.flatMap(({ step }) => (step ? [step] : [])),
    locateInput: (step, row, port) => placeOfInput(findings.source, step, { row, port, workflow, table }),
    cache: { link: (asMap(resolved.cache).link as Workflow["cache"]["link"]) ?? "reflink" },
  };
  for (const draft of drafts) checkLabels(findings, draft, classes);
  if (table.rows.length > 0) await checkFlow(findings, ordered, { workflow, table });
  return workflow;
}

function tableSourceOf(tomograms: unknown): Pick<Workflow, "tableSource"> {
  if (typeof tomograms === "string") return { tableSource: { file: tomograms } };
  if (!isMap(tomograms) || typeof tomograms.glob !== "string") return {};
  const templates = Object.values(tomograms).filter(
    (value): value is string => typeof value === "string" && value.includes("{id}"),
  );
  const patterns = [tomograms.glob, ...templates.map((template) => template.replaceAll("{id}", "*"))];
  const files = patterns.map((pattern) => splitDataset(pattern).file);
  return { tableSource: { patterns: [...new Set(files)] } };
}

/** Follows the table through the steps that could be read. */
async function checkFlow(
  findings: Findings,
  drafts: readonly StepDraft[],
  around: { readonly workflow: Workflow; readonly table: Table },
): Promise<void> {
  const all: TaskBinding[] = [];
  for (const { step, uncertain } of drafts) {
    if (!step) continue;
    const tasks = await checkStepFlow(findings, step, { ...around, uncertain });
    checkLeaks(findings, step, { ...around, tasks });
    if (tasks[0]) {
      const ports = step.kind.ports(tasks[0].parameters);
      checkOutputPorts(findings, step.id, ports.outputs);
      checkHoldings(findings, step, { workflow: around.workflow, ports });
    }
    all.push(...tasks);
  }
  if (drafts.length > 0 && drafts.every(({ step }) => step !== undefined)) checkSelection(findings, around);
  checkTaskNames(findings, all, around);
  checkOutputFolders(findings, all);
  await checkFiles(findings, all, around);
}

/** The given name, else that of the file; a file called workflow.yaml takes the name of its folder. */
function nameOf(given: unknown, path: string): string {
  if (typeof given === "string" && new RegExp(rowIdPattern).test(given)) return given;
  const file = basename(path, extname(path));
  const name = file === "workflow" ? basename(dirname(path)) : file;
  return name.replace(/[^A-Za-z0-9._-]/g, "_").replace(/^[^A-Za-z0-9_-]+/, "") || "workflow";
}
