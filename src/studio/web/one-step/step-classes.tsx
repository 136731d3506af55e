import { useQuery } from "@tanstack/react-query";
import type { StepMistake, StepRequest } from "../../protocol/one-step.ts";
import type { ProjectAnswer } from "../../protocol/project.ts";
import { dataOf, parseText } from "../../protocol/workflow-text/text-document.ts";
import { Button, IconButton } from "../components/button.tsx";
import tableStyles from "../components/table.module.css";
import { toast, toastMistake } from "../components/toast.tsx";
import { readWorkflow } from "../configure/configure-api.ts";
import { DraftInput } from "../configure/fields/draft-input.tsx";
import { Group } from "../configure/fields/group.tsx";
import { numberOrText, textOfValue } from "../configure/fields/value-text.ts";
import { asData, classColors, freeLabel } from "../configure/outline.ts";
import classStyles from "../configure/sections/classes-section.module.css";
import { folderOf, fromProject } from "../configure/sheet/table-edits.ts";
import { request as ask } from "../connection/request.ts";
import styles from "./one-step-screen.module.css";
import { putRequest } from "./step-store.ts";

interface StepClassesProps {
  readonly request: StepRequest;
  readonly mistakes: readonly StepMistake[];
}

/** The classes of a step alone: put in here, or taken from a workflow. */
export function StepClasses({ request, mistakes }: StepClassesProps) {
  const classes = Object.entries(request.classes);
  const project = useQuery({ queryKey: ["project"], queryFn: () => ask<ProjectAnswer>("/api/project") });
  const put = (next: StepRequest["classes"]): void => putRequest({ ...request, classes: next });
  const set = (label: string, field: string, value: unknown): void => {
    const { [field]: _, ...rest } = request.classes[label] ?? {};
    put({ ...request.classes, [label]: value === undefined ? rest : { ...rest, [field]: value } });
  };
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
        {classes.length > 0 && (
          <div className={tableStyles.frame}>
            <table className={`${tableStyles.table} ${classStyles.table}`}>
              <tbody>
                {classes.map(([label, fields]) => (
                  <tr key={label}>
                    <td className={classStyles.label}>{label}</td>
                    <td>
                      <input
                        type="color"
                        className={classStyles.color}
                        aria-label={`Colour of class ${label}`}
                        value={typeof fields.color === "string" ? fields.color : "#888888"}
                        onChange={({ target }) => set(label, "color", target.value)}
                      />
                    </td>
                    <td>
                      <DraftInput
                        aria-label={`Name of class ${label}`}
                        value={textOfValue(fields.name)}
                        onText={(name) => set(label, "name", name)}
                      />
                    </td>
                    <td>
                      <div className={styles.radius}>
                        <DraftInput
                          aria-label={`Radius of class ${label}`}
                          value={textOfValue(fields.radius)}
                          placeholder="radius"
                          onText={(text) =>
                            set(label, "radius", text.trim() === "" ? undefined : numberOrText(text.trim()))
                          }
                        />
                        <span className={styles.unit}>voxels</span>
                      </div>
                    </td>
                    <td className={classStyles.actions}>
                      <IconButton
                        icon="trash"
                        size="small"
                        label={`Take class ${label} out`}
                        onClick={() => put(Object.fromEntries(classes.filter(([each]) => each !== label)))}
                      />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {mistakes.map(({ message, hint, path }) => (
          <p key={message} className={styles.mistake}>
            {path?.[1] !== undefined && `class ${path[1]}: `}
            {message}
            {hint && ` (${hint})`}
          </p>
        ))}
        <Button size="small" look="quiet" icon="plus" onClick={add}>
          Add a class
        </Button>
      </div>
    </Group>
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
