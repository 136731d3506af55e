import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { TrainingAnswer } from "../../protocol/list-tools.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Choice } from "../components/field.tsx";
import { Mistakes } from "../components/notice.tsx";
import { toast } from "../components/toast.tsx";
import { mistakesOf, request, type ServerMistake } from "../connection/request.ts";
import { nameOf, useProject } from "../project/project-queries.ts";
import { routeTo } from "../shell/route.ts";
import { goTo } from "../shell/use-route.ts";
import styles from "./use-for-training.module.css";

interface UseForTrainingProps {
  readonly title: string;
  readonly list: string;
  readonly tomogram: string;
  onClose(): void;
}

/** Gives a list to its tomogram in the workflow, to learn from or to validate with; without a workflow one is begun with it. */
export function UseForTraining({ title, list, tomogram, onClose }: UseForTrainingProps) {
  const workflow = useProject().data?.workflow ?? null;
  const queries = useQueryClient();
  const [split, setSplit] = useState<"train" | "valid">("train");
  const [mistakes, tell] = useState<readonly ServerMistake[]>([]);
  const use = async (): Promise<void> => {
    try {
      const body = { workflow, tomogram, list, split };
      const { row, isNew } = await request<TrainingAnswer>("/api/lists/use-for-training", { body });
      await queries.invalidateQueries({ queryKey: ["table", workflow] });
      toast({
        kind: "good",
        message: `${isNew ? "A new row" : "The row"} ${row} of ${nameOf(workflow!)} has these objects now`,
        hint: "The next run trains with them.",
        action: { label: "Launch", run: () => goTo(routeTo("launch", { workflow: workflow! })) },
      });
      onClose();
    } catch (thrown) {
      tell(mistakesOf(thrown));
    }
  };
  return (
    <Dialog
      title={title}
      open
      width="narrow"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Done</Button>
          {workflow ? (
            <Button look="primary" onClick={() => void use()}>
              Use as training objects
            </Button>
          ) : (
            <Button
              look="primary"
              icon="plus"
              onClick={() => goTo(routeTo("configure", { new: "", tomogram, list, split }))}
            >
              Make a workflow with it
            </Button>
          )}
        </>
      }
    >
      <div className={styles.about}>
        <p>
          It is in <b>{list}</b>.
        </p>
        <p>
          {workflow
            ? `Give them to ${nameOf(tomogram)} in ${nameOf(workflow)}, to learn from or to validate with:`
            : `There is no workflow yet. Begin one with ${nameOf(tomogram)}, to learn from or to validate with:`}
        </p>
        <Choice<"train" | "valid"> label="Split" value={split} options={splits} onChange={setSplit} />
        <Mistakes mistakes={mistakes} />
      </div>
    </Dialog>
  );
}

const splits = [
  { value: "train", label: "Train" },
  { value: "valid", label: "Validate" },
] as const;
