/** Columns of a particle that no field holds, and those of its optics group. */
import type { Diagnostic } from "../../../core/diagnostic.ts";
import { isIndex, keepOrder } from "../column-order.ts";
import { inOneLine } from "../fields.ts";
import { type ParticleDialect, type ParticleTable, placeColumns } from "./dialect.ts";
import { starProblem } from "./star-table.ts";

/** The own columns of the particle in a row. */
export type OwnColumns = (row: number) => Readonly<Record<string, string>>;

/** The columns that no field holds. What the row before has as well is not made twice: two objects may share their own columns. */
export function ownColumnsOf(
  { particles, blocks, source }: ParticleTable,
  { dialect, mistakes }: { dialect: ParticleDialect; mistakes: Diagnostic[] },
): OwnColumns | undefined {
  const { columns } = dialect;
  const tomogramColumn = dialect.tomogramColumns.find((name) => particles.columns.includes(name));
  const known = new Set([
    ...dialect.coordinates,
    ...(dialect.shifts ?? []),
    ...[
      columns.label,
      columns.objectId,
      columns.score,
      columns.tomogramIndex,
      tomogramColumn,
      ...columns.angles,
    ],
    ...(dialect.angles === "relion" ? placeColumns : []),
  ]);
  const own = particles.columns.flatMap((name, column) => (known.has(name) ? [] : [{ name, column }]));
  const optics = opticsOf({ particles, blocks, source }, mistakes);
  const names = [...own.map(({ name }) => name), ...(optics?.names ?? [])];
  if (names.length === 0) return undefined;
  const isOdd = names.some((name) => isIndex(name) || name === "__proto__");
  const latest = own.map(() => "");
  let latestRow = -1;
  let made: Record<string, string> | undefined;
  return (row) => {
    let isNew = made === undefined;
    for (let index = 0; index < own.length; index++) {
      const { column } = own[index];
      if (latestRow >= 0 && particles.isSame(row, latestRow, column)) continue;
      latest[index] = particles.text(row, column);
      isNew = true;
    }
    latestRow = row;
    if (made && !isNew) return made;
    const extra: Record<string, string> = {};
    for (let index = 0; index < own.length; index++) {
      const { name } = own[index];
      if (name === "__proto__") Object.defineProperty(extra, name, { ...ownValue, value: latest[index] });
      else extra[name] = latest[index];
    }
    if (optics) {
      const values = optics.values(row);
      for (let index = 0; index < optics.names.length; index++) extra[optics.names[index]] = values[index];
    }
    if (isOdd) keepOrder(extra, names);
    made = extra;
    return extra;
  };
}

const ownValue = { configurable: true, enumerable: true, writable: true };

/** What an own column is called that says something of the particle's optics group. */
export const opticsPrefix = "optics.";

interface Optics {
  /** With `optics.`; the group's number has none. */
  readonly names: readonly string[];
  /** Of the particle in this row. */
  values(row: number): readonly string[];
}

/** The optics group of each particle, from the block `optics`; a mistake where a particle has one that is not there. */
function opticsOf({ particles, blocks }: ParticleTable, mistakes: Diagnostic[]): Optics | undefined {
  const optics = blocks.find(({ name }) => name === "optics");
  const key = optics?.columns.indexOf("rlnOpticsGroup") ?? -1;
  const column = particles.columns.indexOf("rlnOpticsGroup");
  if (!optics || key < 0 || column < 0) return undefined;
  const others = optics.columns.flatMap((name, index) => (index === key ? [] : [{ name, index }]));
  const groups = new Map<number, readonly string[]>();
  for (let row = 0; row < optics.rows; row++)
    groups.set(
      optics.number(row, key),
      others.map(({ index }) => optics.text(row, index)),
    );
  for (let row = 0; row < particles.rows; row++) {
    if (groups.has(particles.number(row, column))) continue;
    mistakes.push(
      starProblem(
        `the optics group ${inOneLine(particles.text(row, column).slice(0, 40))} is not in the block data_optics`,
        particles.place(row, column),
      ),
    );
    break;
  }
  return {
    names: others.map(({ name }) => `${opticsPrefix}${name}`),
    values: (row) => groups.get(particles.number(row, column))!,
  };
}
