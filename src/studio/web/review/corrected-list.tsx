import { useState } from "react";
import type { TrainingAnswer } from "../../protocol/list-tools.ts";
import type { ListedObject } from "../../protocol/lists.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Choice } from "../components/field.tsx";
import { Mistakes } from "../components/notice.tsx";
import { toast } from "../components/toast.tsx";
import { mistakesOf, request, type ServerMistake } from "../connection/request.ts";
import { SaveAsDialog } from "../lists/save-as-dialog.tsx";
import { nameOf, useProject } from "../project/project-queries.ts";
import styles from "./corrected-list.module.css";
import { isKept, type Thresholds } from "./review-order.ts";

interface CorrectedListProps {
  readonly open: boolean;
  readonly list: string;
  readonly tomogram: string;
  readonly objects: readonly ListedObject[];
  readonly least: Thresholds;
  readonly by: "score" | "size";
  onClose(): void;
}

/** Writes what the review kept as a new list, which may then be what a network learns from next. */
export function CorrectedList({ open, list, tomogram, objects, least, by, onClose }: CorrectedListProps) {
  const [keep, setKeep] = useState<"not-rejected" | "accepted">("not-rejected");
  const [written, setWritten] = useState<string | null>(null);
  const kept = objects.filter((object) =>
    keep === "accepted" ? object.mark === "accepted" : isKept(object, { least, by }),
  ).length;
  if (written !== null) return <UseForTraining {...{ tomogram, onClose }} list={written} />;
  return (
    <SaveAsDialog
      open={open}
      title="Write the corrected list"
      list={{ list, mode: "review" }}
      start={`objects/${nameOf(list).replace(/\.[^.]+$/, "")}-corrected.xml`}
      keeping={{ keep, least, rankBy: by }}
      about={
        <div className={styles.about}>
          <p>
            {kept} of {objects.length} objects are written; {nameOf(list)} stays as it is.
          </p>
          <Choice<"not-rejected" | "accepted">
            label="What is kept"
            value={keep}
            options={choices}
            onChange={setKeep}
          />
        </div>
      }
      onClose={onClose}
      onWritten={setWritten}
    />
  );
}

const choices = [
  { value: "not-rejected", label: "All but rejected", title: "And what the thresholds leave out" },
  { value: "accepted", label: "Only accepted" },
] as const;

function UseForTraining({ list, tomogram, onClose }: { list: string; tomogram: string; onClose(): void }) {
  const workflow = useProject().data?.workflow ?? null;
  const [split, setSplit] = useState<"train" | "valid">("train");
  const [mistakes, tell] = useState<readonly ServerMistake[]>([]);
  const use = async (): Promise<void> => {
    try {
      const body = { workflow, tomogram, list, split };
      const { row, isNew } = await request<TrainingAnswer>("/api/lists/use-for-training", { body });
      toast({
        kind: "good",
        message: `${isNew ? "A new row" : "The row"} ${row} of ${nameOf(workflow!)} has these objects now`,
        hint: "The next run trains with them.",
      });
      onClose();
    } catch (thrown) {
      tell(mistakesOf(thrown));
    }
  };
  return (
    <Dialog
      title="The corrected list is written"
      open
      width="narrow"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Done</Button>
          {workflow && (
            <Button look="primary" onClick={() => void use()}>
              Use as training objects
            </Button>
          )}
        </>
      }
    >
      <div className={styles.about}>
        <p>
          It is in <b>{list}</b>.
        </p>
        {workflow ? (
          <>
            <p>
              Give them to {nameOf(tomogram)} in {nameOf(workflow)}, to learn from or to validate with:
            </p>
            <Choice<"train" | "valid"> label="Split" value={split} options={splits} onChange={setSplit} />
          </>
        ) : (
          <p>Once there is a workflow, they can train its network.</p>
        )}
        <Mistakes mistakes={mistakes} />
      </div>
    </Dialog>
  );
}

const splits = [
  { value: "train", label: "Train" },
  { value: "valid", label: "Validate" },
] as const;
