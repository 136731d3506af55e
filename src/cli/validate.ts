import type { Command } from "commander";
import type { Diagnostic } from "../core/diagnostic.ts";
import type { Workflow } from "../schema/workflow.ts";
import { exitCode } from "./exit-code.ts";
import { count, writeDiagnostics, writeErrorLine, writeJson, writeLine } from "./output.ts";
import { findWorkflow, readSession, type WorkflowFlags, withWorkflow } from "./workflow-file.ts";

interface ValidateFlags extends WorkflowFlags {
  readonly json?: boolean;
}

export function registerValidateCommand(program: Command): void {
  withWorkflow(program.command("validate"))
    .description(
      "Check a workflow file and what is in the files it names, as a run does before its first task; show every mistake " +
        "with its line. Tasks that are up to date are not looked at again. Runs nothing.",
    )
    .option("--json", "print {ok, diagnostics} as JSON")
    .addHelpText("after", examples)
    .action(validate);
}

const examples = `
Examples:
  tomoflow validate
  tomoflow validate chlamy.yaml --set epochs=5
  tomoflow validate chlamy.yaml --json

Exit codes: 0 the workflow can run, 2 it has mistakes.`;

async function validate(path: string | undefined, { json, ...flags }: ValidateFlags): Promise<void> {
  const file = path ?? findWorkflow();
  const result = await readSession(file, flags);
  const found = result.ok ? await result.value.check() : [];
  const diagnostics: readonly Diagnostic[] = [...result.diagnostics, ...found];
  const ok = diagnostics.every(({ severity }) => severity !== "error");
  if (!ok) process.exitCode = exitCode.wrongInput;
  if (json) return writeJson({ ok, diagnostics });
  writeDiagnostics(diagnostics);
  if (ok && result.ok) writeLine(`${file} is right: ${describe(result.value.workflow)}`);
  else writeErrorLine(`${count(diagnostics.length, "problem")} in ${file}`);
}

function describe({ rows, steps, classes }: Workflow): string {
  const disabled = steps.filter(({ enabled }) => !enabled).length;
  const parts = [
    `${rows.length} ${rows.length === 1 ? "tomogram" : "tomograms"}`,
    `${classes.length} ${classes.length === 1 ? "class" : "classes"}`,
    count(steps.length, "step"),
  ];
  return parts.join(", ") + (disabled > 0 ? ` (${disabled} disabled)` : "");
}
