import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Waiting } from "../components/empty-state.tsx";
import { Field, TextInput } from "../components/field.tsx";
import { Mistakes } from "../components/notice.tsx";
import { mistakesOf, type ServerMistake } from "../connection/request.ts";
import { listTemplates, newWorkflow } from "./configure-api.ts";
import { RichText } from "./fields/rich-text.tsx";
import styles from "./new-dialog.module.css";

interface NewDialogProps {
  readonly open: boolean;
  onMade(path: string): void;
  onClose(): void;
}

/** A new workflow from a template. */
export function NewDialog({ open, onMade, onClose }: NewDialogProps) {
  const templates = useQuery({ queryKey: ["templates"], queryFn: listTemplates, enabled: open });
  const [template, setTemplate] = useState("starter");
  const [path, setPath] = useState("workflow.yaml");
  const [mistakes, setMistakes] = useState<readonly ServerMistake[]>([]);
  const make = async (): Promise<void> => {
    const name = /\.ya?ml$/i.test(path.trim()) ? path.trim() : `${path.trim()}.yaml`;
    try {
      onMade((await newWorkflow({ template, path: name })).path);
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
        <Mistakes mistakes={mistakes} />
        {templates.isLoading && <Waiting what="Looking for templates" />}
        <fieldset className={styles.templates} aria-label="Template">
          {templates.data?.map(({ name, title, description }) => (
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
