import { useState } from "react";
import type { PlanAnswer, RunRequest } from "../../protocol/workflow.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Field, Switch, TextInput } from "../components/field.tsx";
import styles from "./launch.module.css";

type Options = Pick<RunRequest, "keepGoing" | "jobs" | "set">;

interface RunDialogProps {
  readonly plan: PlanAnswer;
  readonly open: boolean;
  onClose(): void;
  onRun(options: Options): void;
}

/** A run with other values of the workflow's params, or that goes on after failures. The file stays as it is. */
export function RunDialog({ plan, open, onClose, onRun }: RunDialogProps) {
  const [keepGoing, setKeepGoing] = useState(false);
  const [jobs, setJobs] = useState("");
  const [set, setSet] = useState<Readonly<Record<string, string>>>({});
  const params = Object.entries(plan.params).filter(
    ([, value]) => typeof value !== "object" || value === null,
  );
  const changed = Object.fromEntries(
    Object.entries(set).filter(([name, value]) => value.trim() !== "" && value !== shown(plan.params[name])),
  );
  const isNumber = jobs === "" || /^[1-9]\d{0,3}$/.test(jobs);
  return (
    <Dialog
      title="Run with…"
      open={open}
      onClose={onClose}
      width="narrow"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            icon="launch"
            disabled={!isNumber}
            onClick={() =>
              onRun({
                ...(keepGoing && { keepGoing }),
                ...(jobs !== "" && { jobs: Number(jobs) }),
                ...(Object.keys(changed).length > 0 && { set: changed }),
              })
            }
          >
            Run
          </Button>
        </>
      }
    >
      <div className={styles.form}>
        {params.map(([name, value]) => (
          <Field key={name} label={name}>
            {(ids) => (
              <TextInput
                {...ids}
                placeholder={shown(value)}
                value={set[name] ?? ""}
                onChange={(event) => setSet({ ...set, [name]: event.target.value })}
              />
            )}
          </Field>
        ))}
        {params.length > 0 && (
          <p className={styles.muted}>
            Values for this run alone, as <code>--set</code> gives them; the file stays as it is. To keep
            them, change them in Configure.
          </p>
        )}
        <Field label="Most tasks at a time" mistake={isNumber ? undefined : "A whole number from 1 on."}>
          {(ids) => (
            <TextInput
              {...ids}
              placeholder="as many as there are cores"
              inputMode="numeric"
              value={jobs}
              onChange={(event) => setJobs(event.target.value.trim())}
            />
          )}
        </Field>
        <Switch
          label="Go on after a failure with what does not need it"
          on={keepGoing}
          onChange={setKeepGoing}
        />
      </div>
    </Dialog>
  );
}

const shown = (value: unknown): string => (value === null || value === undefined ? "" : String(value));
