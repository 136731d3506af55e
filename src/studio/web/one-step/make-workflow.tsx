import { useState } from "react";
import type { StepRequest } from "../../protocol/one-step.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Field, TextInput } from "../components/field.tsx";
import { Mistakes } from "../components/notice.tsx";
import { mistakesOf, type ServerMistake } from "../connection/request.ts";
import { routeTo } from "../shell/route.ts";
import { goTo } from "../shell/use-route.ts";
import { makeWorkflow } from "./step-store.ts";

interface MakeWorkflowProps {
  readonly open: boolean;
  readonly request: StepRequest;
  onClose(): void;
}

/** Writes the form as the first step of a workflow, and opens that. */
export function MakeWorkflow({ open, request, onClose }: MakeWorkflowProps) {
  const [path, setPath] = useState(`${request.uses}.yaml`);
  const [mistakes, setMistakes] = useState<readonly ServerMistake[]>([]);
  const make = async (): Promise<void> => {
    const name = /\.ya?ml$/i.test(path.trim()) ? path.trim() : `${path.trim()}.yaml`;
    try {
      const made = await makeWorkflow(name, request);
      onClose();
      goTo(routeTo("configure", { file: made.path }));
    } catch (thrown) {
      setMistakes(mistakesOf(thrown));
    }
  };
  return (
    <Dialog
      title="Make it a workflow"
      open={open}
      width="narrow"
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
      <Field
        label="File"
        help="The step with its files and parameters, to be run again, extended and kept in git."
      >
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
    </Dialog>
  );
}
