import { Waiting } from "../components/empty-state.tsx";
import { Badge, Mistakes } from "../components/notice.tsx";
import tables from "../components/table.module.css";
import { mistakesOf } from "../connection/request.ts";
import { lookAddress } from "../look/look-address.ts";
import { folderOf, nameOf, tomogramsOf, useTable } from "../project/project-queries.ts";
import { routeTo } from "../shell/route.ts";
import styles from "./home-screen.module.css";

/** Rows drawn here; the whole table is in Configure. */
const most = 200;

const fileColumns = ["tomogram", "labels", "objects"];

/** The workflow's tomograms: each opens in Look and Annotate with the files of its row. */
export function Tomograms({ workflow }: { readonly workflow: string }) {
  const table = useTable(workflow);
  if (table.isPending) return <Waiting what="Reading the table of tomograms" />;
  if (table.isError) return <Mistakes mistakes={mistakesOf(table.error)} />;
  const { table: view } = table.data;
  const rows = tomogramsOf(view, folderOf(workflow));
  const columns = view.columns.filter((name) => !fileColumns.includes(name)).slice(0, 3);
  if (rows.length === 0)
    return (
      <section className={styles.card}>
        <h2>No tomograms yet</h2>
        <p className={styles.words}>
          Add them in <a href={routeTo("configure", { workflow })}>Configure</a>: each row is a tomogram, with
          its labels and objects where they are known.
        </p>
      </section>
    );
  return (
    <section className={styles.card}>
      <div className={styles.title}>
        <h2>Tomograms</h2>
        <Badge>{view.count}</Badge>
      </div>
      <div className={tables.frame}>
        <table className={tables.table}>
          <thead>
            <tr>
              <th scope="col">Tomogram</th>
              {columns.map((name) => (
                <th scope="col" key={name}>
                  {name}
                </th>
              ))}
              <th scope="col">Open in</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, most).map(({ id, tomogram, labels, objects, cells }) => (
              <tr key={id}>
                <td title={tomogram ?? undefined}>
                  {id}
                  {tomogram && <span className={styles.file}>{nameOf(tomogram)}</span>}
                </td>
                {columns.map((name) => (
                  <td key={name} className={tables.muted}>
                    {String(cells[name] ?? "")}
                  </td>
                ))}
                <td>
                  {tomogram && (
                    <span className={styles.links}>
                      <a href={lookAddress({ volume: tomogram, labels, objects })}>Look</a>
                      <a href={routeTo("annotate", { tomogram, list: objects })}>Annotate</a>
                    </span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {view.count > most && (
        <p className={styles.words}>
          The first {most} of {view.count}. <a href={routeTo("configure", { workflow })}>All of them</a>
        </p>
      )}
    </section>
  );
}
