/** A step that ran alone as the first step of a workflow, which a run then finds again and goes on from. */
import { dirname, relative } from "node:path/posix";
import { newWorkflowName, schemaPathFrom } from "../../../session/new-workflow.ts";
import type { StepRequest } from "../../protocol/one-step.ts";
import { writeAfter, writeInLine } from "../../protocol/workflow-text/write-value.ts";

export interface AsWorkflowRequest {
  readonly request: StepRequest;
  /** From the project's root: where the workflow goes. */
  readonly path: string;
  /** The same, absolute. */
  readonly absolutePath: string;
  /** Parameters that are files. */
  readonly fileParameters: ReadonlySet<string>;
}

/** The text of the workflow: paths start at its own folder. */
export function asWorkflow({ request, path, absolutePath, fileParameters }: AsWorkflowRequest): string {
  const folder = dirname(path);
  const from = (file: string): string => relative(folder, file) || file;
  const { uses, parameters, classes, rows } = request;
  const written = Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      fileParameters.has(name) ? inTexts(value, from) : value,
    ]),
  );
  const classLines = Object.entries(withFiles(classes, from)).map(
    ([label, fields]) => `  ${label}: ${writeInLine(fields)}`,
  );
  const rowLines = rows.map((row, index) => `  - ${writeInLine(tableRow(row, { index, from }))}`);
  const style = { indent: 4, newline: "\n" };
  return [
    `# yaml-language-server: $schema=${schemaPathFrom(dirname(absolutePath))}`,
    `# The step ${uses}, as it ran alone in the studio.`,
    "version: 1",
    `name: ${writeInLine(newWorkflowName(absolutePath))}`,
    ...(classLines.length > 0 ? ["", "classes:", ...classLines] : []),
    ...["", "tomograms:", ...rowLines],
    ...["", "steps:", `  ${uses}:`, `    uses: ${uses}`],
    ...(Object.keys(written).length > 0 ? [`    with:${writeAfter(written, style)}`] : []),
    "",
  ].join("\n");
}

function tableRow(
  { id, values, inputs }: StepRequest["rows"][number],
  { index, from }: { index: number; from: (file: string) => string },
): Record<string, string> {
  const files = Object.entries(inputs).filter(([, path]) => path !== "");
  const plain = Object.entries(values).filter(([, value]) => value !== "");
  const name = id || (inputs.tomogram ? undefined : nameOfFile(files[0]?.[1]) || `t${index + 1}`);
  return {
    ...(name && { id: name }),
    ...Object.fromEntries(files.map(([port, path]) => [port, from(path)])),
    ...Object.fromEntries(plain),
  };
}

const nameOfFile = (path: string | undefined): string | undefined =>
  path
    ?.split("/")
    .at(-1)
    ?.replace(/\.[^.]*$/, "")
    .replace(/[^A-Za-z0-9._-]/g, "_");

const withFiles = (classes: StepRequest["classes"], from: (file: string) => string) =>
  Object.fromEntries(
    Object.entries(classes).map(([label, fields]) => [
      label,
      Object.fromEntries(
        Object.entries(fields).map(([field, value]) => [
          field,
          ["mask", "density"].includes(field) ? inTexts(value, from) : value,
        ]),
      ),
    ]),
  );

function inTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => inTexts(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inTexts(inner, change)]));
}
