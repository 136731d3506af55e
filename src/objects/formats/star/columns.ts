/** What the columns of particles hold, by field: typed arrays, one value a particle. */
import { type Diagnostic, errorDiagnostic } from "../../../core/diagnostic.ts";
import { rotationOf } from "../../../volume/rotation.ts";
import { anglesFromRelion, anglesOfRotation, multiplyRotations } from "../../euler-angles.ts";
import type { ObjectFileOptions } from "../object-format.ts";
import {
  type ParticleDialect,
  type ParticleTable,
  relionOriginPixels,
  relionOrigins,
  subtomogramAngles,
} from "./dialect.ts";
import { type Accepts, anyNumber, readNumbers, wholeNumber } from "./numbers.ts";
import { type StarBlock, starProblem } from "./star-table.ts";

export interface Columns {
  /** x, y, z. */
  readonly coordinates: readonly Float64Array[];
  readonly shifts?: readonly Float64Array[];
  readonly originsAngstrom?: readonly Float64Array[];
  readonly originPixels?: readonly Float64Array[];
  readonly subtomogram?: readonly Float64Array[];
  readonly phi?: Float64Array;
  readonly psi?: Float64Array;
  readonly the?: Float64Array;
  readonly label: Float64Array | number;
  readonly objectId?: Float64Array;
  readonly score?: Float64Array;
  readonly tomogramIndex?: Float64Array;
  /** Of each particle its name's place in `names`. */
  readonly tomogram?: Int32Array;
  readonly names: readonly string[];
  readonly rows: number;
}

interface Reading {
  readonly dialect: ParticleDialect;
  readonly options: ObjectFileOptions;
  readonly mistakes: Diagnostic[];
}

export function readColumns(table: ParticleTable, { dialect, options, mistakes }: Reading): Columns {
  const { particles, source } = table;
  const numbers = (name: string, accepts: Accepts = anyNumber): Float64Array | undefined => {
    const column = particles.columns.indexOf(name);
    return column < 0 ? undefined : readNumbers(particles, column, { name, accepts, mistakes });
  };
  const three = (names: readonly string[]): readonly Float64Array[] | undefined => {
    const found = names.map((name) => numbers(name));
    if (found.every((column) => column === undefined)) return undefined;
    return found.map((column) => column ?? new Float64Array(particles.rows));
  };
  const { columns } = dialect;
  const coordinates = dialect.coordinates.map((name) => {
    const found = numbers(name);
    if (!found)
      mistakes.push(
        starProblem(`the particles have no column _${name}`, { file: source }, "objects need x, y and z"),
      );
    return found ?? new Float64Array(0);
  });
  const angles = three(columns.angles);
  const subtomogram = dialect.angles === "relion" ? three(subtomogramAngles) : undefined;
  const names: string[] = [];
  const tomogramColumn = dialect.tomogramColumns
    .map((name) => particles.columns.indexOf(name))
    .find((column) => column >= 0);
  return {
    coordinates,
    shifts: dialect.shifts && three(dialect.shifts),
    ...(dialect.angles === "relion" && readOrigins(table, { dialect, mistakes, three })),
    subtomogram,
    ...(angles || subtomogram ? ourAngles({ angles, subtomogram, convention: dialect.angles }) : {}),
    label: readLabels(particles, columns.label, { source, options, mistakes }),
    objectId: numbers(columns.objectId, wholeNumber),
    score: numbers(columns.score),
    tomogramIndex:
      columns.tomogramIndex === undefined ? undefined : numbers(columns.tomogramIndex, wholeNumber),
    tomogram:
      tomogramColumn === undefined
        ? undefined
        : readNames(particles, tomogramColumn, { names, ending: dialect.tomogramEnding }),
    names,
    rows: particles.rows,
  };
}

interface OriginReading extends Pick<Reading, "dialect" | "mistakes"> {
  three(names: readonly string[]): readonly Float64Array[] | undefined;
}

