import { labelOf, type PlacedMistake } from "../../../protocol/forms.ts";
import { textOfValue } from "../fields/value-text.ts";
import { mistakesAt, wordsOf } from "../mistakes.ts";
import { asData } from "../outline.ts";
import { CellInput } from "./cell-input.tsx";
import styles from "./table-sheet.module.css";
import { cellId, type Place, type Sheet } from "./use-sheet.ts";

interface SheetCellProps {
  readonly sheet: Sheet;
  readonly place: Place;
  readonly column: string;
  readonly row: unknown;
  readonly mistakes: readonly PlacedMistake[];
}

const cell = { role: "gridcell" } as const;

const splits = ["train", "valid", "test"];

/** One cell: what it holds, or what is typed into it. */
export function SheetCell({ sheet, place, column, row, mistakes }: SheetCellProps) {
  const isAt = sheet.at.row === place.row && sheet.at.column === place.column;
  const value = asData(row)[column];
  const found = mistakesAt(mistakes, ["tomograms", place.row, column]);
  return (
    <td
      {...cell}
      id={cellId(place)}
      tabIndex={isAt ? 0 : -1}
      aria-invalid={found.length > 0 || undefined}
      title={found.map(wordsOf).join("\n") || textOfValue(value)}
      className={styles.cell}
      onFocus={(event) => event.target === event.currentTarget && sheet.goTo(place)}
      onDoubleClick={() => sheet.begin(place)}
    >
      {isAt && sheet.typing !== null ? (
        <CellInput
          label={`${labelOf(column)} of row ${place.row + 1}`}
          text={sheet.typing}
          options={column === "split" ? splits : []}
          onDone={(text, next) => sheet.write(place, text, next)}
          onCancel={() => sheet.move(place.row, place.column)}
        />
      ) : (
        <Shown column={column} value={value} />
      )}
    </td>
  );
}

/** A path ends where people look: its folders are muted. */
function Shown({ column, value }: { readonly column: string; readonly value: unknown }) {
  const text = textOfValue(value);
  if (column === "split" && text !== "")
    return <span className={`${styles.split} ${styles[`split-${text}`] ?? ""}`}>{text}</span>;
  const cut = typeof value === "string" ? text.lastIndexOf("/") + 1 : 0;
  if (cut === 0) return <span className={styles.text}>{text}</span>;
  return (
    <span className={styles.text}>
      <span className={styles.folder}>{text.slice(0, cut)}</span>
      {text.slice(cut)}
    </span>
  );
}
