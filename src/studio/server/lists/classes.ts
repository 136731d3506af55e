/** The classes that objects are given: those of the workflow, edited in its text, or the studio's own until there is a workflow. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TomoflowError } from "../../../core/error.ts";
import type { ClassRequest, ListClass } from "../../protocol/list-tools.ts";
import { editText } from "../../protocol/workflow-text/edit-text.ts";
import type { Operation } from "../../protocol/workflow-text/operation.ts";
import { dataOf, parseText } from "../../protocol/workflow-text/text-document.ts";
import { createTextFile, readTextFile, saveTextFile } from "../editing/workflow-file.ts";

/** The classes of a workflow's text, by label; what is no class is left out, `validate` tells it. */
export async function readClasses(workflow: string): Promise<readonly ListClass[]> {
  return classesOf((await readTextFile(workflow)).text);
}

/** Classes kept in the project while no workflow is open. */
export const ownClassesPath = (root: string): string => join(root, ".tomoflow", "studio", "classes.yaml");

/** None where there is no such file yet. */
export async function readOwnClasses(root: string): Promise<readonly ListClass[]> {
  return readClasses(ownClassesPath(root)).catch((error: unknown) => {
    if (error instanceof TomoflowError && error.code === "file-missing") return [];
    throw error;
  });
}

/**
 * Makes a class, or changes one; every other byte of the file stays.
 * @throws TomoflowError `class-refused`, `edit-refused`, `yaml-syntax`, and what the file cannot
 */
export async function changeClass(path: string, change: ListClass): Promise<readonly ListClass[]> {
  checkClass(change);
  return editWorkflow(path, (text) => {
    const known = classesOf(text);
    const twin = known.find(({ label, name }) => label !== change.label && name === change.name);
    if (twin)
      throw new TomoflowError("class-refused", `class ${twin.label} has the name ${change.name} already`, {
        hint: "choose another name",
      });
    const isNew = !known.some(({ label }) => label === change.label);
    if (isNew && change.label > 1 && !known.some(({ label }) => label === change.label - 1))
      throw new TomoflowError(
        "class-refused",
        `there is no class ${change.label - 1} before class ${change.label}`,
        {
          hint: "labels run 1, 2, 3, … without gaps, as the network has an output for each",
        },
      );
    return classOperations(known, change);
  }).then(classesOf);
}

export async function changeOwnClass(root: string, change: ListClass): Promise<readonly ListClass[]> {
  const path = ownClassesPath(root);
  await mkdir(dirname(path), { recursive: true });
  await createTextFile(path, "# classes made in the studio; a workflow has its own\n").catch((error) => {
    if (error.code !== "file-exists") throw error;
  });
  return changeClass(path, change);
}

/** Makes edits in a workflow's text, again when somebody else saved it meanwhile. @returns the new text */
export async function editWorkflow(
  path: string,
  edits: (text: string) => readonly Operation[],
): Promise<string> {
  for (let tries = 0; tries < 5; tries++) {
    const { text, version } = await readTextFile(path);
    const edited = editText(text, edits(text));
    if (!edited.ok) {
      const [{ code, message, hint }] = edited.diagnostics as [(typeof edited.diagnostics)[0]];
      throw new TomoflowError(code, message, hint === undefined ? {} : { hint });
    }
    const saved = await saveTextFile(path, { text: edited.value, version });
    if (saved.saved) return edited.value;
  }
  throw new TomoflowError("file-busy", "another program writes the workflow all the time", {
    hint: "try again when it is done",
  });
}

function classOperations(known: readonly ListClass[], change: ListClass): Operation[] {
  const path = ["classes", String(change.label)];
  const { label, ...fields } = change;
  const before = known.find((one) => one.label === label);
  if (!before) return [{ type: "set", path, value: fields }];
  return Object.entries(fields).flatMap(([field, value]): Operation[] =>
    value === undefined || before[field as keyof typeof before] === value
      ? []
      : [{ type: "set", path: [...path, field], value }],
  );
}

function classesOf(text: string): ListClass[] {
  const data = dataOf(parseText(text)) as { classes?: unknown } | null;
  const classes = data?.classes;
  if (typeof classes !== "object" || classes === null) return [];
  return Object.entries(classes).flatMap(([key, value]) => {
    const label = Number(key);
    if (!isLabel(label) || typeof value !== "object" || value === null) return [];
    const { name, color, radius } = value as Record<string, unknown>;
    return [
      {
        label,
        name: typeof name === "string" ? name : `class ${label}`,
        ...(typeof color === "string" && colorPattern.test(color) && { color }),
        ...(typeof radius === "number" && radius > 0 && { radius }),
      },
    ];
  });
}

const colorPattern = /^#[0-9a-fA-F]{6}$/;
const isLabel = (label: number): boolean => Number.isInteger(label) && label >= 1 && label <= 255;

function checkClass({ label, name, color, radius }: ClassRequest["change"]): void {
  const fault = !isLabel(label)
    ? "a class is a whole number from 1 to 255 (0 is the background)"
    : name.trim() === "" || name.length > 200
      ? "a class needs a name"
      : color !== undefined && !colorPattern.test(color)
        ? "a color is written as #4e79a7"
        : radius !== undefined && !(Number.isFinite(radius) && radius > 0)
          ? "a radius is more than 0 voxels"
          : undefined;
  if (fault) throw new TomoflowError("class-refused", fault, { hint: "correct it and try again" });
}
