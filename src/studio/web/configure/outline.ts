/** What the outline of a workflow shows, read from plain data as far as it makes sense. Pure. */

export type Data = Readonly<Record<string, unknown>>;

export interface StepOutline {
  readonly id: string;
  readonly uses: string;
  /** `tomograms` or a step. */
  readonly from: string;
  /** `split train, valid`; empty for all rows. */
  readonly where: string;
  /** Steps whose outputs its parameters name. */
  readonly reads: readonly string[];
  readonly enabled: boolean;
}

export const asData = (value: unknown): Data =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Data) : {};

/** In the order of the file. */
export const stepsOf = (data: unknown): readonly StepOutline[] =>
  Object.entries(asData(asData(data).steps)).map(([id, value]) => {
    const fields = asData(value);
    return {
      id,
      uses: typeof fields.uses === "string" ? fields.uses : "",
      from: typeof fields.from === "string" ? fields.from : "tomograms",
      where: whereText(fields.where),
      reads: readsOf(fields.with),
      enabled: fields.enabled !== false,
    };
  });

const whereText = (where: unknown): string =>
  Object.entries(asData(where))
    .map(([column, wanted]) => `${column} ${[wanted].flat().map(String).join(", ")}`)
    .join("; ");

function readsOf(value: unknown): readonly string[] {
  const found = [...JSON.stringify(value ?? null).matchAll(/\$\{\s*([A-Za-z0-9_-]+)\s*\./g)].map(
    ([, name]) => name!,
  );
  return [...new Set(found)].filter((name) => !["params", "row", "env"].includes(name));
}

/** A name for a new step of this kind that no step has: `cluster`, `cluster-2`. */
export function freeStepId(uses: string, taken: readonly string[]): string {
  const base =
    uses
      .replace(/^.*\//, "")
      .replace(/\.[^.]+$/, "")
      .replace(/[^A-Za-z0-9_-]/g, "-") || "step";
  for (let number = 1; ; number++) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (!taken.includes(id)) return id;
  }
}

/** The least label that is free, from 1. */
export function freeLabel(taken: readonly string[]): number {
  for (let label = 1; ; label++) if (!taken.includes(String(label))) return label;
}

/** A step of this kind most often reads the table of a step of that kind. */
const usualSource: Readonly<Record<string, readonly string[]>> = {
  target: ["simulate"],
  train: ["target"],
  segment: ["simulate"],
  cluster: ["segment"],
  evaluate: ["cluster"],
  export: ["cluster"],
};

/** What a new step is most likely to need, given the steps that are there. */
export function newStep(uses: string, steps: readonly StepOutline[]): Record<string, unknown> {
  const source = steps.findLast((step) => usualSource[uses]?.includes(step.uses));
  const train = steps.findLast((step) => step.uses === "train");
  return {
    uses,
    ...(source && { from: source.id }),
    ...(uses === "segment" && train && { with: { weights: `\${${train.id}.best}` } }),
  };
}

/** Expressions that a value may be: params, outputs of other steps. */
export function expressionsFor(
  data: unknown,
  { step, outputsOf }: { readonly step: string; readonly outputsOf: (uses: string) => readonly string[] },
): readonly string[] {
  const params = Object.keys(asData(asData(data).params)).map((name) => `\${params.${name}}`);
  const outputs = stepsOf(data)
    .filter(({ id }) => id !== step)
    .flatMap(({ id, uses }) => outputsOf(uses).map((output) => `\${${id}.${output}}`));
  return [...params, ...outputs];
}

/** Colours for classes in turn: told apart by most people, on grey pictures. */
export const classColors = [
  "#4e79a7",
  "#f28e2b",
  "#59a14f",
  "#e15759",
  "#76b7b2",
  "#edc948",
  "#b07aa1",
  "#ff9da7",
  "#9c755f",
] as const;
