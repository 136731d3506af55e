import type { Confusion, PlanAnswer } from "../../../protocol/workflow.ts";
import styles from "./results.module.css";
import { classWords } from "./scores.ts";

/** What each true class was found as; the darker, the larger its share of the row. */
export function ConfusionTable({
  confusion: { task, truth, found, counts },
  classes,
}: {
  readonly confusion: Confusion;
  readonly classes: PlanAnswer["classes"];
}) {
  const plain = (name: string): string => classWords(name.replace(/^\((.*)\)$/, "$1"), classes);
  return (
    <figure className={styles.confusion}>
      <figcaption>
        Confusion matrix <small>{task}</small>
      </figcaption>
      <div className={styles.scroll}>
        <table>
          <thead>
            <tr>
              <th scope="col" className={styles.corner}>
                true \ found as
              </th>
              {found.map((name) => (
                <th key={name} scope="col">
                  {plain(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {truth.map((name, row) => {
              const sum = counts[row]!.reduce((total, count) => total + count, 0);
              return (
                <tr key={name}>
                  <th scope="row">{plain(name)}</th>
                  {found.map((other, column) => {
                    const count = counts[row]![column]!;
                    const share = sum > 0 ? count / sum : 0;
                    const none = name.startsWith("(") && other.startsWith("(");
                    return (
                      <td
                        key={other}
                        className={name === other ? styles.right : styles.wrong}
                        style={{ "--share": share } as React.CSSProperties}
                        title={`${count} of ${sum} ${plain(name)}: ${plain(other)}`}
                      >
                        {none ? "" : count}
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
