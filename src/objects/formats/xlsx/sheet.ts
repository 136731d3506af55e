/** A sheet as the format reads it, whoever took the workbook apart. */
export interface Sheet {
  readonly name: string;
  /** Those with a value. */
  readonly rows: readonly SheetRow[];
  /** How many more sheets the workbook has. */
  readonly others?: number;
}

export interface SheetRow {
  /** From 1. */
  readonly number: number;
  /** By column, the first at 1; undefined or empty where there is no value. Numbers are written as JavaScript does. */
  readonly texts: readonly (string | undefined)[];
  /** Cells that hold no value that could be read, by column. */
  readonly problems?: ReadonlyMap<number, CellProblem>;
}

export interface CellProblem {
  /** Such as B3. */
  readonly address: string;
  /** Of a formula without a stored result. */
  readonly formula?: string;
  /** What the cell shows. */
  readonly shown: string;
}
