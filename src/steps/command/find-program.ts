/** Looks for the program of a command before anything starts. */
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { ownValue } from "../../schema/text/data-path.ts";
import type { CommandParameters } from "../command.ts";

/** What a script is run by. */
export const shellProgram = ["bash", "-e", "-u", "-o", "pipefail", "-c"] as const;

export async function checkProgram({
  run,
  environment,
  files,
}: CommandParameters): Promise<readonly Diagnostic[]> {
  const first = String(run?.[0] ?? shellProgram[0]);
  const named = /^\{files\.(\w+)\}$/.exec(first)?.[1];
  const program = named === undefined ? first : (ownValue(files, named) ?? first);
  if (program.includes("{")) return [];
  const search = String(environment.PATH ?? process.env.PATH ?? "");
  const places = program.includes("/")
    ? [program]
    : search.split(delimiter).map((folder) => join(folder, program));
  const found = await Promise.all(places.map((path) => mayRun(path)));
  if (found.includes("yes")) return [];
  if (found.includes("no"))
    return [
      errorDiagnostic("program-not-executable", `${program} may not be executed`, {
        hint: `chmod +x ${program}, or name its interpreter: run: [python3, "${first}", …]`,
      }),
    ];
  return [
    errorDiagnostic("program-missing", `there is no program ${program}`, {
      hint: "install it, add its folder to PATH (load its module, activate its environment), or give its whole path",
    }),
  ];
}

async function mayRun(path: string): Promise<"yes" | "no" | "missing"> {
  try {
    await access(path, constants.X_OK);
    return "yes";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES" ? "no" : "missing";
  }
}
