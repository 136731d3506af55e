import { type FileKind, type KindForm, labelOf, type PortForm } from "../../protocol/forms.ts";
import type { StepMistake, StepRequest } from "../../protocol/one-step.ts";
import { Button, IconButton } from "../components/button.tsx";
import tableStyles from "../components/table.module.css";
import { DraftInput } from "../configure/fields/draft-input.tsx";
import { FieldRow } from "../configure/fields/field-row.tsx";
import { Group } from "../configure/fields/group.tsx";
import { RichText } from "../configure/fields/rich-text.tsx";
import { useSurroundings } from "../configure/fields/surroundings.ts";
import styles from "./one-step-screen.module.css";
import { changeRow, emptyRow, mistakesAt } from "./step-request.ts";
import { putRequest } from "./step-store.ts";

interface StepFilesProps {
  readonly kind: KindForm;
  readonly request: StepRequest;
  readonly mistakes: readonly StepMistake[];
}

/** The files that the step reads: one of each for a step on one tomogram, a table of them otherwise. */
export function StepFiles(props: StepFilesProps) {
  const { kind } = props;
  if (kind.inputs.length === 0 && !kind.columns.includes("id")) return null;
  return (
    <Group title="Files">{kind.scope === "row" ? <OneRow {...props} /> : <ManyRows {...props} />}</Group>
  );
}

/** Which files an input takes, told by its name. */
const kindsFor = ({ name }: PortForm): readonly FileKind[] =>
  ["objects", "detections"].includes(name) ? ["list", "table"] : ["tomogram", "weights"];

function setInput(request: StepRequest, index: number, port: string, path: string): void {
  putRequest(changeRow(request, index, (row) => ({ ...row, inputs: { ...row.inputs, [port]: path } })));
}

function OneRow({ kind, request, mistakes }: StepFilesProps) {
  const { choose } = useSurroundings();
  const row = request.rows[0] ?? emptyRow;
  return (
    <>
      {kind.inputs.map((input) => (
        <FieldRow
          key={input.name}
          id={`file-${input.name}`}
          field={input}
          isWritten={Boolean(row.inputs[input.name])}
          mistakes={mistakesAt(mistakes, "rows", 0, "inputs", input.name).map(({ message, hint }) =>
            hint ? `${message} (${hint})` : message,
          )}
        >
          <DraftInput
            id={`file-${input.name}`}
            value={row.inputs[input.name] ?? ""}
            placeholder={input.required ? "choose a file" : "none"}
            onText={(path) => setInput(request, 0, input.name, path)}
          />
          <IconButton
            icon="folder"
            look="plain"
            label={`Choose ${input.label}`}
            onClick={() =>
              choose({ title: input.label, kinds: kindsFor(input) }, (path) =>
                setInput(request, 0, input.name, path),
              )
            }
          />
        </FieldRow>
      ))}
      {kind.columns.includes("id") && (
        <FieldRow
          id="file-id"
          field={{
            name: "id",
            label: "Name of the tomogram",
            description:
              "By it, objects are taken from a list of several tomograms. The name of the first file when not given.",
            required: false,
          }}
          isWritten={Boolean(row.id)}
          mistakes={[]}
        >
          <DraftInput
            id="file-id"
            value={row.id ?? ""}
            placeholder="of the file"
            onText={(id) => putRequest(changeRow(request, 0, (each) => ({ ...each, id })))}
          />
        </FieldRow>
      )}
    </>
  );
}

function ManyRows(props: StepFilesProps) {
  const { kind, request } = props;
  const values = kind.columns.filter((column) => column === "split");
  return (
    <div className={styles.rows}>
      <div className={tableStyles.frame}>
        <table className={tableStyles.table}>
          <thead>
            <tr>
              {kind.inputs.map(({ name, label, description }) => (
                <th key={name} title={description}>
                  {label}
                </th>
              ))}
              {values.map((column) => (
                <th key={column}>{labelOf(column)}</th>
              ))}
              <th />
            </tr>
          </thead>
          <tbody>
            {request.rows.map((_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own
              <FilesRow key={index} {...props} index={index} values={values} />
            ))}
          </tbody>
        </table>
      </div>
      <Button
        size="small"
        look="quiet"
        icon="plus"
        onClick={() => putRequest({ ...request, rows: [...request.rows, emptyRow] })}
      >
        Another tomogram
      </Button>
    </div>
  );
}

function FilesRow({
  index,
  kind,
  values,
  request,
  mistakes,
}: StepFilesProps & { readonly index: number; readonly values: readonly string[] }) {
  const { choose } = useSurroundings();
  const row = request.rows[index]!;
  const found = mistakesAt(mistakes, "rows", index);
  return (
    <>
      <tr>
        {kind.inputs.map((input) => (
          <td key={input.name}>
            <div className={styles.cell}>
              <DraftInput
                aria-label={`${input.label} of row ${index + 1}`}
                aria-invalid={
                  mistakesAt(mistakes, "rows", index, "inputs", input.name).length > 0 || undefined
                }
                value={row.inputs[input.name] ?? ""}
                onText={(path) => setInput(request, index, input.name, path)}
              />
              <IconButton
                icon="folder"
                size="small"
                label={`Choose ${input.label} of row ${index + 1}`}
                onClick={() =>
                  choose({ title: input.label, kinds: kindsFor(input) }, (path) =>
                    setInput(request, index, input.name, path),
                  )
                }
              />
            </div>
          </td>
        ))}
        {values.map((column) => (
          <td key={column}>
            <DraftInput
              aria-label={`${labelOf(column)} of row ${index + 1}`}
              placeholder="train, valid"
              value={row.values[column] ?? ""}
              onText={(text) =>
                putRequest(
                  changeRow(request, index, (each) => ({
                    ...each,
                    values: { ...each.values, [column]: text },
                  })),
                )
              }
            />
          </td>
        ))}
        <td>
          <IconButton
            icon="trash"
            size="small"
            label={`Take row ${index + 1} out`}
            disabled={request.rows.length === 1}
            onClick={() => putRequest({ ...request, rows: request.rows.filter((_, at) => at !== index) })}
          />
        </td>
      </tr>
      {found.length > 0 && (
        <tr className={styles.mistakes}>
          <td colSpan={kind.inputs.length + values.length + 1}>
            {found.map(({ message, hint }) => (
              <p key={message}>
                <RichText text={hint ? `${message} (${hint})` : message} />
              </p>
            ))}
          </td>
        </tr>
      )}
    </>
  );
}
