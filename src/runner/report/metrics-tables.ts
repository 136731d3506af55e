/** Nested metrics as tables: values that have the same names, at the same depth, stand below each other. */

export interface MetricsTable {
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly name: string;
    readonly values: readonly (string | number | boolean | null)[];
  }[];
  /** Steps from the root of the file; what is deeper is detail. */
  readonly depth: number;
}

type Scalar = string | number | boolean | null;
type Values = Readonly<Record<string, unknown>>;

/** Shallow tables first. A member `name` names its row in place of the key. */
export function metricsTables(content: unknown): readonly MetricsTable[] {
  const tables = new Map<
    string,
    { columns: string[]; rows: MetricsTable["rows"][number][]; depth: number }
  >();
  const visit = (record: Values, names: readonly string[]): void => {
    const scalars = Object.entries(record).filter(([key, value]) => isScalar(value) && key !== "name");
    if (scalars.length > 0) {
      const columns = scalars.map(([key]) => key);
      const key = JSON.stringify([names.length, columns]);
      const table = tables.get(key) ?? { columns, rows: [], depth: names.length };
      table.rows.push({ name: names.join(" › "), values: scalars.map(([, value]) => value as Scalar) });
      tables.set(key, table);
    }
    for (const [key, value] of Object.entries(record))
      if (isRecord(value)) visit(value, [...names, typeof value.name === "string" ? value.name : key]);
  };
  if (isRecord(content)) visit(content, []);
  return [...tables.values()].sort((a, b) => a.depth - b.depth);
}

const isScalar = (value: unknown): boolean =>
  value === null || ["string", "number", "boolean"].includes(typeof value);

const isRecord = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);
