import { labelOf } from "../../../protocol/forms.ts";
import { Button, IconButton } from "../../components/button.tsx";
import { Select } from "../../components/field.tsx";
import { edit, kindOf, useConfigure } from "../configure-store.ts";
import { DraftInput } from "../fields/draft-input.tsx";
import { FieldRow } from "../fields/field-row.tsx";
import { Group } from "../fields/group.tsx";
import { textOfValue, valueOfText } from "../fields/value-text.ts";
import { mistakesAt, wordsOf } from "../mistakes.ts";
import { asData, type StepOutline, stepsOf } from "../outline.ts";
import styles from "./wiring.module.css";

/** Which rows a step works on: the table it reads, and which of its rows. */
export function Wiring({ step }: { readonly step: StepOutline }) {
  const { data, check } = useConfigure();
  const mistakes = check?.mistakes ?? [];
  const path = ["steps", step.id];
  const steps = stepsOf(data);
  const said = (field: string) => mistakesAt(mistakes, [...path, field]).map(wordsOf);
  const isUnknown = step.from !== "tomograms" && !steps.some(({ id }) => id === step.from);
  return (
    <Group title="Rows">
      <FieldRow
        id={`from-${step.id}`}
        field={{
          name: "from",
          label: "Reads the table of",
          description: "The rows it works on, with the files that earlier steps have added as columns.",
          required: false,
        }}
        isWritten={step.from !== "tomograms"}
        mistakes={said("from")}
      >
        <Select
          id={`from-${step.id}`}
          value={step.from}
          onChange={({ target }) =>
            edit(
              target.value === "tomograms"
                ? [{ type: "remove", path: [...path, "from"] }]
                : [{ type: "set", path: [...path, "from"], value: target.value }],
            )
          }
        >
          <option value="tomograms">tomograms</option>
          {steps
            .filter(({ id }) => id !== step.id)
            .map(({ id }) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          {isUnknown && <option value={step.from}>{step.from}</option>}
        </Select>
      </FieldRow>
      <FieldRow
        id={`where-${step.id}`}
        field={{
          name: "where",
          label: "Only rows where",
          description: "All rows when nothing is said. Several conditions must all hold.",
          required: false,
        }}
        isWritten={step.where !== ""}
        mistakes={said("where")}
      >
        <Conditions id={`where-${step.id}`} step={step} />
      </FieldRow>
    </Group>
  );
}

function Conditions({ id, step }: { readonly id: string; readonly step: StepOutline }) {
  const { data, check } = useConfigure();
  const path = ["steps", step.id, "where"];
  const where = asData(asData(asData(asData(data).steps)[step.id]).where);
  const columns = (check?.table.columns ?? []).filter((column) => !(column in where));
  const offered = columns.includes("split")
    ? ["split", ...columns.filter((each) => each !== "split")]
    : columns;
  return (
    <fieldset id={id} className={styles.conditions} aria-label="Conditions">
      {Object.entries(where).map(([column, wanted]) => (
        <Condition
          key={column}
          column={column}
          wanted={[wanted].flat()}
          onChange={(value) =>
            edit([{ type: "set", path: [...path, column], value }], `${step.id} ${column}`)
          }
          onRemove={() => edit([{ type: "remove", path: [...path, column] }])}
        />
      ))}
      {offered.length > 0 && (
        <Select
          aria-label="Add a condition on a column"
          value=""
          className={styles.add}
          onChange={({ target }) => {
            const first = valuesOf(target.value, check?.table.rows ?? [])[0];
            edit([{ type: "set", path: [...path, target.value], value: first ?? "" }]);
          }}
        >
          <option value="">+ condition</option>
          {offered.map((column) => (
            <option key={column} value={column}>
              {labelOf(column)}
            </option>
          ))}
        </Select>
      )}
    </fieldset>
  );
}

const valuesOf = (
  column: string,
  rows: readonly { readonly cells: Readonly<Record<string, unknown>> }[],
): readonly unknown[] => [
  ...new Set(rows.map(({ cells }) => cells[column]).filter((value) => value !== null && value !== undefined)),
];

interface ConditionProps {
  readonly column: string;
  readonly wanted: readonly unknown[];
  onChange(value: unknown): void;
  onRemove(): void;
}

function Condition({ column, wanted, onChange, onRemove }: ConditionProps) {
  const rows = useConfigure((state) => state.check?.table.rows) ?? [];
  const found = valuesOf(column, rows);
  const known = [...new Set([...found, ...wanted])];
  const isShort = found.length > 0 && known.length <= 6;
  const put = (values: readonly unknown[]): void => {
    if (values.length === 0) onRemove();
    else onChange(values.length === 1 ? values[0] : values);
  };
  return (
    <div className={styles.condition}>
      <span className={styles.column}>{column}</span>
      {isShort ? (
        <span className={styles.values}>
          {known.map((value) => {
            const isWanted = wanted.includes(value);
            return (
              <Button
                key={String(value)}
                size="small"
                pressed={isWanted}
                onClick={() =>
                  put(
                    isWanted
                      ? wanted.filter((each) => each !== value)
                      : known.filter((each) => each === value || wanted.includes(each)),
                  )
                }
              >
                {String(value)}
              </Button>
            );
          })}
        </span>
      ) : (
        <DraftInput
          aria-label={`Values of ${column}`}
          value={textOfValue(wanted)}
          onText={(text) => {
            const value = valueOfText(text, { type: "list" });
            if (value !== undefined) onChange(value);
          }}
        />
      )}
      <IconButton
        icon="close"
        size="small"
        label={`Take the condition on ${column} out`}
        onClick={onRemove}
      />
    </div>
  );
}

/** Inputs that do not come from the column of their name. */
export function Inputs({ step }: { readonly step: StepOutline }) {
  const { data, check, forms } = useConfigure();
  const kind = kindOf(forms, step.uses);
  if (!kind || kind.inputs.length === 0) return null;
  const written = asData(asData(asData(asData(data).steps)[step.id]).with);
  const mistakes = check?.mistakes ?? [];
  const given = kind.inputs.filter(({ name }) => written[name] !== undefined);
  return (
    <Group title="Inputs" startsOpen={given.length > 0} count={kind.inputs.length}>
      {kind.inputs.map((input) => {
        const path = ["steps", step.id, "with", input.name];
        const id = `input-${step.id}-${input.name}`;
        return (
          <FieldRow
            key={input.name}
            id={id}
            field={{ ...input, default: `the column ${input.name}` }}
            isWritten={written[input.name] !== undefined}
            mistakes={mistakesAt(mistakes, path).map(wordsOf)}
            onReset={() => edit([{ type: "remove", path }])}
          >
            <DraftInput
              id={id}
              value={textOfValue(written[input.name])}
              placeholder={`column ${input.name}${input.required ? "" : ", if there is one"}`}
              onText={(text) => {
                if (text.trim() !== "") edit([{ type: "set", path, value: text.trim() }], path.join());
                else if (written[input.name] !== undefined) edit([{ type: "remove", path }]);
              }}
            />
          </FieldRow>
        );
      })}
    </Group>
  );
}
