import type { Command } from "commander";
import { registerObjectConversion } from "./objects/conversion.ts";
import { registerObjectCounting } from "./objects/count.ts";
import { registerObjectEditing } from "./objects/editing.ts";
import { registerObjectSelection } from "./objects/selection.ts";

/** `tomoflow objects`: object lists converted, combined, selected and counted. */
export function registerObjectsCommands(program: Command): void {
  const objects = program
    .command("objects")
    .description(
      "Convert, merge, scale, filter, split and count object lists. The extension says the format: .xml and .xlsx as DeepFinder, .csv, .txt, .tsv; .star, .tbl, .em, .mod, .json and .coords as other programs (objects convert --help).",
    )
    .addHelpText("after", examples);
  registerObjectConversion(objects);
  registerObjectEditing(objects);
  registerObjectSelection(objects);
  registerObjectCounting(objects);
}

const examples = `
Examples:
  tomoflow objects convert picks.xlsx picks.xml
  tomoflow objects filter picks.xml good.xml --class 1,2 --min-size 1=100,2=40
  tomoflow objects scale picks_bin2.xml picks.xml --from-binned 2
  tomoflow objects count picks.xml`;