/** Offsets in Å, also those in pixels whose size is known. */
function readOrigins(
  table: ParticleTable,
  { dialect, mistakes, three }: OriginReading,
): Pick<Columns, "originsAngstrom" | "originPixels"> {
  const originsAngstrom = three(relionOrigins);
  if (originsAngstrom) return { originsAngstrom };
  const originPixels = three(relionOriginPixels);
  const sizes = originPixels && dialect.originPixelSize?.(table);
  if (!originPixels || !sizes) return { originPixels };
  if (!sizes.ok) mistakes.push(...sizes.diagnostics);
  const size = sizes.ok ? sizes.value : undefined;
  if (!size) return { originPixels };
  return { originsAngstrom: originPixels.map((axis) => axis.map((value, row) => value * size(row))) };
}

/** Classes count from 1; 0 says none, and a file without classes is of the one that is given. */
function readLabels(
  block: StarBlock,
  name: string,
  { source, options, mistakes }: { source: string; options: ObjectFileOptions; mistakes: Diagnostic[] },
): Float64Array | number {
  const column = block.columns.indexOf(name);
  if (block.rows === 0) return 0;
  const none = (where: string): number => {
    if (options.label === undefined) mistakes.push(noClass(source, where));
    return options.label ?? 0;
  };
  if (column < 0) return none(`has no column _${name}`);
  const labels = readNumbers(block, column, { name, accepts: wholeNumber, mistakes });
  const zeros = labels.reduce((count, label) => (label === 0 ? count + 1 : count), 0);
  if (zeros === 0) return labels;
  const label = none(`has ${zeros === block.rows ? "nothing but" : `in ${zeros} rows`} 0 in _${name}`);
  return labels.map((value) => (value === 0 ? label : value));
}

/** A list that does not say of which class its objects are. */
export const noClass = (file: string, where: string): Diagnostic =>
  errorDiagnostic("object-incomplete", `the list does not say of which class its objects are: it ${where}`, {
    location: { file },
    hint: "say it, where all are of one class: tomoflow objects convert … --label 1",
  });

/** Numbers the names in order of appearance: most rows have that of the row before. */
function readNames(
  block: StarBlock,
  column: number,
  { names, ending }: { names: string[]; ending: string | undefined },
): Int32Array {
  const numbers = new Int32Array(block.rows);
  const known = new Map<string, number>();
  for (let row = 0; row < numbers.length; row++) {
    if (row > 0 && block.isSame(row, row - 1, column)) {
      numbers[row] = numbers[row - 1];
      continue;
    }
    const text = block.text(row, column);
    const name = ending !== undefined && text.endsWith(ending) ? text.slice(0, -ending.length) : text;
    let number = known.get(name);
    if (number === undefined) {
      number = names.length;
      names.push(name);
      known.set(name, number);
    }
    numbers[row] = number;
  }
  return numbers;
}

interface GivenAngles {
  readonly angles: readonly Float64Array[] | undefined;
  readonly subtomogram: readonly Float64Array[] | undefined;
  readonly convention: ParticleDialect["angles"];
}

/** In place: a million rows have three million angles. RELION's rotation of a subtomogram comes behind that of its particle. */
function ourAngles({ angles, subtomogram, convention }: GivenAngles): Pick<Columns, "phi" | "psi" | "the"> {
  const [first, second, third] = angles ?? subtomogram!;
  if (convention === "tom") return { phi: first, psi: second, the: third };
  const [phi, psi, the] = [
    new Float64Array(first.length),
    new Float64Array(first.length),
    new Float64Array(first.length),
  ];
  const outer = angles === undefined ? undefined : subtomogram;
  for (let row = 0; row < first.length; row++) {
    let ours = anglesFromRelion({ rot: first[row], tilt: second[row], psi: third[row] });
    if (outer && (outer[0][row] !== 0 || outer[1][row] !== 0 || outer[2][row] !== 0)) {
      const subtomo = anglesFromRelion({ rot: outer[0][row], tilt: outer[1][row], psi: outer[2][row] });
      ours = anglesOfRotation(multiplyRotations(rotationOf(subtomo), rotationOf(ours)));
    }
    phi[row] = ours.phi;
    psi[row] = ours.psi;
    the[row] = ours.the;
  }
  return { phi, psi, the };
}
