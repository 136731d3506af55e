import { useQuery } from "@tanstack/react-query";
import { type KindForm, labelOf } from "../../protocol/forms.ts";
import type { StepMistake, StepRequest } from "../../protocol/one-step.ts";
import type { ProjectAnswer } from "../../protocol/project.ts";
import { dataOf, parseText } from "../../protocol/workflow-text/text-document.ts";
import { Button, IconButton } from "../components/button.tsx";
import tableStyles from "../components/table.module.css";
import { toast, toastMistake } from "../components/toast.tsx";
import { readWorkflow } from "../configure/configure-api.ts";
import { DraftInput } from "../configure/fields/draft-input.tsx";
import { Group } from "../configure/fields/group.tsx";
import { RichText } from "../configure/fields/rich-text.tsx";
import { useSurroundings } from "../configure/fields/surroundings.ts";
import { numberOrText, textOfValue } from "../configure/fields/value-text.ts";
import { asData, classColors, freeLabel } from "../configure/outline.ts";
import classStyles from "../configure/sections/classes-section.module.css";
import { folderOf, fromProject } from "../configure/sheet/table-edits.ts";
import { request as ask } from "../connection/request.ts";
import styles from "./one-step-screen.module.css";
import { putRequest } from "./step-store.ts";

interface StepClassesProps {
  readonly kind: KindForm;
  readonly request: StepRequest;
  readonly mistakes: readonly StepMistake[];
}

/** The classes of a step alone: put in here, or taken from a workflow. */
export function StepClasses({ kind, request, mistakes }: StepClassesProps) {
  const classes = Object.entries(request.classes);
  const project = useQuery({ queryKey: ["project"], queryFn: () => ask<ProjectAnswer>("/api/project") });
  const put = (next: StepRequest["classes"]): void => putRequest({ ...request, classes: next });
  const add = (): void => {
    const label = freeLabel(classes.map(([each]) => each));
    const color = classColors[(label - 1) % classColors.length]!;
    put({ ...request.classes, [label]: { name: `class ${label}`, radius: 10, color } });
  };
  const { workflow } = project.data ?? {};
  return (
    <Group
      title="Classes"
      actions={
        workflow && (
          <Button size="small" look="quiet" onClick={() => void takeFrom(workflow, put)}>
            Take those of {workflow.split("/").at(-1)}
          </Button>
        )
      }
    >
      <div className={styles.rows}>
        {classes.length > 0 && <ClassTable kind={kind} classes={request.classes} onPut={put} />}
        {mistakes.map(({ message, hint, path }) => (
          <p key={message} className={styles.mistake}>
            {path?.[1] !== undefined && `class ${path[1]}: `}
            <RichText text={hint ? `${message} (${hint})` : message} />
          </p>
        ))}
        <Button size="small" look="quiet" icon="plus" onClick={add}>
          Add a class
        </Button>
      </div>
    </Group>
  );
}

interface ClassTableProps {
  readonly kind: KindForm;
  readonly classes: StepRequest["classes"];
  onPut(classes: StepRequest["classes"]): void;
}

function ClassTable({ kind, classes, onPut }: ClassTableProps) {
  const fields = ["radius", "shape", "density", "mask"].filter((field) => kind.classFields.includes(field));
  return (
    <div className={tableStyles.frame}>
      <table className={`${tableStyles.table} ${classStyles.table}`}>
        <thead>
          <tr>
            <th>Label</th>
            <th>Colour</th>
            <th>Name</th>
            {fields.map((field) => (
              <th key={field}>{field === "radius" ? "Radius (voxels)" : labelOf(field)}</th>
            ))}
            <th />
          </tr>
        </thead>
        <tbody>
          {Object.entries(classes).map(([label, values]) => (
            <ClassRow
              key={label}
              label={label}
              values={values}
              fields={fields}
              classes={classes}
              onPut={onPut}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface ClassRowProps extends Omit<ClassTableProps, "kind"> {
  readonly label: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly fields: readonly string[];
}

function ClassRow({ label, values, fields, classes, onPut }: ClassRowProps) {
  const { choose } = useSurroundings();
  const set = (field: string, value: unknown): void => {
    const { [field]: _, ...rest } = values;
    onPut({ ...classes, [label]: value === undefined ? rest : { ...rest, [field]: value } });
  };
  return (
    <tr>
      <td className={classStyles.label}>{label}</td>
      <td>
        <input
          type="color"
          className={classStyles.color}
          aria-label={`Colour of class ${label}`}
          value={typeof values.color === "string" ? values.color : "#888888"}
          onChange={({ target }) => set("color", target.value)}
        />
      </td>
      <td>
        <DraftInput
          aria-label={`Name of class ${label}`}
          value={textOfValue(values.name)}
          onText={(name) => set("name", name)}
        />
      </td>
      {fields.map((field) => (
        <td key={field}>
          <div className={styles.cell}>
            <DraftInput
              aria-label={`${labelOf(field)} of class ${label}`}
              value={textOfValue(values[field])}
              placeholder={field === "shape" ? "barrel" : "—"}
              onText={(text) => {
                const typed = text.trim();
                set(field, typed === "" ? undefined : field === "radius" ? numberOrText(typed) : typed);
              }}
            />
            {["mask", "density"].includes(field) && (
              <IconButton
                icon="folder"
                size="small"
                label={`Choose the ${field} of class ${label}`}
                onClick={() =>
                  choose({ title: labelOf(field), kinds: ["tomogram"] }, (path) => set(field, path))
                }
              />
            )}
          </div>
        </td>
      ))}
      <td className={classStyles.actions}>
        <IconButton
          icon="trash"
          size="small"
          label={`Take class ${label} out`}
          onClick={() =>
            onPut(Object.fromEntries(Object.entries(classes).filter(([each]) => each !== label)))
          }
        />
      </td>
    </tr>
  );
}

/** The classes of a workflow; their files from the project's root. */
async function takeFrom(path: string, put: (classes: StepRequest["classes"]) => void): Promise<void> {
  try {
    const { text } = await readWorkflow(path);
    const classes = Object.entries(asData(asData(dataOf(parseText(text))).classes));
    if (classes.length === 0) toast({ kind: "plain", message: `${path} has no classes.` });
    const folder = folderOf(path);
    put(
      Object.fromEntries(
        classes.map(([label, fields]) => [
          label,
          Object.fromEntries(
            Object.entries(asData(fields)).map(([field, value]) => [
              field,
              ["mask", "density"].includes(field) && typeof value === "string"
                ? fromProject(folder, value)
                : value,
            ]),
          ),
        ]),
      ),
    );
  } catch (thrown) {
    toastMistake(thrown);
  }
}
