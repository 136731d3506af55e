/** `tomoflow objects filter`, `remove`, `dedupe`, `mask` and `clip`. */
import { type Command, Option } from "commander";
import { warningDiagnostic } from "../../core/diagnostic.ts";
import { TomoflowError } from "../../core/error.ts";
import type { ObjectList, TomogramObject } from "../../objects/object-list.ts";
import { deduplicateObjects } from "../../objects/operations/deduplicate.ts";
import {
  filterObjects,
  type ObjectCriteria,
  type PerClass,
  removeObjects,
  valueOfClass,
} from "../../objects/operations/filter.ts";
import { objectsOfTomogram } from "../../objects/operations/of-tomogram.ts";
import { clipObjects, keepInsideMask } from "../../objects/operations/region.ts";
import { flagName } from "../../session/single-step/flag-name.ts";
import type { Shape3 } from "../../volume/volume.ts";
import { writeDiagnostics } from "../output.ts";
import {
  parseNames,
  parseNumber,
  parsePerClass,
  parseShape,
  parseWholeNumbers,
  readList,
  writeList,
} from "./flags.ts";

export function registerObjectSelection(objects: Command): void {
  withCriteria(inputAndOutput(objects.command("filter")))
    .description("Keep the objects that meet every criterion.")
    .addHelpText("after", filterHelp)
    .action((input: string, output: string, flags: CriteriaFlags) =>
      select(input, output, (list) => {
        warnOfUnknown(list, flags, "dropped");
        return filterObjects(list, criteriaOf(flags));
      }),
    );
  withCriteria(inputAndOutput(objects.command("remove")))
    .description("Drop the objects that meet every criterion.")
    .addHelpText("after", "\nExample:\n  tomoflow objects remove picks.xml rest.xml --id 3,17,40-52")
    .action((input: string, output: string, flags: CriteriaFlags) =>
      select(input, output, (list) => {
        warnOfUnknown(list, flags, "kept");
        return removeObjects(list, criteriaOf(flags));
      }),
    );
  inputAndOutput(objects.command("dedupe"))
    .description(
      "Keep the best of objects that lie within a distance: the higher score, else the larger cluster.",
    )
    .requiredOption("--distance <voxels>", "a number, or by label: 1=10,2=6", parsePerClass)
    .option("--across-classes", "compare objects of different classes as well")
    .addHelpText("after", "\nExample:\n  tomoflow objects dedupe picks.xml unique.xml --distance 10")
    .action((input: string, output: string, flags: { distance: PerClass; acrossClasses?: boolean }) =>
      select(input, output, (list) => deduplicateObjects(list, flags)),
    );
  withTomogram(inputAndOutput(objects.command("mask")))
    .description("Keep the objects of a tomogram whose voxel is not zero in a mask of it.")
    .requiredOption("--mask <volume>", "mask of the same size as the tomogram")
    .addHelpText("after", "\nExample:\n  tomoflow objects mask picks.xml inside.xml --mask cytosol.mrc")
    .action(maskFile);
  withTomogram(inputAndOutput(objects.command("clip")))
    .description("Keep the objects of a tomogram that lie inside its volume.")
    .addOption(new Option("--volume <file>", "the tomogram"))
    .addOption(
      new Option("--size <z,y,x>", "its number of voxels, instead").argParser(parseShape).conflicts("volume"),
    )
    .option("--margin <voxels>", "least distance from the border", parseNumber, 0)
    .addHelpText(
      "after",
      "\nExample:\n  tomoflow objects clip picks.xml inside.xml --volume tomogram.mrc --margin 5",
    )
    .action(clipFile);
}

const filterHelp = `
Examples:
  tomoflow objects filter picks.xml good.xml --class 1,2 --min-score 0.5
  tomoflow objects filter picks.xml large.xml --min-size 1=100,2=40`;

const inputAndOutput = (command: Command): Command =>
  command.argument("<input>", "object list").argument("<output>", "file to write");

/** Whose objects are meant, of a list of several tomograms. */
interface TomogramFlags {
  readonly tomogram?: string;
  readonly tomogramIndex?: number;
}

const withTomogram = (command: Command): Command =>
  command
    .option("--tomogram <id>", "the tomogram (tomo_id), in a list of several")
    .option("--tomogram-index <number>", "its number (tomo_idx), in a list of several", parseNumber);

/** @throws TomoflowError where the list does not have the objects of this tomogram, or has several and none is named */
function ofTomogram(list: ObjectList, { tomogram, tomogramIndex }: TomogramFlags): ObjectList {
  const found = objectsOfTomogram(list, { id: tomogram, index: tomogramIndex, idFlag: "--tomogram" });
  if (found.ok) return found.value.objects;
  const [{ code, message, hint }] = found.diagnostics;
  throw new TomoflowError(code, message, { hint });
}

