/** Mistakes in the parameters of `command` that its schema cannot tell. Pure: this is loaded with every command. */
import type { ParameterMistake } from "../../schema/step-description.ts";
import { closestName, didYouMeanOrList } from "../../schema/text/suggest.ts";
import type { CommandParameters } from "../command.ts";
import { knownPlaceholders, placeholdersOf } from "./placeholders.ts";

/** `parameters` as written, expressions included. */
export function checkCommand(parameters: CommandParameters): readonly ParameterMistake[] {
  return [
    ...oneProgram(parameters),
    ...namesOfFiles(parameters),
    ...outputOfStdout(parameters),
    ...(parameters.run ?? []).flatMap((word, index) => wordMistakes(parameters, String(word), index)),
    ...scriptMistakes(parameters),
    ...Object.entries(parameters.environment).flatMap(([name, value]) =>
      unknownPlaceholders(parameters, String(value), ["environment", name]),
    ),
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
    if (!(name in outputs)) return [];
    const hint = `give the output another name, e.g. new${name[0]!.toUpperCase()}${name.slice(1)}`;
    return [{ path: ["inputs", index], message: `${name} is an input and an output`, hint }];
  });
}

function outputOfStdout({ stdout, outputs }: CommandParameters): ParameterMistake[] {
  if (stdout === undefined || stdout in outputs) return [];
  const hint = didYouMeanOrList(stdout, Object.keys(outputs), "the outputs are");
  return [{ path: ["stdout"], message: `there is no output ${stdout}`, hint }];
}

function wordMistakes(parameters: CommandParameters, word: string, index: number): ParameterMistake[] {
  const path = ["run", index];
  if (!/^\.{1,2}\//.test(word)) return unknownPlaceholders(parameters, word, path);
  const name = /([A-Za-z_]\w*)[^/]*$/.exec(word)?.[1] ?? "script";
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
