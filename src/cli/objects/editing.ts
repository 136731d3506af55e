/** `tomoflow objects merge`, `scale` and `split`. */
import { basename, extname, join } from "node:path";
import { type Command, Option } from "commander";
import { TomoflowError } from "../../core/error.ts";
import { objectFormats } from "../../objects/object-formats.ts";
import type { ObjectList } from "../../objects/object-list.ts";
import { mergeObjects, type SplitKey, splitObjects } from "../../objects/operations/combine.ts";
import { scaleObjects } from "../../objects/operations/scale.ts";
import { parsePositive, readList, writeList } from "./flags.ts";

export function registerObjectEditing(objects: Command): void {
  objects
    .command("merge")
    .description("Join object lists into one, in their order.")
    .argument("<inputs...>", "object lists")
    .requiredOption("-o, --output <file>", "file to write")
    .option("--name-tomograms", "give each object its file's base name as tomogram")
    .addHelpText(
      "after",
      "\nExample:\n  tomoflow objects merge t0.xml t1.xml --output all.xml --name-tomograms",
    )
    .action(mergeFiles);
  objects
    .command("scale")
    .description("Scale coordinates to another voxel size; cluster sizes scale along.")
    .argument("<input>", "object list")
    .argument("<output>", "file to write")
    .addOption(
      new Option("--factor <number>", "multiply coordinates, as DeepFinder").argParser(parsePositive),
    )
    .addOption(
      new Option("--from-binned <n>", "from a volume binned by n to the full one").argParser(parsePositive),
    )
    .addOption(
      new Option("--to-binned <n>", "from a full volume to one binned by n").argParser(parsePositive),
    )
    .addHelpText("after", scaleHelp)
    .action(scaleFile);
  objects
    .command("split")
    .description("Write one list for each class or tomogram.")
    .argument("<input>", "object list")
    .argument("<folder>", "folder to write to")
    .addOption(
      new Option("--by <what>", "what tells the parts apart").choices(["class", "tomogram"]).default("class"),
    )
    .addOption(new Option("--format <name>", "format; by default the input's").choices(formatNames()))
    .addHelpText("after", "\nExample:\n  tomoflow objects split all.xml lists --by tomogram")
    .action(splitFile);
}

const scaleHelp = `
--from-binned and --to-binned count from the outer corner of the first voxel, which is right for volumes binned by
averaging blocks (tomoflow volume bin, IMOD binvol); --factor multiplies, so that the first voxel's centre stays at 0.

Examples:
  tomoflow objects scale picks_bin2.xml picks.xml --from-binned 2
  tomoflow objects scale picks.xml half.xml --factor 0.5`;

const formatNames = (): string[] => objectFormats.map(({ name }) => name);

async function mergeFiles(
  inputs: readonly string[],
  { output, nameTomograms }: { output: string; nameTomograms?: boolean },
): Promise<void> {
  const lists: ObjectList[] = [];
  for (const input of inputs) {
    const list = await readList(input);
    const tomogramId = basename(input, extname(input));
    lists.push(nameTomograms ? list.map((object) => ({ ...object, tomogramId })) : list);
  }
  await writeList(output, mergeObjects(lists));
}

interface ScaleFlags {
  readonly factor?: number;
  readonly fromBinned?: number;
  readonly toBinned?: number;
}

async function scaleFile(
  input: string,
  output: string,
  { factor, fromBinned, toBinned }: ScaleFlags,
): Promise<void> {
  const given = [factor, fromBinned, toBinned].filter((value) => value !== undefined);
  if (given.length !== 1)
    throw new TomoflowError("scale-ambiguous", "scale needs one of --factor, --from-binned and --to-binned", {
      hint: "tomoflow objects scale --help explains them",
    });
  const list = await readList(input);
  const scaled =
    factor !== undefined
      ? scaleObjects(list, factor)
      : scaleObjects(list, fromBinned ?? 1 / (toBinned ?? 1), "corner");
  await writeList(output, scaled);
}

async function splitFile(
  input: string,
  folder: string,
  { by, format }: { by: SplitKey; format?: string },
): Promise<void> {
  const list = await readList(input);
  const extension =
    format === undefined ? extname(input) : objectFormats.find(({ name }) => name === format)?.extensions[0];
  const parts = [...splitObjects(list, by)].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
  for (const [part, objects] of parts) {
    const name = by === "class" ? `class${part}` : safeName(part);
    await writeList(join(folder, `${basename(input, extname(input))}_${name}${extension}`), objects);
  }
}

/** Tomogram ids come from the file: they must not lead out of the folder. */
const safeName = (text: string): string => text.replace(/[^A-Za-z0-9._-]/g, "_");
