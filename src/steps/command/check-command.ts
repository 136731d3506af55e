/** Mistakes in the parameters of `command` that its schema cannot tell. Loaded with every command of the program. */
import { isFolderOutput } from "../../schema/folder-ports.ts";
import type { CheckContext, ParameterMistake } from "../../schema/step-description.ts";
import { closestName, didYouMeanOrList } from "../../schema/text/suggest.ts";
import type { CommandParameters } from "../command.ts";
import { knownPlaceholders, placeholdersOf } from "./placeholders.ts";
import { nameForFile, undeclaredFiles } from "./undeclared-files.ts";

/** `parameters` as written, expressions included. */
export function checkCommand(
  parameters: CommandParameters,
  context?: CheckContext,
): readonly ParameterMistake[] {
  return [
    ...oneProgram(parameters),
    ...namesOfFiles(parameters),
    ...outputOfStdout(parameters),
    ...holdingsOfNothing(parameters),
    ...folderOutputs(parameters),
    ...(parameters.run ?? []).flatMap((word, index) => wordMistakes(parameters, String(word), index)),
    ...scriptMistakes(parameters),
    ...Object.entries(parameters.environment).flatMap(([name, value]) =>
      unknownPlaceholders(parameters, String(value), ["environment", name]),
    ),
    ...(context
      ? undeclaredFiles({
          parameters: context.resolved as unknown as CommandParameters,
          folder: context.folder,
        })
      : []),
  ];
}

function oneProgram({ run, shell }: CommandParameters): ParameterMistake[] {
  if ((run === undefined) !== (shell === undefined)) return [];
  const message = run === undefined ? "there is no command" : "run and shell are both given";
  return [
    {
      path: run === undefined ? [] : ["shell"],
      message,
      hint: "give run, the list of a program and its arguments, or shell, a script",
    },
  ];
}

/** A file that is written where one is read would be a column that hides itself. */
function namesOfFiles({ inputs, outputs }: CommandParameters): ParameterMistake[] {
  return inputs.flatMap((name, index) => {
    if (!Object.hasOwn(outputs, name)) return [];
    const hint = `give the output another name, e.g. new${name[0]!.toUpperCase()}${name.slice(1)}`;
    return [{ path: ["inputs", index], message: `${name} is an input and an output`, hint }];
  });
}

function outputOfStdout({ stdout, outputs }: CommandParameters): ParameterMistake[] {
  if (stdout === undefined) return [];
  const path = ["stdout"];
  if (!Object.hasOwn(outputs, stdout))
    return [
      {
        path,
        message: `there is no output ${stdout}`,
        hint: didYouMeanOrList(stdout, Object.keys(outputs), "the outputs are"),
      },
    ];
  if (!isFolderOutput({ file: outputs[stdout]! })) return [];
  return [
    {
      path,
      message: `the output ${stdout} is a folder, and stdout is written into a file`,
      hint: "name an output without a slash at its end",
    },
  ];
}

function holdingsOfNothing({ holds = {}, inputs, outputs }: CommandParameters): ParameterMistake[] {
  const names = [...inputs, ...Object.keys(outputs)];
  return Object.keys(holds)
    .filter((name) => !names.includes(name))
    .map((name) => ({
      path: ["holds", name],
      message: `there is no input or output ${name}`,
      hint: didYouMeanOrList(name, names, "there are"),
    }));
}

/** Seen before anything runs where the command itself makes a folder of what is declared as a file. */
function folderOutputs({ outputs, run, shell = "" }: CommandParameters): ParameterMistake[] {
  const words = run?.map(String) ?? [];
  return Object.entries(outputs)
    .filter(([, file]) => !isFolderOutput({ file }))
    .filter(
      ([name]) =>
        (/(^|\/)mkdir$/.test(words[0] ?? "") && words.includes(`{outputs.${name}}`)) ||
        new RegExp(`\\bmkdir(\\s+-\\S+)*\\s+"?\\$\\{?outputs_${name}\\b\\}?"?\\s*($|[;&|\\n])`).test(shell),
    )
    .map(([name, file]) => ({
      path: ["outputs", name],
      code: "folder-output",
      message: folderMessage(name),
      hint: folderHint(name, file),
    }));
}

export const folderMessage = (name: string): string =>
  `the output ${name} is a folder, and declared as a file`;
export const folderHint = (name: string, file: string): string =>
  `put a slash behind its name, outputs: {${name}: ${file}/}, or write one file`;

function wordMistakes(parameters: CommandParameters, word: string, index: number): ParameterMistake[] {
  const path = ["run", index];
  if (!/^\.{1,2}\//.test(word)) return unknownPlaceholders(parameters, word, path);
  const name = nameForFile(word);
  return [
    {
      path,
      message: `${word} is a file, and tomoflow would not see it change`,
      hint: `name it, files: {${name}: ${word}}, and write "{files.${name}}" here`,
    },
  ];
}

function unknownPlaceholders(
  parameters: CommandParameters,
  text: string,
  path: ParameterMistake["path"],
): ParameterMistake[] {
  const known = knownPlaceholders({
    inputs: parameters.inputs,
    outputs: Object.keys(parameters.outputs),
    files: Object.keys(parameters.files),
  });
  // what stands in ${ } is an expression of the workflow
  return placeholdersOf(text.replace(/\$\{[^{}]*\}/g, ""))
    .filter((name) => !known.includes(name))
    .map((name) => {
      const suffix = known.find((other) => other.split(".")[1] === name);
      const near = suffix ?? closestName(name, known);
      const advice = near ? `did you mean {${near}}?` : `there are {${known.join("}, {")}}`;
      const inputs =
        /^(inputs\.)?\w+$/.test(name) && !near ? "; `inputs` lists the columns that it reads" : "";
      return {
        path,
        message: `nothing is called {${name}}`,
        hint: `${advice}${inputs}; {{${name}}} is literal`,
      };
    });
}

/** A path pasted into a script would be read by the shell: it is given in a variable, which cannot be misread. */
function scriptMistakes({ shell }: CommandParameters): ParameterMistake[] {
  if (shell === undefined) return [];
  const pasted = placeholdersOf(shell.replace(/\$\{[^{}]*\}/g, "")).find((name) =>
    /^(inputs|outputs|files)\./.test(name),
  );
  const expression = /\$\{[^{}]*\}/.exec(shell)?.[0];
  const path = ["shell"];
  if (expression !== undefined)
    return [
      {
        path,
        message: `${expression} in a script would be read by the shell`,
        hint: `give it as environment: {NAME: "${expression}"}, and write "$NAME" in the script`,
      },
    ];
  if (pasted === undefined) return [];
  const hint = `write "$${pasted.replace(".", "_")}", in double quotes`;
  return [{ path, message: `a script gets its files in variables, not as {${pasted}}`, hint }];
}
