import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { BeginRequest } from "../../protocol/list-tools.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Waiting } from "../components/empty-state.tsx";
import { Field, TextInput } from "../components/field.tsx";
import { Mistakes } from "../components/notice.tsx";
import { mistakesOf, type ServerMistake } from "../connection/request.ts";
import { nameOf } from "../project/project-queries.ts";
import { beginWorkflow, listTemplates, newWorkflow } from "./configure-api.ts";
import { RichText } from "./fields/rich-text.tsx";
import styles from "./new-dialog.module.css";

export type FirstRow = Pick<BeginRequest, "tomogram" | "list" | "split">;

interface NewDialogProps {
  readonly open: boolean;
  /** The first row, in place of the template's examples. */
  readonly first: FirstRow | null;
  onMade(path: string): void;
  onClose(): void;
}

/** A new workflow from a template. */
export function NewDialog({ open, first, onMade, onClose }: NewDialogProps) {
  const queries = useQueryClient();
  const templates = useQuery({ queryKey: ["templates"], queryFn: listTemplates, enabled: open });
  const [template, setTemplate] = useState("starter");
  const [path, setPath] = useState("workflow.yaml");
  const [mistakes, setMistakes] = useState<readonly ServerMistake[]>([]);
  const make = async (): Promise<void> => {
    const name = /\.ya?ml$/i.test(path.trim()) ? path.trim() : `${path.trim()}.yaml`;
    try {
      const made = first
        ? await beginWorkflow({ template, workflow: name, ...first })
        : await newWorkflow({ template, path: name });
      // the project may have its one workflow now
      await queries.invalidateQueries({ queryKey: ["project"] });
      onMade(made.path);
      onClose();
    } catch (thrown) {
      setMistakes(mistakesOf(thrown));
    }
  };
  return (
    <Dialog
      title="New workflow"
      open={open}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={path.trim() === ""} onClick={() => void make()}>
            Make it
          </Button>
        </>
      }
    >
      <div className={styles.content}>
        <Field label="File" help="In the project; paths in the workflow start at its folder.">
          {(ids) => (
            <TextInput
              {...ids}
              value={path}
              onChange={({ target }) => {
                setPath(target.value);
                setMistakes([]);
              }}
            />
          )}
        </Field>
        {first && (
          <p>
            Its first tomogram is <b>{nameOf(first.tomogram)}</b>, with the objects of{" "}
            <b>{nameOf(first.list)}</b>, to {first.split === "train" ? "learn from" : "validate with"}. The
            classes that you made come along.
          </p>
        )}
        <Mistakes mistakes={mistakes} />
        {templates.isLoading && <Waiting what="Looking for templates" />}
        <fieldset className={styles.templates} aria-label="Template">
          {templates.data
            ?.filter(({ name }) => first === null || name !== "quickstart")
            .map(({ name, title, description }) => (
              <label key={name} className={name === template ? styles.chosen : undefined}>
                <input
                  type="radio"
                  name="template"
                  checked={name === template}
                  onChange={() => setTemplate(name)}
                />
                <span>
                  <strong>{title}</strong>
                  <span className={styles.description}>
                    <RichText text={description} />
                  </span>
                </span>
              </label>
            ))}
        </fieldset>
      </div>
    </Dialog>
  );
}