interface CriteriaFlags {
  readonly class?: readonly number[];
  readonly tomogram?: readonly string[];
  readonly tomogramIndex?: readonly number[];
  readonly id?: readonly number[];
  readonly minSize?: PerClass;
  readonly maxSize?: PerClass;
  readonly minScore?: PerClass;
  readonly minMargin?: PerClass;
}

const withCriteria = (command: Command): Command =>
  command
    .option("--class <labels>", "class labels: 1,2 or 1-4", parseWholeNumbers)
    .option("--tomogram <ids>", "tomogram ids", parseNames)
    .option("--tomogram-index <numbers>", "tomogram numbers (tomo_idx)", parseWholeNumbers)
    .option("--id <numbers>", "object ids: 3,17,40-52", parseWholeNumbers)
    .option("--min-size <voxels>", "least cluster size: a number, or by label: 1=100,2=40", parsePerClass)
    .option("--max-size <voxels>", "greatest cluster size, likewise", parsePerClass)
    .option("--min-score <score>", "least score, 0 to 1, likewise", parsePerClass)
    .option("--min-margin <margin>", "least margin to the next best class, likewise", parsePerClass);

function criteriaOf(flags: CriteriaFlags): ObjectCriteria {
  if (Object.values(flags).every((value) => value === undefined))
    throw new TomoflowError("criteria-missing", "no criterion is given", {
      hint: "add --class, --min-size, … (see --help)",
    });
  return {
    labels: flags.class,
    tomogramIds: flags.tomogram,
    tomogramIndices: flags.tomogramIndex,
    objectIds: flags.id,
    minSize: flags.minSize,
    maxSize: flags.maxSize,
    minScore: flags.minScore,
    minMargin: flags.minMargin,
  };
}

/** What each flag asks of an object, and how it is called. */
const asked: Readonly<Record<keyof CriteriaFlags, readonly [field: keyof TomogramObject, name: string]>> = {
  class: ["label", "class"],
  tomogram: ["tomogramId", "tomogram id"],
  tomogramIndex: ["tomogramIndex", "tomogram number"],
  id: ["objectId", "object id"],
  minSize: ["clusterSize", "size"],
  maxSize: ["clusterSize", "size"],
  minScore: ["score", "score"],
  minMargin: ["margin", "margin"],
};

/** A list without sizes, say, is left empty by `--min-size`: that shall not go by in silence. */
function warnOfUnknown(list: ObjectList, flags: CriteriaFlags, fate: "dropped" | "kept"): void {
  for (const [flag, [field, name]] of Object.entries(asked)) {
    const limit = flags[flag as keyof CriteriaFlags];
    const isAsked = ({ label }: TomogramObject) =>
      Array.isArray(limit) || valueOfClass(limit as PerClass | undefined, label) !== undefined;
    const unknown = list.filter((object) => isAsked(object) && object[field] === undefined).length;
    if (unknown > 0)
      writeDiagnostics([
        warningDiagnostic(
          "objects-field-unknown",
          `${unknown} of ${list.length} objects have no ${name}, so that --${flagName(flag)} cannot be told of them: ${fate}`,
        ),
      ]);
  }
}

async function select(
  input: string,
  output: string,
  choose: (list: ObjectList) => ObjectList,
): Promise<void> {
  const list = await readList(input);
  await writeList(output, choose(list), { outOf: list.length });
}

async function maskFile(
  input: string,
  output: string,
  { mask, ...flags }: TomogramFlags & { mask: string },
): Promise<void> {
  const { readVolume } = await import("../../volume/formats.ts");
  const volume = await readVolume(mask);
  const { checkMask } = await import("../../steps/check-voxels.ts");
  const found = await checkMask({ path: mask, what: "the mask", use: "objects" });
  const wrong = found.find(({ severity }) => severity === "error");
  if (wrong) throw new TomoflowError(wrong.code, wrong.message, { hint: wrong.hint });
  writeDiagnostics(found);
  await select(input, output, (list) => keepInsideMask(ofTomogram(list, flags), volume));
}

async function clipFile(
  input: string,
  output: string,
  { volume, size, margin, ...flags }: TomogramFlags & { volume?: string; size?: Shape3; margin: number },
): Promise<void> {
  const shape = size ?? (volume === undefined ? undefined : await shapeOf(volume));
  if (!shape)
    throw new TomoflowError("volume-missing", "clip needs --volume or --size", {
      hint: "give the tomogram, or its size as --size z,y,x",
    });
  await select(input, output, (list) => clipObjects(ofTomogram(list, flags), shape, margin));
}

async function shapeOf(path: string): Promise<Shape3> {
  const { readVolumeInfo } = await import("../../volume/formats.ts");
  return (await readVolumeInfo(path)).shape;
}
