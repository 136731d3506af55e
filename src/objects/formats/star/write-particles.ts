/** Objects as rows of a STAR file: a block of particles, and one of their optics groups where a format has it. */
import { TomoflowError } from "../../../core/error.ts";
import type { EulerAngles } from "../../../volume/rotation.ts";
import { hasAngles, type ObjectList, type TomogramObject } from "../../object-list.ts";
import { extraNamesOf } from "../column-order.ts";
import { extraOf } from "../fields.ts";
import type { KnownTomogram, ObjectField, ObjectFileOptions } from "../object-format.ts";
import { type ByteText, createByteText } from "./decimal.ts";
import { opticsPrefix } from "./own-columns.ts";

/** A column that is written: a number with decimals, or text. */
export type WrittenColumn =
  | {
      readonly name: string;
      readonly decimals: number;
      readonly width?: number;
      number(object: TomogramObject): number;
    }
  | { readonly name: string; text(object: TomogramObject): string };

export interface WrittenParticles {
  /** Of the block, without `data_`. */
  readonly block: string;
  /** What stands first in the file, as `# version 50001`. */
  readonly head?: string;
  readonly columns: readonly WrittenColumn[];
  /** Own columns that are not written: the fields hold what they said. */
  readonly stale: ReadonlySet<string>;
  /** Columns of the optics block that are known here, for a group of which the list says nothing of the kind. */
  readonly optics?: readonly { readonly name: string; readonly value: string }[];
  /** Whether RELION's ` #1` stands behind the names of columns. */
  readonly numbered?: boolean;
}

export function writeParticles(list: ObjectList, written: WrittenParticles): Uint8Array {
  const out = createByteText();
  const names = extraNamesOf(list).filter((name) => !written.stale.has(name));
  const optics = names.filter((name) => name.startsWith(opticsPrefix));
  const own = names.filter((name) => !name.startsWith(opticsPrefix) && name !== groupColumn);
  const hasGroups = names.includes(groupColumn);
  if (written.head) out.text(`\n${written.head}\n`);
  if (written.optics) writeOptics(out, list, { known: written.optics, names: optics });
  const taken = new Set(written.columns.map(({ name }) => name));
  const group: WrittenColumn[] =
    written.optics || hasGroups ? [{ name: groupColumn, text: (object) => groupOf(object) }] : [];
  const extra: WrittenColumn[] = own
    .filter((name) => !taken.has(name))
    .map((name) => ({ name: freeName(name, taken), text: (object) => extraOf(object, name) ?? "None" }));
  writeLoop(out, written.block, {
    columns: [...written.columns, ...group, ...extra],
    numbered: written.numbered ?? true,
  });
  writeRows(out, list, [...written.columns, ...group, ...extra]);
  return out.finish();
}

const groupColumn = "rlnOpticsGroup";

const groupOf = (object: TomogramObject): string => extraOf(object, groupColumn) ?? "1";

/** A name that a STAR file can have, and no other column has. */
function freeName(name: string, taken: Set<string>): string {
  let free = name.replace(/[\s#"']/g, "_");
  while (taken.has(free)) free += "_";
  taken.add(free);
  return free;
}

function writeLoop(
  out: ByteText,
  block: string,
  { columns, numbered }: { columns: readonly { readonly name: string }[]; numbered: boolean },
): void {
  out.text(`\ndata_${block}\n\nloop_\n`);
  for (const [index, { name }] of columns.entries())
    out.text(numbered ? `_${name} #${index + 1}\n` : `_${name}\n`);
  if (!numbered) out.text("\n");
}

function writeRows(out: ByteText, list: ObjectList, columns: readonly WrittenColumn[]): void {
  for (const object of list) {
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index];
      if (index > 0) out.text(" ");
      if ("text" in column) out.text(starText(column.text(object)));
      else out.fixed(column.number(object), column.decimals, column.width ?? 12);
    }
    out.text("\n");
  }
  out.text("\n");
}

