/** Groups of the evaluation's metrics, in the order of interest. */
const groups = ["macro", "localization", "micro"] as const;

/**
 * The few numbers of a metrics file worth a line: of an evaluation the F1 scores (`macro.f1`, `localization.f1`,
 * `micro.f1`), of any other file its top-level numbers.
 */
export function mainMetrics(content: unknown): Record<string, number> {
  if (!isRecord(content)) return {};
  const scores = groups.flatMap((group): [string, number][] => {
    const values = content[group];
    return isRecord(values) && typeof values.f1 === "number" ? [[`${group}.f1`, values.f1]] : [];
  });
  const numbers = Object.entries(content).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number",
  );
  return Object.fromEntries(scores.length > 0 ? scores : numbers);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
