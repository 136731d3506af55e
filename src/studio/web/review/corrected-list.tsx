import { useState } from "react";
import type { ListedObject } from "../../protocol/lists.ts";
import { Choice } from "../components/field.tsx";
import { SaveAsDialog } from "../lists/save-as-dialog.tsx";
import { UseForTraining } from "../lists/use-for-training.tsx";
import { nameOf } from "../project/project-queries.ts";
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
  if (written !== null)
    return <UseForTraining title="The corrected list is written" {...{ tomogram, onClose }} list={written} />;
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