/** One value of a row: in quotes where it would be taken apart, or for something else. */
export function starText(text: string): string {
  if (text !== "" && /^[^\s"'#;_$[][^\s]*$/.test(text) && !/^(data_|loop_)/i.test(text)) return text;
  if (/^\[[^\s]*$/.test(text)) return text;
  const line = text.replace(/[\r\n]+/g, " ");
  return /"(\s|$)/.test(line) ? `'${line.replace(/'(?=\s|$)/g, "’")}'` : `"${line}"`;
}

interface OpticsSources {
  readonly known: readonly { readonly name: string; readonly value: string }[];
  /** Own columns of the list, with `optics.`. */
  readonly names: readonly string[];
}

/** The groups of which there are particles, each by what its first particle says. */
function writeOptics(out: ByteText, list: ObjectList, { known, names }: OpticsSources): void {
  const groups = new Map<string, TomogramObject>();
  for (const object of list) {
    const group = groupOf(object);
    if (!groups.has(group)) groups.set(group, object);
  }
  if (groups.size === 0) return;
  const computed = new Set(known.map(({ name }) => name));
  const kept = names.map((name) => name.slice(opticsPrefix.length)).filter((name) => !computed.has(name));
  const named = kept.includes("rlnOpticsGroupName") ? kept : ["rlnOpticsGroupName", ...kept];
  writeLoop(out, "optics", {
    columns: [groupColumn, ...named, ...computed].map((name) => ({ name })),
    numbered: true,
  });
  for (const [group, object] of groups) {
    const values = named.map((name) =>
      starText(
        extraOf(object, `${opticsPrefix}${name}`) ??
          (name === "rlnOpticsGroupName" ? `opticsGroup${group}` : "None"),
      ),
    );
    out.text(`${[group, ...values, ...known.map(({ value }) => value)].join(" ")}\n`);
  }
  out.text("\n");
}

const unturned: EulerAngles = { phi: 0, psi: 0, the: 0 };

/** Of an object without angles those of no rotation, which `angleLosses` tells. */
export const anglesOf = (object: TomogramObject): EulerAngles => (hasAngles(object) ? object : unturned);

/** Angles, score and object ids in STAR tables are columns: all have them, or none. */
export function columnLosses(list: ObjectList, fields: readonly ("objectId" | "score")[]): readonly string[] {
  const losses: string[] = [];
  const lacking = list.filter((object) => !hasAngles(object)).length;
  if (lacking > 0 && lacking < list.length)
    losses.push(
      `${lacking} of ${list.length} objects have no angles: written as not turned (phi, psi and the 0), since a table has angles for all or for none`,
    );
  const called = { objectId: "object id", score: "score" };
  for (const field of fields) {
    const without = list.filter((object) => object[field] === undefined).length;
    if (without > 0 && without < list.length)
      losses.push(`${without} of ${list.length} objects have no ${called[field]}: the column is left out`);
  }
  return losses;
}

export const allHave = (list: ObjectList, field: keyof TomogramObject): boolean =>
  list.length > 0 && list.every((object) => object[field] !== undefined);

export const someHaveAngles = (list: ObjectList): boolean => list.some(hasAngles);

export interface TomogramNames {
  /** As the list calls it. */
  idOf(object: TomogramObject): string;
  /** As it is called where it goes: tomograms.star has TS_1.tomostar, say, where the list has TS_1. */
  nameOf(object: TomogramObject): string;
}

/** The tomogram's name of each object. @throws TomoflowError `objects-option-missing` where an object has none */
export function tomogramNames(
  list: ObjectList,
  { tomogram, tomogramOf }: ObjectFileOptions,
  format: string,
): TomogramNames {
  const id = tomogram?.row?.id;
  if (id === undefined && list.some(({ tomogramId }) => tomogramId === undefined || tomogramId === ""))
    throw new TomoflowError(
      "objects-option-missing",
      `the format ${format} needs the name of each object's tomogram, which the list does not say`,
      { hint: "give it: tomoflow objects convert … --tomogram TS_01" },
    );
  const idOf = ({ tomogramId }: TomogramObject): string =>
    tomogramId === undefined || tomogramId === "" ? id! : tomogramId;
  const called = new Map<string, string>();
  const nameOf = (object: TomogramObject): string => {
    const own = idOf(object);
    const known = called.get(own);
    if (known !== undefined) return known;
    const name = tomogramOf?.(own)?.row?.id ?? own;
    called.set(own, name);
    return name;
  };
  return { idOf, nameOf };
}

/** The tomogram's number of each object. @throws TomoflowError `objects-option-missing` where an object has none */
export function tomogramNumberer(
  list: ObjectList,
  { tomogram }: ObjectFileOptions,
  format: string,
): (object: TomogramObject) => number {
  const index = tomogram?.row?.index;
  const numberOf = ({ tomogramIndex, tomogramId }: TomogramObject): number | undefined =>
    tomogramIndex ?? index ?? (/^\d{1,9}$/.test(tomogramId ?? "") ? Number(tomogramId) : undefined);
  if (list.some((object) => numberOf(object) === undefined))
    throw new TomoflowError(
      "objects-option-missing",
      `the format ${format} needs the number of each object's tomogram, which the list does not say`,
      {
        hint: "give the list a column tomo_idx, or all its objects one: tomoflow objects convert … --tomogram-index 1",
      },
    );
  return (object) => numberOf(object)!;
}

/** Of lists that name their tomograms. */
export const namedFields: ReadonlySet<ObjectField> = new Set([
  ...(["label", "x", "y", "z", "tomogramId", "objectId", "phi", "psi", "the", "score"] as const),
]);

/** Of lists that number their tomograms. */
export const numberedFields: ReadonlySet<ObjectField> = new Set([
  ...(["label", "x", "y", "z", "tomogramIndex", "objectId", "phi", "psi", "the", "score"] as const),
]);

/** What formats lose in which every object has an id, and all are numbered where one has none. */
export const idLosses = (list: ObjectList): readonly string[] =>
  allHave(list, "objectId") || list.every(({ objectId }) => objectId === undefined)
    ? []
    : ["some objects have no object id: all are numbered anew"];

/** What is known of the tomogram of each object. @throws TomoflowError where it is not known of one */
export function knownTomograms(
  { tomogram, tomogramOf }: ObjectFileOptions,
  needs: readonly ("voxelSizeAngstrom" | "shape" | "binning")[],
  format: string,
): (id: string) => KnownTomogram {
  const known = new Map<string, KnownTomogram>();
  return (id) => {
    let found = known.get(id);
    if (!found) {
      found = { ...tomogram, ...tomogramOf?.(id) };
      for (const need of needs)
        if (found[need] === undefined)
          throw new TomoflowError(
            "objects-option-missing",
            `the format ${format} needs the ${{ voxelSizeAngstrom: "voxel size", shape: "size", binning: "binning" }[need]} of the tomogram ${id}, not known here`,
            { hint: "give it with --voxel-size, --size or --binned, or with --tomograms tomograms.star" },
          );
      known.set(id, found);
    }
    return found;
  };
}
