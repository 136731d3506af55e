/** What the form of one step holds, and what of it is asked of the server. Pure. */
import type { KindForm } from "../../protocol/forms.ts";
import type { StepMistake, StepRequest, StepRowRequest } from "../../protocol/one-step.ts";

export const emptyRow: StepRowRequest = { values: {}, inputs: {} };

/** A form that nothing was put into. */
export const emptyRequest = (uses: string): StepRequest => ({
  uses,
  parameters: {},
  rows: [emptyRow],
  classes: {},
  folder: `results/${uses}`,
  engine: "auto",
});

/** A row with another file or value; empty texts are left out when it is sent. */
export const changeRow = (
  request: StepRequest,
  index: number,
  change: (row: StepRowRequest) => StepRowRequest,
): StepRequest => ({ ...request, rows: request.rows.map((row, at) => (at === index ? change(row) : row)) });

export function changeParameter(request: StepRequest, name: string, value: unknown): StepRequest {
  const { [name]: _, ...rest } = request.parameters;
  return { ...request, parameters: value === undefined ? rest : { ...rest, [name]: value } };
}

/** What was kept from before, made to fit the kind: one row for a step on one tomogram. */
export function fitToKind(request: StepRequest, kind: Pick<KindForm, "scope">): StepRequest {
  if (kind.scope === "row" && request.rows.length !== 1)
    return { ...request, rows: [request.rows[0] ?? emptyRow] };
  return request.rows.length === 0 ? { ...request, rows: [emptyRow] } : request;
}

/** Files whose inputs the step has not are left out, and so are empty rows of a table. */
export function requestToSend(request: StepRequest, kind: KindForm): StepRequest {
  const known = new Set(kind.inputs.map(({ name }) => name));
  const rows = request.rows.map(({ id, values, inputs }) => ({
    ...(id && { id }),
    values: withoutEmpty(values),
    inputs: Object.fromEntries(
      Object.entries(withoutEmpty(inputs)).filter(([name]) => known.has(name) || kind.isOpen),
    ),
  }));
  const filled = rows.filter(({ id, inputs }) => id || Object.keys(inputs).length > 0);
  return { ...request, rows: kind.scope === "table" && filled.length > 0 ? filled : rows };
}

const withoutEmpty = (texts: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).filter(([, text]) => text.trim() !== ""));

/** What is said beside the part of the form at `path`; inside it too. */
export const mistakesAt = (
  mistakes: readonly StepMistake[],
  ...path: readonly (string | number)[]
): readonly StepMistake[] =>
  mistakes.filter((mistake) => path.every((part, index) => String(mistake.path?.[index]) === String(part)));

/** Mistakes that no field shows. */
export const mistakesElsewhere = (mistakes: readonly StepMistake[]): readonly StepMistake[] =>
  mistakes.filter(
    ({ path }) =>
      path === undefined || !["parameters", "rows", "classes", "folder"].includes(String(path[0])),
  );
