/** `tomoflow objects convert` and `info`. */
import { type Command, Option } from "commander";
import { warningDiagnostic } from "../../core/diagnostic.ts";
import { TomoflowError } from "../../core/error.ts";
import { type ObjectFile, openObjectFile, unreadable } from "../../objects/formats.ts";
import { objectFormats } from "../../objects/object-formats.ts";
import type { ObjectList } from "../../objects/object-list.ts";
import { countByLabel } from "../../objects/operations/combine.ts";
import { formatTable, writeDiagnostics, writeJson, writeLine } from "../output.ts";
import { parseClassNames, parseLabel, writeList } from "./flags.ts";
import { type KnowledgeFlags, knowledgeOf, withKnowledge } from "./tomogram-flags.ts";

interface ReadFlags extends KnowledgeFlags {
  readonly label?: number;
  readonly inputFormat?: string;
  readonly classNames?: readonly { readonly label: number; readonly name: string }[];
}

const formatNames = objectFormats.map(({ name }) => name);

const withReading = (command: Command): Command =>
  withKnowledge(
    command
      .addOption(
        new Option(
          "--input-format <name>",
          "format of the input; by default by its extension and content",
        ).choices(formatNames),
      )
      .option("--label <number>", "class of the objects, for a file that names none", parseLabel)
      .option(
        "--class-names <names>",
        "names of the classes, for formats that have no labels: 1=ribosome,2=proteasome",
        parseClassNames,
      ),
  );

export function registerObjectConversion(objects: Command): void {
  withReading(
    objects
      .command("convert")
      .description(
        "Write an object list in the format of another program: by the output's extension, or by --format.",
      )
      .argument("<input>", "object list")
      .argument("<output>", "file to write")
      .addOption(new Option("--format <name>", "format of the output").choices(formatNames)),
  )
    .addHelpText("after", convertHelp)
    .action(convertFile);
  withReading(
    objects
      .command("info")
      .description("Say what an object list holds: tomograms, classes, fields and where the objects lie.")
      .argument("<input>", "object list")
      .option("--json", "print as JSON"),
  )
    .addHelpText("after", "\nExample:\n  tomoflow objects info particles.star --volume TS_01.mrc")
    .action(showInfo);
}

const convertHelp = `
What a file does not say is asked for and never guessed: the tomogram's voxel size and size where a format counts in Å or from
the centre (--volume, or --voxel-size and --size), the binning where it counts in other pixels than the tomogram's voxels.

Examples:
  tomoflow objects convert points.csv points.xml --label 1
  tomoflow objects convert detections.xml particles.star --tomograms tomograms.star
  tomoflow objects convert particles.star picks.xml --volume TS_01.mrc --tomogram TS_01
  tomoflow objects convert run_data.star picks.xml --volume TS_01.mrc --binned 4
  tomoflow objects convert picks.xml picks.star --format stopgap --tomogram-index 1

--format names: ${objectFormats.map(({ name, title }) => `\n  ${name.padEnd(10)}${title}`).join("")}`;

async function convertFile(
  input: string,
  output: string,
  flags: ReadFlags & { readonly format?: string },
): Promise<void> {
  const known = await knowledgeOf(flags);
  const { list } = await readKnown(input, flags, known);
  const { tomogram, tomogramOf } = known;
  await writeList(output, list, { format: flags.format, tomogram, tomogramOf, classes: flags.classNames });
}

type Known = Awaited<ReturnType<typeof knowledgeOf>>;

/** The objects of the tomogram that is named, or of all; each in voxels of its own tomogram where a table lists them. */
async function readKnown(
  input: string,
  { label, inputFormat, classNames }: ReadFlags,
  { tomogram, listed, tomogramOf }: Known,
): Promise<{ readonly list: ObjectList; readonly file: ObjectFile }> {
  const opened = await openObjectFile(input, { format: inputFormat, label, classes: classNames });
  if (!opened.ok) throw unreadable(input, opened.diagnostics);
  writeDiagnostics(opened.diagnostics);
  const file = opened.value;
  const all = (known: Known["tomogram"]): ObjectList => {
    const read = file.objects(known ?? {});
    if (!read.ok) throw unreadable(input, read.diagnostics);
    writeDiagnostics(read.diagnostics);
    return read.value;
  };
  if (!listed || !tomogramOf || file.requires.length === 0) {
    const list = all(tomogram);
    warnOfOneSize(input, { list, file, tomogram });
    return { list, file };
  }
  // whose they are is told by any tomogram; where they lie by their own
  const names = [...new Set(all({ ...anyTomogram }).map(({ tomogramId }) => tomogramId))];
  if (names.some((name) => name === undefined || name === ""))
    throw new TomoflowError(
      "objects-tomogram-missing",
      `${input}: the list does not say of which tomogram its objects are`,
      {
        hint: "name one with --tomogram and give its --volume, instead of --tomograms",
      },
    );
  const lists = names.map((name) =>
    all({ ...tomogramOf(name!), row: { id: name } }).filter(({ tomogramId }) => tomogramId === name),
  );
  return { list: lists.flat(), file };
}

