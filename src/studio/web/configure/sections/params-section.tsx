import { useState } from "react";
import { Button, IconButton } from "../../components/button.tsx";
import { TextInput } from "../../components/field.tsx";
import tableStyles from "../../components/table.module.css";
import { edit, useConfigure } from "../configure-store.ts";
import { DraftInput } from "../fields/draft-input.tsx";
import { textOfValue, valueOfCell, valueOfText } from "../fields/value-text.ts";
import { mistakesAt, mistakesJustAt, wordsOf } from "../mistakes.ts";
import { asData } from "../outline.ts";
import classStyles from "./classes-section.module.css";
import { Section } from "./section.tsx";

/** Shared values, used as `${params.NAME}`. */
export function ParamsSection() {
  const { data, check } = useConfigure();
  const params = Object.entries(asData(asData(data).params));
  const mistakes = check?.mistakes ?? [];
  return (
    <Section
      title="Params"
      about={
        <>
          Values that steps share: write <code>{"${params.epochs}"}</code> where one is wanted.{" "}
          <code>tomoflow run --set epochs=5</code> takes another for one run.
        </>
      }
      mistakes={mistakesJustAt(mistakes, ["params"])}
    >
      <div className={tableStyles.frame}>
        <table className={`${tableStyles.table} ${classStyles.table}`}>
          <thead>
            <tr>
              <th>Name</th>
              <th>Value</th>
              <th>Used by</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {params.map(([name, value]) => (
              <ParamRow
                key={name}
                name={name}
                value={value}
                usedBy={usersOf(name, data)}
                mistakes={mistakesAt(mistakes, ["params", name]).map(wordsOf)}
              />
            ))}
          </tbody>
        </table>
        {params.length === 0 && <p className={classStyles.none}>No param yet.</p>}
      </div>
      <NewParam taken={params.map(([name]) => name)} />
    </Section>
  );
}

function usersOf(name: string, data: unknown): readonly string[] {
  const isUsed = new RegExp(`\\$\\{\\s*params\\.${name}\\b`);
  return Object.entries(asData(asData(data).steps))
    .filter(([, step]) => isUsed.test(JSON.stringify(step)))
    .map(([id]) => id);
}

interface ParamRowProps {
  readonly name: string;
  readonly value: unknown;
  readonly usedBy: readonly string[];
  readonly mistakes: readonly string[];
}

function ParamRow({ name, value, usedBy, mistakes }: ParamRowProps) {
  const isNested = typeof value === "object" && value !== null && !Array.isArray(value);
  return (
    <>
      <tr>
        <td>
          <code>{name}</code>
        </td>
        <td>
          <DraftInput
            aria-label={`Value of ${name}`}
            value={textOfValue(value)}
            disabled={isNested}
            title={isNested ? "a map: change it in the text" : undefined}
            onText={(text) => {
              const read = Array.isArray(value) ? valueOfText(text, { type: "list" }) : valueOfCell(text);
              edit([{ type: "set", path: ["params", name], value: read ?? null }], `params ${name}`);
            }}
          />
        </td>
        <td className={tableStyles.muted}>{usedBy.join(", ") || "nothing yet"}</td>
        <td className={classStyles.actions}>
          <IconButton
            icon="trash"
            size="small"
            label={`Take ${name} out`}
            onClick={() => edit([{ type: "remove", path: ["params", name] }])}
          />
        </td>
      </tr>
      {mistakes.length > 0 && (
        <tr className={classStyles.mistakes}>
          <td />
          <td colSpan={3}>
            {mistakes.map((words) => (
              <p key={words}>{words}</p>
            ))}
          </td>
        </tr>
      )}
    </>
  );
}

function NewParam({ taken }: { readonly taken: readonly string[] }) {
  const [name, setName] = useState("");
  const isFree = /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name) && !taken.includes(name);
  return (
    <form
      className={classStyles.cell}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isFree) return;
        edit([{ type: "set", path: ["params", name], value: 1 }]);
        setName("");
      }}
    >
      <TextInput
        aria-label="Name of a new param"
        placeholder="name of a new param"
        value={name}
        onChange={({ target }) => setName(target.value)}
      />
      <Button type="submit" icon="plus" disabled={!isFree}>
        Add
      </Button>
    </form>
  );
}
