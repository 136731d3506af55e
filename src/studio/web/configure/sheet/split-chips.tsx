import styles from "./table-sheet.module.css";

/** What a dragged split is called on its way. */
export const splitKind = "application/x-tomoflow-split";

const splits: readonly { readonly name: string; readonly title: string }[] = [
  { name: "train", title: "the network learns from it" },
  { name: "valid", title: "the network is judged on it while it learns" },
  { name: "test", title: "the network never sees it: it is segmented and scored" },
];

interface SplitChipsProps {
  /** How many rows are chosen. */
  readonly chosen: number;
  onSplit(split: string | undefined): void;
}

/** Splits to drop on rows, or to give to the chosen ones by a click. */
export function SplitChips({ chosen, onSplit }: SplitChipsProps) {
  return (
    <fieldset className={styles.chips}>
      <legend>Split</legend>
      {splits.map(({ name, title }) => (
        <button
          key={name}
          type="button"
          draggable
          className={`${styles.chip} ${styles[`split-${name}`]}`}
          title={`${name}: ${title}. Drag it on a row, or choose rows and click.`}
          onDragStart={(event) => {
            event.dataTransfer.setData(splitKind, name);
            event.dataTransfer.effectAllowed = "copy";
          }}
          aria-disabled={chosen === 0}
          onClick={() => chosen > 0 && onSplit(name)}
        >
          {name}
        </button>
      ))}
      <button
        type="button"
        className={styles.chip}
        title="Choose rows and click: no split"
        aria-disabled={chosen === 0}
        onClick={() => chosen > 0 && onSplit(undefined)}
      >
        none
      </button>
    </fieldset>
  );
}