const anyTomogram = { voxelSizeAngstrom: [1, 1, 1], shape: [2, 2, 2], binning: 1 } as const;

function warnOfOneSize(
  input: string,
  { list, file, tomogram }: { list: ObjectList; file: ObjectFile; tomogram: Known["tomogram"] },
): void {
  if (!file.requires.includes("shape") || tomogram?.row?.id !== undefined) return;
  const tomograms = new Set(list.map(({ tomogramId }) => tomogramId)).size;
  if (tomograms > 1)
    writeDiagnostics([
      warningDiagnostic(
        "objects-one-size",
        `${input} holds objects of ${tomograms} tomograms: all are taken to be of the same size and voxel size`,
        {
          hint: "where they are not, give --tomograms tomograms.star, or convert one at a time with --tomogram",
        },
      ),
    ]);
}

async function showInfo(input: string, { json, ...flags }: ReadFlags & { json?: boolean }): Promise<void> {
  const known = await knowledgeOf(flags);
  const opened = await openObjectFile(input, {
    format: flags.inputFormat,
    label: flags.label ?? 1,
    classes: flags.classNames,
  });
  if (!opened.ok) throw unreadable(input, opened.diagnostics);
  const { requires } = opened.value;
  const missing = requires.filter((one) => known.tomogram?.[one] === undefined && !known.listed);
  const read =
    missing.length > 0
      ? opened.value.objects({ ...anyTomogram, ...known.tomogram })
      : {
          ok: true as const,
          value: (await readKnown(input, { ...flags, label: flags.label ?? 1 }, known)).list,
        };
  if (!read.ok) throw unreadable(input, read.diagnostics);
  const list = read.value;
  const tomograms = [...new Set(list.map(({ tomogramId, tomogramIndex }) => tomogramId ?? tomogramIndex))];
  const fields = [...new Set(list.flatMap((object) => Object.keys(object)))].filter(
    (field) => field !== "extra",
  );
  const extra = [...new Set(list.flatMap((object) => Object.keys(object.extra ?? {})))];
  const ranges =
    missing.length > 0 || list.length === 0
      ? undefined
      : Object.fromEntries((["x", "y", "z"] as const).map((axis) => [axis, rangeOf(list, axis)]));
  const info = {
    ...{ file: input, objects: list.length, needs: missing },
    tomograms: tomograms.filter((one) => one !== undefined),
    classes: Object.fromEntries(countByLabel(list)),
    ...{ fields, ownColumns: extra, ranges },
  };
  if (json) writeJson(info);
  else writeLine(infoTable(info));
}

function rangeOf(list: ObjectList, axis: "x" | "y" | "z"): readonly [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const object of list) {
    least = Math.min(least, object[axis]);
    most = Math.max(most, object[axis]);
  }
  return [least, most];
}

interface ListInfo {
  readonly objects: number;
  readonly needs: readonly string[];
  readonly tomograms: readonly (string | number | undefined)[];
  readonly classes: Readonly<Record<string, number>>;
  readonly fields: readonly string[];
  readonly ownColumns: readonly string[];
  readonly ranges?: Readonly<Record<string, readonly [number, number]>>;
}

function infoTable({ objects, needs, tomograms, classes, fields, ownColumns, ranges }: ListInfo): string {
  const shown = (names: readonly unknown[]): string =>
    names.length > 8 ? `${names.slice(0, 8).join(", ")} and ${names.length - 8} more` : names.join(", ");
  const place = ranges
    ? Object.entries(ranges)
        .map(([axis, [least, most]]) => `${axis} ${least.toFixed(1)} to ${most.toFixed(1)}`)
        .join(", ")
    : `not told without ${shown(needs.map((need) => called[need] ?? need))}`;
  return formatTable([
    ["objects", String(objects)],
    ["tomograms", tomograms.length === 0 ? "not named" : shown(tomograms)],
    ["classes", shown(Object.entries(classes).map(([label, number]) => `${label}: ${number}`))],
    ["voxels", place],
    ["fields", shown(fields)],
    ...(ownColumns.length > 0 ? [["own columns", shown(ownColumns)]] : []),
  ]);
}

const called: Readonly<Record<string, string>> = {
  voxelSizeAngstrom: "the voxel size (--volume or --voxel-size)",
  shape: "the size (--volume or --size)",
  binning: "the binning (--binned)",
};
