import { resolve } from "node:path";
import type { Command } from "commander";
import { splitDataset } from "../core/dataset-path.ts";
import { checkRegularFile } from "../core/regular-file.ts";
import { type ServeFlags, serveStudio, shownBelow, withServing } from "./studio/serve.ts";

interface AnnotateFlags extends ServeFlags {
  readonly output: string;
}

export function registerAnnotateCommand(program: Command): void {
  withServing(program.command("annotate"))
    .argument("<tomogram>", "the tomogram")
    .requiredOption(
      "-o, --output <list>",
      "the object list (.xml, .xlsx, .csv, …); one that is there is gone on with",
    )
    .description("Mark the particles of a tomogram in the browser. What is done is saved as it is done.")
    .addHelpText("after", examples)
    .action(async (tomogram: string, flags: AnnotateFlags) => {
      const { file } = splitDataset(tomogram);
      await checkRegularFile(resolve(file), file);
      const root = process.cwd();
      const files = [resolve(tomogram), resolve(flags.output)] as const;
      const [shown, list] = [shownBelow(root, files[0]), shownBelow(root, files[1])];
      const screen = `#/annotate?${new URLSearchParams({ tomogram: shown, list })}`;
      await serveStudio({ root, named: [resolve(file), files[1]], screen }, flags);
    });
}

const examples = `
Examples:
  tomoflow annotate tomo.mrc -o picks.xml`;
