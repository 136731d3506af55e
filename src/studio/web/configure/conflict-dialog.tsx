import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { compareLines } from "./compare-lines.ts";
import { settleConflict, useConfigure } from "./configure-store.ts";
import styles from "./conflict-dialog.module.css";

/** The file changed on the disk while it was edited here: both, side by side, and a choice. Nothing is lost by either: undo goes back. */
export function ConflictDialog({ open, onClose }: { readonly open: boolean; onClose(): void }) {
  const { draft, conflict } = useConfigure();
  if (!draft || !conflict) return null;
  const lines = compareLines(draft.text, conflict.text);
  const settle = (choice: "mine" | "theirs"): void => {
    onClose();
    void settleConflict(choice);
  };
  return (
    <Dialog
      title="The file was changed by another program"
      width="wide"
      open={open}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Decide later</Button>
          <Button onClick={() => settle("theirs")}>Take the file's</Button>
          <Button look="primary" onClick={() => settle("mine")}>
            Save mine over it
          </Button>
        </>
      }
    >
      <table className={styles.lines}>
        <thead>
          <tr>
            <th>Yours</th>
            <th>In the file</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ mine, theirs, isSame }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of one comparison keep their places
            <tr key={index} className={isSame ? undefined : styles.different}>
              <td>{mine}</td>
              <td>{theirs}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}
