/** Runs the program of a `command` step in a folder of its own, and sees that its outputs are there: files, and folders. */
import { mkdtemp, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { explainSystemError, TomoflowError } from "../../core/error.ts";
import { type FoundFile, passFileOn, whatIsAt } from "../../core/own-file.ts";
import { passFolderOn } from "../../core/own-folder.ts";
import { isFolderOutput, outputPath } from "../../schema/folder-ports.ts";
import type { CommandParameters } from "../command.ts";
import type { RunContext } from "../step-kind.ts";
import { folderHint, folderMessage } from "./check-command.ts";
import { shellProgram } from "./find-program.ts";
import { type CommandValues, commandVariables, fillPlaceholders } from "./placeholders.ts";

/**
 * Throws what `runProgram` throws, and `output-not-written` when the program ended well without an output. An output that
 * it wrote under its own name into its working folder counts.
 */
export async function runCommand(context: RunContext<CommandParameters>): Promise<void> {
  const { parameters, outputs } = context;
  const folder = await workingFolder(dirname(Object.values(outputs)[0]!));
  try {
    const values = valuesOf(context);
    const fill = (word: string | number | boolean) => fillPlaceholders(String(word), values);
    const environment = Object.entries(parameters.environment).map(([name, value]) => [name, fill(value)]);
    const words = parameters.run?.map(fill) ?? [...shellProgram, parameters.shell!];
    await context.runProgram(words, {
      folder,
      ...(parameters.stdout !== undefined && { stdout: outputs[parameters.stdout] }),
      environment: { ...commandVariables(values), ...Object.fromEntries(environment) },
    });
    await takeOutputs(context, folder, words[0]!);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function workingFolder(parent: string): Promise<string> {
  try {
    return await mkdtemp(join(parent, ".working-"));
  } catch (error) {
    throw explainSystemError(error, parent);
  }
}

function valuesOf(context: RunContext<CommandParameters>): CommandValues {
  const { parameters, rows, outputs, threads, memoryBytes, checkpointFolder } = context;
  const { files } = parameters;
  return { inputs: rows[0]!.files, outputs, files, threads, memoryBytes, checkpoint: checkpointFolder };
}

/** Where links lead is looked at while the working folder is there: they may lead into it. */
async function takeOutputs(
  { parameters, outputs }: RunContext<CommandParameters>,
  folder: string,
  program: string,
): Promise<void> {
  for (const [name, file] of Object.entries(parameters.outputs)) {
    const path = outputs[name]!;
    const places = [path, outputPath(folder, { file })];
    const found = await Promise.all(places.map(whatIsAt));
    const isFolder = isFolderOutput({ file });
    const from = places[found.indexOf(isFolder ? "folder" : "file")];
    if (from === undefined) throw wrongOutput(found, { name, file, program });
    const passOn = isFolder ? passFolderOn : passFileOn;
    await passOn(from, path, from === path ? dirname(path) : folder);
  }
}

function wrongOutput(
  found: readonly FoundFile[],
  { name, file, program }: { readonly name: string; readonly file: string; readonly program: string },
): TomoflowError {
  const start = `${program} ended well, but`;
  if (found.includes("folder"))
    return new TomoflowError("folder-output", `${start} ${folderMessage(name)}`, {
      hint: folderHint(name, file),
    });
  if (found.includes("file"))
    return new TomoflowError(
      "file-output",
      `${start} the output ${name} is a file, and declared as a folder`,
      {
        hint: `take the slash from its name, outputs: {${name}: ${file.replace(/\/+$/, "")}}, or make a folder of that name`,
      },
    );
  if (found.includes("special"))
    return new TomoflowError(
      "special-output",
      `${start} the output ${name} is a pipe, a socket or a device, and an output is a file`,
      { hint: "let it write into a file, or name the output as `stdout`" },
    );
  if (found.includes("dangling"))
    return new TomoflowError("output-not-written", `${start} the output ${name} is a link to nothing`, {
      hint: "let it write the file itself, or link to a file that stays",
    });
  return new TomoflowError("output-not-written", `${program} ended well but did not write ${name}`, {
    hint: `give it "{outputs.${name}}" as the path to write to; or let it write ${file} into its working folder`,
  });
}
