/** Columns of numbers, and the mistakes in them. */
import { type Diagnostic, errorDiagnostic } from "../../../core/diagnostic.ts";
import { failure, type Result, success } from "../../../core/result.ts";
import { inOneLine } from "../fields.ts";
import type { ParticleTable, PixelSizes } from "./dialect.ts";
import type { StarBlock } from "./star-table.ts";

/** Mistakes told one by one; a broken column has a million of them. */
const mostMistakes = 20;

export interface Accepts {
  readonly problem: string;
  test(value: number): boolean;
}

export const anyNumber: Accepts = { problem: "is not a number", test: (value) => !Number.isNaN(value) };
export const wholeNumber: Accepts = {
  problem: "is not a whole number of 0 or more",
  test: (value) => Number.isInteger(value) && value >= 0,
};

interface NumberReading {
  readonly name: string;
  readonly accepts: Accepts;
  readonly mistakes: Diagnostic[];
}

export function readNumbers(
  block: StarBlock,
  column: number,
  { name, accepts, mistakes }: NumberReading,
): Float64Array {
  const values = new Float64Array(block.rows);
  for (let row = 0; row < values.length; row++) {
    const value = block.number(row, column);
    values[row] = value;
    if (accepts.test(value)) continue;
    if (mistakes.length < mostMistakes) {
      const text = block.text(row, column);
      const shown = inOneLine(text.length > 40 ? `${text.slice(0, 40)}…` : text);
      const problem = Number.isNaN(value) ? anyNumber.problem : accepts.problem;
      mistakes.push(
        errorDiagnostic("object-value", `${name} "${shown}" ${problem}`, {
          location: block.place(row, column),
        }),
      );
    } else if (mistakes.length === mostMistakes)
      mistakes.push(
        errorDiagnostic("object-value", `${name} is wrong in more rows`, {
          location: block.place(row, column),
        }),
      );
  }
  return values;
}

/** A number of each particle's optics group; undefined where the file has none of that name. */
export function opticsNumber(
  { particles, blocks }: ParticleTable,
  name: string,
): Result<PixelSizes | undefined> {
  const optics = blocks.find((block) => block.name === "optics");
  const value = optics?.columns.indexOf(name) ?? -1;
  const key = optics?.columns.indexOf("rlnOpticsGroup") ?? -1;
  const column = particles.columns.indexOf("rlnOpticsGroup");
  if (!optics || value < 0) return success(undefined);
  const sizes = new Map<number, number>();
  for (let row = 0; row < optics.rows; row++) {
    const size = optics.number(row, value);
    if (!(size > 0))
      return failure([
        errorDiagnostic(
          "object-value",
          `${name} "${inOneLine(optics.text(row, value).slice(0, 40))}" is not a pixel size`,
          {
            location: optics.place(row, value),
          },
        ),
      ]);
    sizes.set(key < 0 ? row + 1 : optics.number(row, key), size);
  }
  const all = [...new Set(sizes.values())];
  if (all.length === 1) return success(() => all[0]);
  if (all.length === 0 || column < 0 || key < 0) return success(undefined);
  return success((row) => sizes.get(particles.number(row, column)) ?? Number.NaN);
}

/** A pixel size that each particle has in a column of its own; undefined where there is none of that name. */
export function columnNumber({ particles }: ParticleTable, name: string): Result<PixelSizes | undefined> {
  const column = particles.columns.indexOf(name);
  if (column < 0) return success(undefined);
  const mistakes: Diagnostic[] = [];
  const accepts = { problem: "is not a pixel size", test: (value: number) => value > 0 };
  const sizes = readNumbers(particles, column, { name, accepts, mistakes });
  return mistakes.length > 0 ? failure(mistakes) : success((row) => sizes[row]);
}
