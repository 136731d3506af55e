import { Dialog } from "../../components/dialog.tsx";
import { Badge } from "../../components/notice.tsx";
import { edit, useConfigure } from "../configure-store.ts";
import { RichText } from "../fields/rich-text.tsx";
import { freeStepId, newStep, stepsOf } from "../outline.ts";
import styles from "./add-step-dialog.module.css";

interface AddStepDialogProps {
  readonly open: boolean;
  onAdded(id: string): void;
  onClose(): void;
}

/** The kinds of steps, each with what it does. */
export function AddStepDialog({ open, onAdded, onClose }: AddStepDialogProps) {
  const { data, forms } = useConfigure();
  const steps = stepsOf(data);
  const add = (uses: string): void => {
    const id = freeStepId(
      uses,
      steps.map((step) => step.id),
    );
    edit([{ type: "set", path: ["steps", id], value: newStep(uses, steps) }]);
    onClose();
    onAdded(id);
  };
  const order = ["simulate", "target", "train", "segment", "cluster", "evaluate"];
  const rank = (uses: string): number => (order.includes(uses) ? order.indexOf(uses) : order.length);
  const kinds = [...(forms?.kinds ?? [])].sort((a, b) => rank(a.uses) - rank(b.uses));
  return (
    <Dialog title="Add a step" open={open} onClose={onClose}>
      <ul className={styles.kinds}>
        {kinds.map(({ uses, label, summary, scope, isOwn }) => (
          <li key={uses}>
            <button type="button" className={styles.kind} onClick={() => add(uses)}>
              <span className={styles.head}>
                <strong>{label}</strong>
                {isOwn && <Badge>yours</Badge>}
                <span className={styles.scope}>
                  {scope === "table" ? "over all rows" : "for each tomogram"}
                </span>
              </span>
              <span className={styles.summary}>
                <RichText text={summary} />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
