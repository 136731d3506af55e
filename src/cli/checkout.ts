import type { Command } from "commander";
import { formatBytes } from "../core/bytes.ts";
import { type CheckedOutFile, checkoutLock } from "../runner/upkeep/index.ts";
import { readCheckoutSettings } from "../schema/checkout-settings.ts";
import { exitCode } from "./exit-code.ts";
import { count, paint, writeJson, writeLine } from "./output.ts";
import { findWorkflow, projectOf } from "./workflow-file.ts";

interface CheckoutFlags {
  readonly variant?: string;
  readonly json?: boolean;
}

export function registerCheckoutCommand(program: Command): void {
  program
    .command("checkout")
    .argument("[workflow]", "the workflow file (default: workflow.yaml)")
    .argument("[what...]", "steps, tasks, files or folders of results (default: all of the lock)")
    .description(
      "Put the results that the lock file names back into the working tree, from the cache. " +
        "Files edited by hand are kept under .tomoflow/replaced. Ends with 1 when something is not in the cache.",
    )
    .option("--variant <name>", "those of a named set of params from `variants`")
    .option("--json", "print {files: [{task, port, path, outcome, size, keptAs}]} as JSON")
    .addHelpText("after", examples)
    .action(async (path: string | undefined, what: readonly string[], flags: CheckoutFlags) => {
      const [file, only] = sortArguments(path, what);
      const files = await checkoutLock(placeOf(file, flags), { only });
      if (flags.json) writeJson({ files });
      else writeFiles(files);
      if (files.some(({ outcome }) => outcome === "absent")) process.exitCode = exitCode.taskFailed;
    });
}

const examples = `
Examples:
  tomoflow checkout                          after git checkout v1: the results as they were at v1
  tomoflow checkout chlamy.yaml segment      those of one step
  tomoflow checkout results/chlamy/train`;

/** A first argument that is no YAML file is already something to put back. */
const sortArguments = (
  path: string | undefined,
  what: readonly string[],
): [string | undefined, readonly string[]] =>
  path === undefined || /\.ya?ml$/i.test(path) ? [path, what] : [undefined, [path, ...what]];

/** Beyond the lock it needs to know how files are linked, and where results may go: the data may be elsewhere, and no module is run. */
function placeOf(file: string | undefined, { variant }: CheckoutFlags): Parameters<typeof checkoutLock>[0] {
  const place = projectOf(file ?? findWorkflow());
  const { link, outputFolders } = readCheckoutSettings(place.path, { variant });
  const steps = outputFolders.map((outputFolder) => ({ outputFolder }));
  return { ...place, variant, cache: { link }, steps };
}

function writeFiles(files: readonly CheckedOutFile[]): void {
  const absent = files.filter(({ outcome }) => outcome === "absent");
  const restored = files.filter(({ outcome }) => outcome === "restored");
  for (const { path, keptAs } of restored)
    if (keptAs !== undefined)
      writeLine(`${paint("yellow", "!")} ${path} was edited by hand: kept as ${keptAs}`);
  for (const { path, task } of absent)
    writeLine(`${paint("red", "✖")} ${path} (${task}) is not in the cache`);
  const bytes = restored.reduce((sum, { size }) => sum + size, 0);
  const same = files.length - absent.length - restored.length;
  const parts = [
    `${count(restored.length, "file")} put back${bytes > 0 ? ` (${formatBytes(bytes)})` : ""}`,
    same > 0 && `${same} there already`,
    absent.length > 0 && `${absent.length} not in the cache: tomoflow run makes them again`,
  ];
  writeLine(parts.filter(Boolean).join(", "));
}
