/** Plain coordinates (.coords), as EMAN2 and PyTom take them: lines `x y z`, voxels, 0 the first, and the class where there is a fourth value. */
import { errorDiagnostic } from "../../core/diagnostic.ts";
import { failure, success } from "../../core/result.ts";
import type { ObjectList } from "../object-list.ts";
import { readNumberLines, shortNumber } from "./lines/number-lines.ts";
import type { ObjectFileOptions, ObjectFormat } from "./object-format.ts";
import { objectsInPixels } from "./scaled-objects.ts";
import { noClass } from "./star/columns.ts";

export const coordsFormat: ObjectFormat = {
  name: "coords",
  capabilities: { fields: new Set(["label", "x", "y", "z"]), extra: false, requires: [] },
  read: async (bytes, source, options) => {
    const read = readNumberLines(bytes, source, { least: 3, most: 4, what: "a line of coordinates" });
    if (!read.ok) return read;
    const wrong = read.value.find(
      ({ values }) => values.length === 4 && !(Number.isInteger(values[3]) && values[3] >= 1),
    );
    if (wrong)
      return failure([
        errorDiagnostic("object-value", `${wrong.values[3]} is not a class label: 1, 2, 3 …`, {
          location: { file: source, line: wrong.line, column: 1, sourceLine: wrong.text.slice(0, 4000) },
        }),
      ]);
    if (options.label === undefined && read.value.some(({ values }) => values.length === 3))
      return failure([noClass(source, "has lines of x, y and z alone")]);
    return success(
      objectsInPixels(
        read.value.map(({ values: [x, y, z, label] }) => ({ label: label ?? options.label!, x, y, z })),
      ),
    );
  },
  write: async (list, options) => new TextEncoder().encode(writeLines(list, options)),
};

/** The class only where there are several: EMAN2 takes three values. */
function writeLines(list: ObjectList, { tomogram }: ObjectFileOptions): string {
  const binning = tomogram?.binning ?? 1;
  const hasClasses = list.some(({ label }) => label !== 1);
  return list
    .map(({ x, y, z, label }) =>
      [...[x, y, z].map((value) => shortNumber(value * binning)), ...(hasClasses ? [label] : [])].join(" "),
    )
    .join("\n")
    .concat(list.length > 0 ? "\n" : "");
}
