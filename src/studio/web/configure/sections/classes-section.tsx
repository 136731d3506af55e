import { useState } from "react";
import { Button, IconButton } from "../../components/button.tsx";
import tableStyles from "../../components/table.module.css";
import { edit, useConfigure } from "../configure-store.ts";
import { DraftInput } from "../fields/draft-input.tsx";
import { useSurroundings } from "../fields/surroundings.ts";
import { numberOrText, textOfValue } from "../fields/value-text.ts";
import { mistakesAt, mistakesJustAt, wordsOf } from "../mistakes.ts";
import { asData, classColors, freeLabel } from "../outline.ts";
import styles from "./classes-section.module.css";
import { Section } from "./section.tsx";

const columns = ["name", "radius", "mask", "density", "shape"] as const;
const titles: Readonly<Record<(typeof columns)[number], string>> = {
  name: "Name",
  radius: "Radius (voxels)",
  mask: "Mask",
  density: "Density",
  shape: "Shape",
};

/** The classes to find: label, colour, name, radius; masks and densities where they are used. */
export function ClassesSection() {
  const { data, check } = useConfigure();
  const classes = Object.entries(asData(asData(data).classes));
  const [all, setAll] = useState(false);
  const shown = columns.filter(
    (column) =>
      all ||
      ["name", "radius"].includes(column) ||
      classes.some(([, fields]) => asData(fields)[column] !== undefined),
  );
  const add = (): void => {
    const label = freeLabel(classes.map(([each]) => each));
    const color = classColors[(label - 1) % classColors.length]!;
    edit([
      { type: "set", path: ["classes", String(label)], value: { name: `class ${label}`, radius: 10, color } },
    ]);
  };
  return (
    <Section
      title="Classes"
      about="What is looked for. Label 0 is the background and is not listed. The radius is used by targets, clustering and scoring."
      mistakes={mistakesJustAt(check?.mistakes ?? [], ["classes"])}
      actions={
        <>
          {shown.length < columns.length && (
            <Button look="quiet" onClick={() => setAll(true)}>
              Masks and shapes
            </Button>
          )}
          <Button icon="plus" onClick={add}>
            Add a class
          </Button>
        </>
      }
    >
      <div className={tableStyles.frame}>
        <table className={`${tableStyles.table} ${styles.table}`}>
          <thead>
            <tr>
              <th>Label</th>
              <th>Colour</th>
              {shown.map((column) => (
                <th key={column}>{titles[column]}</th>
              ))}
              <th />
            </tr>
          </thead>
          <tbody>
            {classes.map(([label, fields]) => (
              <ClassRow key={label} label={label} fields={asData(fields)} shown={shown} />
            ))}
          </tbody>
        </table>
        {classes.length === 0 && <p className={styles.none}>No class yet. Add what you want to find.</p>}
      </div>
    </Section>
  );
}

interface ClassRowProps {
  readonly label: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly shown: readonly (typeof columns)[number][];
}

function ClassRow({ label, fields, shown }: ClassRowProps) {
  const mistakes = useConfigure((state) => state.check?.mistakes ?? none);
  const { choose } = useSurroundings();
  const found = mistakesAt(mistakes, ["classes", label]);
  const color = typeof fields.color === "string" ? fields.color : "";
  const set = (field: string, value: unknown): void => {
    if (value !== undefined)
      edit([{ type: "set", path: ["classes", label, field], value }], `${label} ${field}`);
    else if (fields[field] !== undefined) edit([{ type: "remove", path: ["classes", label, field] }]);
  };
  return (
    <>
      <tr>
        <td className={styles.label}>{label}</td>
        <td>
          <input
            type="color"
            className={styles.color}
            aria-label={`Colour of class ${label}`}
            value={/^#[0-9a-f]{6}$/i.test(color) ? color : "#888888"}
            onChange={({ target }) => set("color", target.value)}
          />
        </td>
        {shown.map((column) => (
          <td key={column}>
            <div className={styles.cell}>
              <DraftInput
                aria-label={`${titles[column]} of class ${label}`}
                aria-invalid={mistakesAt(mistakes, ["classes", label, column]).length > 0 || undefined}
                value={textOfValue(fields[column])}
                placeholder={column === "name" ? "name" : "—"}
                onText={(text) =>
                  set(
                    column,
                    text.trim() === "" ? undefined : column === "radius" ? numberOrText(text.trim()) : text,
                  )
                }
              />
              {(column === "mask" || column === "density") && (
                <IconButton
                  icon="folder"
                  size="small"
                  label={`Choose the ${column} of class ${label}`}
                  onClick={() =>
                    choose({ title: titles[column], kinds: ["tomogram"] }, (path) => set(column, path))
                  }
                />
              )}
            </div>
          </td>
        ))}
        <td className={styles.actions}>
          <IconButton
            icon="trash"
            size="small"
            label={`Take class ${label} out`}
            onClick={() => edit([{ type: "remove", path: ["classes", label] }])}
          />
        </td>
      </tr>
      {found.length > 0 && (
        <tr className={styles.mistakes}>
          <td />
          <td colSpan={shown.length + 2}>
            {found.map((mistake) => (
              <p key={mistake.message}>{wordsOf(mistake)}</p>
            ))}
          </td>
        </tr>
      )}
    </>
  );
}

const none: never[] = [];
