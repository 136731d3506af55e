import { type DragEvent, useState } from "react";
import { labelOf, type PlacedMistake } from "../../../protocol/forms.ts";
import tableStyles from "../../components/table.module.css";
import { edit } from "../configure-store.ts";
import { SheetCell } from "./sheet-cell.tsx";
import { splitKind } from "./split-chips.tsx";
import { setSplit } from "./table-edits.ts";
import styles from "./table-sheet.module.css";
import { type Sheet, useSheet } from "./use-sheet.ts";

interface TableSheetProps {
  readonly rows: readonly unknown[];
  readonly columns: readonly string[];
  readonly chosen: ReadonlySet<number>;
  readonly mistakes: readonly PlacedMistake[];
  onChoose(chosen: ReadonlySet<number>): void;
}

/** The roles of a sheet (WAI-ARIA, grid). */
const grid = { role: "grid", "aria-label": "Tomograms" } as const;

/**
 * The table of tomograms as a sheet: arrows move, typing writes over, Enter or F2 edits, Delete empties, cells of a spreadsheet can be
 * pasted, and a split is dropped on rows.
 */
export function TableSheet(props: TableSheetProps) {
  const { rows, columns, chosen, onChoose } = props;
  const toggle = (row: number): void => onChoose(toggled(chosen, row));
  const sheet = useSheet({ rows, columns, onToggle: toggle });
  return (
    <div className={`${tableStyles.frame} ${styles.frame}`}>
      <table
        {...grid}
        className={`${tableStyles.table} ${styles.sheet}`}
        onKeyDown={sheet.onKey}
        onPaste={sheet.onPaste}
      >
        <thead>
          <tr>
            <th className={styles.choose}>
              <input
                type="checkbox"
                aria-label="Choose all rows"
                checked={chosen.size === rows.length && rows.length > 0}
                onChange={({ target }) => onChoose(new Set(target.checked ? rows.keys() : []))}
              />
            </th>
            {columns.map((column) => (
              <th key={column}>{labelOf(column)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: ids change while they are typed
            <SheetRow key={index} {...props} sheet={sheet} index={index} onToggle={toggle} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface SheetRowProps extends TableSheetProps {
  readonly sheet: Sheet;
  readonly index: number;
  onToggle(row: number): void;
}

function SheetRow({ rows, columns, chosen, mistakes, sheet, index, onToggle }: SheetRowProps) {
  const [isOver, setOver] = useState(false);
  const onDrop = (event: DragEvent): void => {
    if (!event.dataTransfer.types.includes(splitKind)) return;
    event.preventDefault();
    setOver(false);
    const split = event.dataTransfer.getData(splitKind);
    edit(setSplit(rows, chosen.has(index) ? [...chosen] : [index], split || undefined));
  };
  return (
    <tr
      aria-selected={chosen.has(index)}
      className={isOver ? styles.over : undefined}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(splitKind)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <td className={styles.choose}>
        <input
          type="checkbox"
          aria-label={`Choose row ${index + 1}`}
          checked={chosen.has(index)}
          onChange={() => onToggle(index)}
        />
      </td>
      {columns.map((column, columnIndex) => (
        <SheetCell
          key={column}
          sheet={sheet}
          place={{ row: index, column: columnIndex }}
          column={column}
          row={rows[index]}
          mistakes={mistakes}
        />
      ))}
    </tr>
  );
}

function toggled(chosen: ReadonlySet<number>, row: number): ReadonlySet<number> {
  const next = new Set(chosen);
  if (!next.delete(row)) next.add(row);
  return next;
}
