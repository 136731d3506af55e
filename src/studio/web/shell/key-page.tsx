import { Dialog } from "../components/dialog.tsx";
import { shownKey } from "./key-names.ts";
import styles from "./key-page.module.css";
import { useKeyGroups } from "./keys.ts";

/** The list of every key that works now, by group. */
export function KeyPage({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  const groups = useKeyGroups((state) => state.groups);
  return (
    <Dialog title="Keys" open={open} onClose={onClose} width="wide">
      <div className={styles.groups}>
        {groups.toReversed().map(({ title, bindings }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {bindings.map(({ keys, does }) => (
                <div key={does}>
                  <dt>
                    {keys.map((name) => (
                      <kbd key={name}>{shownKey(name)}</kbd>
                    ))}
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
