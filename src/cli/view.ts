import { resolve } from "node:path";
import type { Command } from "commander";
import { splitDataset } from "../core/dataset-path.ts";
import { checkRegularFile } from "../core/regular-file.ts";
import { type ServeFlags, serveStudio, shownBelow, withServing } from "./studio/serve.ts";

interface ViewFlags extends ServeFlags {
  readonly labels?: string;
  readonly scores?: string;
  readonly objects?: string;
}

export function registerViewCommand(program: Command): void {
  withServing(program.command("view"))
    .argument("<files...>", "a tomogram, and what belongs to it: a second one, a label map, an object list")
    .description("Look at volumes and object lists in the browser. What each file is, is found out.")
    .option("--labels <file>", "a label map")
    .option("--scores <file>", "a map of scores")
    .option("--objects <file>", "an object list")
    .addHelpText("after", examples)
    .action(async (files: readonly string[], flags: ViewFlags) => {
      for (const file of [...files, flags.labels, flags.scores, flags.objects])
        if (file !== undefined) await checkRegularFile(fileOf(resolve(file)), fileOf(file));
      const { sortFiles } = await import("../studio/server/index.ts");
      const sorted = await sortFiles(files.map((file) => resolve(file)));
      const named = (file: string | undefined) => (file === undefined ? [] : [resolve(file)]);
      const labels = [...named(flags.labels), ...sorted.labels][0];
      const objects = [...named(flags.objects), ...sorted.objects][0];
      const scores = named(flags.scores)[0];
      const root = process.cwd();
      const words = new URLSearchParams();
      for (const volume of sorted.volumes.slice(0, 2)) words.append("volume", shownBelow(root, volume));
      for (const [name, file] of Object.entries({ labels, scores, objects }))
        if (file !== undefined) words.append(name, shownBelow(root, file));
      const all = [...sorted.volumes, labels, scores, objects].filter((file) => file !== undefined);
      await serveStudio({ root, named: all.map(fileOf), screen: `#/look?${words}` }, flags);
    });
}

/** Without the data set that may be named with it. */
const fileOf = (path: string): string => splitDataset(path).file;

const examples = `
Examples:
  tomoflow view tomo.mrc
  tomoflow view tomo.mrc labels.mrc picks.xml      with the label map and the objects over it
  tomoflow view tomo.mrc denoised.mrc              two tomograms side by side
  tomoflow view tomo.mrc --scores scores.h5#/class1   the scores of class 1 over it`;
