/** A process that runs commands of tomoflow one after the other, for tests of many: its parent sends them over IPC. */
import type { CommandResult } from "./command-line.ts";
import { programModule } from "./program-start.ts";

export interface CommandRequest {
  readonly words: readonly string[];
  readonly folder: string;
}

const { runProgram } = (await import(programModule)) as typeof import("../../src/cli/program.ts");

const output = { stdout: "", stderr: "" };
for (const name of ["stdout", "stderr"] as const)
  process[name].write = (chunk: string | Uint8Array): boolean => {
    output[name] += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
    return true;
  };

process.on("message", async ({ words, folder }: CommandRequest) => {
  output.stdout = output.stderr = "";
  process.chdir(folder);
  const code = await runProgram(words);
  process.send!({ code, ...output } satisfies CommandResult);
});
