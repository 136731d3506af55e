import { useState } from "react";
import { labelOf, type TableView } from "../../../protocol/forms.ts";
import { Button, IconButton } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { TextInput } from "../../components/field.tsx";
import { Notice } from "../../components/notice.tsx";
import tableStyles from "../../components/table.module.css";
import { edit, useConfigure } from "../configure-store.ts";
import { FileDialog, type FileWish } from "../files/file-dialog.tsx";
import { mistakesAt, mistakesInFiles } from "../mistakes.ts";
import { asData } from "../outline.ts";
import { SplitChips } from "../sheet/split-chips.tsx";
import { addTomograms, columnsOf, folderOf, relativeTo, removeRows, setSplit } from "../sheet/table-edits.ts";
import styles from "../sheet/table-sheet.module.css";
import { TableSheet } from "../sheet/table-sheet.tsx";
import { MistakeNotices, Section } from "./section.tsx";

/** One object for all drawings: another one would begin the choice anew. */
const tomogramsToAdd: FileWish = {
  title: "Add tomograms",
  kinds: ["tomogram", "weights"],
  multiple: true,
};

/** The table of tomograms: a sheet where the workflow holds the rows, to be looked at where a file or a pattern gives them. */
export function TomogramsSection() {
  const { data, check } = useConfigure();
  const { tomograms } = asData(data);
  const isSheet = Array.isArray(tomograms) || tomograms === undefined || tomograms === null;
  const mistakes = mistakesAt(check?.mistakes ?? [], ["tomograms"]);
  return isSheet ? (
    <Sheet rows={Array.isArray(tomograms) ? tomograms : []} />
  ) : (
    <Section
      title="Tomograms"
      about="One row a tomogram."
      mistakes={[...mistakes, ...mistakesInFiles(check?.mistakes ?? [])]}
    >
      {check && <GivenTable table={check.table} />}
    </Section>
  );
}

function Sheet({ rows }: { readonly rows: readonly unknown[] }) {
  const { check, draft } = useConfigure();
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [extra, setExtra] = useState<readonly string[]>([]);
  const [isChoosing, setChoosing] = useState(false);
  const columns = [...new Set([...columnsOf(rows), ...extra])];
  const mistakes = check?.mistakes ?? [];
  const folder = folderOf(draft?.path ?? "");
  const isShown = [...chosen].every((row) => row < rows.length);
  const picked = isShown ? chosen : new Set<number>();
  return (
    <Section
      title="Tomograms"
      about="One row a tomogram. Objects (.xml, .xlsx, .csv) are what is known to be in it: needed for training and validation, and for scoring. Paths start at the workflow's folder."
      actions={
        <Button icon="plus" look="primary" onClick={() => setChoosing(true)}>
          Add tomograms
        </Button>
      }
    >
      {rows.length > 0 && (
        <>
          <div className={styles.toolbar}>
            <SplitChips chosen={picked.size} onSplit={(split) => edit(setSplit(rows, [...picked], split))} />
            <span className={styles.hint}>
              {picked.size > 0 ? `${picked.size} chosen` : "drag onto a row"}
            </span>
            <span className={styles.spacer} />
            <NewColumn taken={columns} onAdd={(name) => setExtra([...extra, name])} />
            <IconButton
              icon="plus"
              label="Add an empty row"
              onClick={() =>
                edit([
                  { type: "insert", path: ["tomograms"], index: rows.length, value: { id: freeRow(rows) } },
                ])
              }
            />
            <IconButton
              icon="trash"
              label="Take the chosen rows out"
              disabled={picked.size === 0}
              onClick={() => {
                edit(removeRows([...picked]));
                setChosen(new Set());
              }}
            />
          </div>
          <TableSheet
            rows={rows}
            columns={columns}
            chosen={picked}
            mistakes={mistakes}
            onChoose={setChosen}
          />
          <p className={styles.hint}>
            Click a cell and type; Enter edits, Delete empties. Cells of a spreadsheet can be pasted.
          </p>
        </>
      )}
      <MistakeNotices mistakes={[...mistakesAt(mistakes, ["tomograms"]), ...mistakesInFiles(mistakes)]} />
      {rows.length === 0 && (
        <EmptyState
          icon="volume"
          title="No tomogram yet"
          actions={
            <Button look="primary" icon="plus" onClick={() => setChoosing(true)}>
              Add tomograms
            </Button>
          }
        >
          Choose files of the project. A list of objects with the same name beside a tomogram is taken along.
        </EmptyState>
      )}
      <FileDialog
        wish={isChoosing ? tomogramsToAdd : null}
        onChoose={(files, beside) =>
          edit(addTomograms(rows, files, { beside, fromWorkflow: (path) => relativeTo(folder, path) }))
        }
        onClose={() => setChoosing(false)}
      />
    </Section>
  );
}

function freeRow(rows: readonly unknown[]): string {
  const taken = new Set(rows.map((row) => String(asData(row).id)));
  for (let number = rows.length + 1; ; number++) if (!taken.has(`t${number}`)) return `t${number}`;
}

function NewColumn({ taken, onAdd }: { readonly taken: readonly string[]; onAdd(name: string): void }) {
  const [name, setName] = useState<string | null>(null);
  if (name === null)
    return (
      <Button size="small" look="quiet" icon="plus" onClick={() => setName("")}>
        Column
      </Button>
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (/^[A-Za-z_]\w*$/.test(name) && !taken.includes(name)) onAdd(name);
        setName(null);
      }}
    >
      <TextInput
        autoFocus
        aria-label="Name of the new column"
        placeholder="name of the column"
        value={name}
        onChange={({ target }) => setName(target.value)}
        onBlur={() => setName(null)}
      />
    </form>
  );
}

/** Rows that stand elsewhere: shown, and how to change them. */
function GivenTable({ table }: { readonly table: TableView }) {
  const bringIn = (): void =>
    edit([
      {
        type: "set",
        path: ["tomograms"],
        value: table.rows.map(({ id, cells }) => ({
          id,
          ...Object.fromEntries(Object.entries(cells).filter(([, value]) => value !== null)),
        })),
      },
    ]);
  const isWhole = table.rows.length === table.count;
  return (
    <>
      <Notice
        kind="plain"
        hint={
          table.source === "file"
            ? "Change them there, with a spreadsheet say, or bring them into the workflow to edit them here."
            : "Files that match are rows. Change the pattern in the text, or bring the rows into the workflow to edit them here."
        }
        action={
          table.rows.length > 0 &&
          isWhole && (
            <Button size="small" onClick={bringIn}>
              Bring them in
            </Button>
          )
        }
      >
        The rows come from <code>{table.from}</code>.
      </Notice>
      {table.rows.length > 0 && (
        <div className={`${tableStyles.frame} ${styles.frame}`}>
          <table className={`${tableStyles.table} ${styles.readonly}`}>
            <thead>
              <tr>
                <th>Id</th>
                {table.columns.map((column) => (
                  <th key={column}>{labelOf(column)}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.rows.map(({ id, cells }) => (
                <tr key={id}>
                  <td>{id}</td>
                  {table.columns.map((column) => (
                    <td key={column}>{cells[column] ?? ""}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {!isWhole && (
        <p className={styles.hint}>
          The first {table.rows.length} of {table.count} rows.
        </p>
      )}
    </>
  );
}
