/** More numbers than these are counted, not shown. */
export const shownMetrics = 8;

/** Where a metrics file keeps its main numbers, in the order of interest. */
const mainNumbers = [
  ["macro", "f1"],
  ["localization", "f1"],
  ["micro", "f1"],
  ["best", "meanF1"],
] as const;

/**
 * The few numbers of a metrics file worth a line: of an evaluation the F1 scores, overall and of each class
 * (`macro.f1`, `localization.f1`, `micro.f1`, `ribosome.f1`), of a training the mean F1 of its best epoch
 * (`best.meanF1`); of any other file its top-level numbers.
 */
export function mainMetrics(content: unknown): Record<string, number> {
  if (!isRecord(content)) return {};
  const main = mainNumbers.flatMap(([group, name]) =>
    number(`${group}.${name}`, asRecord(content[group])[name]),
  );
  const classes = Object.entries(asRecord(content.classes)).flatMap(([label, scores]) => {
    const { name = label, f1 } = asRecord(scores);
    return number(`${name}.f1`, f1);
  });
  const topLevel = Object.entries(content).flatMap(([name, value]) => number(name, value));
  return Object.fromEntries(main.length > 0 ? [...main, ...classes] : topLevel);
}

const number = (name: string, value: unknown): [string, number][] =>
  typeof value === "number" ? [[name, value]] : [];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const asRecord = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});
