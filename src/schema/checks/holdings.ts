/** Files that are given where a file of another kind is taken: weights in place of labels, metrics in place of objects. */
import { fits, type Holding, holdings, holdingTitle, isHolding } from "../holding.ts";
import { holdingOf, type InputPort, type Ports, type StepDescription } from "../step-description.ts";
import { ownValue, type Path } from "../text/data-path.ts";
import { type Findings, report, warn } from "../text/findings.ts";
import { listNames } from "../text/suggest.ts";
import { formatReference, listReferences, parseTemplate, type Reference } from "../values/expression.ts";
import { portsOrNothing } from "../values/input-ports.ts";
import { type ColumnOrigin, columnsOf, findStep, portsOf } from "../values/table-flow.ts";
import type { Workflow, WorkflowStep } from "../workflow.ts";

type Wanted = Holding | readonly Holding[];

/** Notes every input and file parameter of the step that is given a file which holds something else. */
export function checkHoldings(
  findings: Findings,
  step: WorkflowStep,
  { workflow, ports }: { readonly workflow: Workflow; readonly ports: Ports },
): void {
  if (!step.enabled || reportUnknown(findings, step, ports)) return;
  const scope: Scope = { workflow, step, columns: columnsOf(workflow, step) };
  for (const port of ports.inputs) {
    const { name, holds } = port;
    if (holds === undefined) continue;
    const given = givenTo(scope, port);
    if (given)
      tell(findings, scope, { ...given, name, wanted: holds, hint: () => hintFor(scope, name, holds) });
  }
  for (const [name, value] of Object.entries(step.parameters)) {
    const wanted = ownValue(step.kind.parameters.properties, name)?.["x-holds"];
    if (wanted === undefined) continue;
    for (const { path, reference } of listReferences(value)) {
      const file = fileBehind(scope, reference);
      const spot = { path: ["with", name, ...path], text: formatReference(reference) };
      if (file)
        tell(findings, scope, { ...spot, file, name, wanted, hint: () => otherOutput(scope, wanted) });
    }
  }
}

interface Scope {
  readonly workflow: Workflow;
  readonly step: WorkflowStep;
  readonly columns: ReadonlyMap<string, ColumnOrigin>;
}

/** A file, as messages call it, and what it holds. */
interface KnownFile {
  readonly shown: string;
  readonly holds: Holding;
}

interface Given {
  readonly file: KnownFile;
  /** Inside the step. */
  readonly path: Path;
  readonly text?: string;
}

/** What the port is given, where it is known what that holds. */
function givenTo(scope: Scope, { name }: InputPort): Given | undefined {
  const override = ownValue(scope.step.inputOverrides, name);
  if (override === undefined) {
    const origin = scope.columns.get(name);
    const holds = origin?.type === "output" ? holdingOfOutput(scope, origin.step, name) : undefined;
    return (
      holds && { file: { shown: `the column ${name} of ${scope.step.source.from}`, holds }, path: ["from"] }
    );
  }
  const { whole } = parseTemplate(String(override));
  const file = whole && fileBehind(scope, whole);
  return file && { file, path: ["with", name], text: formatReference(whole) };
}

function fileBehind(scope: Scope, reference: Reference): KnownFile | undefined {
  const shown = formatReference(reference);
  if (reference.scope === "step") {
    const holds = holdingOfOutput(scope, reference.step, reference.output);
    return holds && { shown, holds };
  }
  if (reference.scope !== "row") return undefined;
  const { column } = reference;
  const origin = scope.columns.get(column);
  if (origin?.type === "output") {
    const holds = holdingOfOutput(scope, origin.step, column);
    return holds && { shown, holds };
  }
  const holds = origin && holdingOfColumn(scope, column);
  return holds && { shown, holds };
}

function holdingOfOutput({ workflow }: Scope, id: string, output: string): Holding | undefined {
  const step = findStep(workflow, id);
  const port = step && outputsOf(workflow, step).find(({ name }) => name === output);
  return port && holdingOf(port);
}

const outputsOf = (workflow: Workflow, step: WorkflowStep): Ports["outputs"] => {
  try {
    return portsOf(workflow, step).outputs;
  } catch {
    return [];
  }
};

/** What a column of the table holds: what the steps take that read it by its own name, where they all take one thing. */
function holdingOfColumn({ workflow }: Scope, column: string): Holding | undefined {
  const readers = workflow.steps.filter(
    (step) =>
      ownValue(step.inputOverrides, column) === undefined &&
      columnsOf(workflow, step).get(column)?.type === "table",
  );
  const taken = readers.flatMap(({ kind, parameters }) =>
    (portsOrNothing(kind, parameters)?.inputs ?? []).filter(({ name }) => name === column),
  );
  const kinds = new Set(taken.map(({ holds }) => (typeof holds === "string" ? holds : undefined)));
  const [only] = kinds;
  return kinds.size === 1 ? only : undefined;
}

interface Mismatch extends Given {
  readonly name: string;
  readonly wanted: Wanted;
  readonly hint: () => string;
}

function tell(findings: Findings, { step }: Scope, { file, name, wanted, path, text, hint }: Mismatch): void {
  const fit = fits(file.holds, wanted);
  if (fit === "yes") return;
  const message = `${file.shown} holds ${holdingTitle(file.holds)}, but ${name} of step ${step.id} takes ${holdingTitle(wanted)}`;
  const note = fit === "doubtful" ? warn : report;
  note(
    findings,
    { code: "wrong-file-kind", message, hint: hint() },
    { path: ["steps", step.id, ...path], text },
  );
}

/** A column that the input can be read from, or else an output. */
function hintFor(scope: Scope, name: string, wanted: Wanted): string {
  const isRight = (column: string): boolean => {
    const file = fileBehind(scope, { scope: "row", column });
    return file !== undefined && fits(file.holds, wanted) === "yes";
  };
  const isRedirected = ownValue(scope.step.inputOverrides, name) !== undefined;
  if (isRedirected && isRight(name)) return `leave it out to read the column ${name}`;
  const column = [...scope.columns.keys()].find(isRight);
  if (column === undefined) return otherOutput(scope, wanted);
  return isRedirected ? `write "\${row.${column}}"` : `set ${name} in with: ${name}: \${row.${column}}`;
}

/** An output of an earlier step that fits. */
function otherOutput({ workflow, step }: Scope, wanted: Wanted): string {
  const found = workflow.steps
    .slice(0, workflow.steps.indexOf(step))
    .toReversed()
    // a step over all rows cannot take one row's file
    .filter(({ kind }) => step.kind.scope === "row" || kind.scope === "table")
    .flatMap((earlier) =>
      outputsOf(workflow, earlier)
        .filter((port) => {
          const holds = holdingOf(port);
          return holds !== undefined && fits(holds, wanted) === "yes";
        })
        .map(({ name }) => `\${${earlier.id}.${name}}`),
    );
  if (found.length === 0) return `no earlier step writes ${holdingTitle(wanted)}: name a file that holds it`;
  return found.length === 1 ? `did you mean ${found[0]}?` : listNames(found, "there are");
}

/** A user's own kind may say anything. */
function reportUnknown(findings: Findings, step: WorkflowStep, { inputs, outputs }: Ports): boolean {
  const said = [...inputs, ...outputs].flatMap(({ name, holds }) =>
    [holds ?? []].flat().map((one) => ({ name, one })),
  );
  const wrong = said.find(({ one }) => !isHolding(one));
  if (!wrong) return false;
  const message = `the port ${wrong.name} of ${(step.kind as StepDescription).name} holds ${JSON.stringify(wrong.one)}, which tomoflow does not know`;
  const hint = `it can be ${holdings.join(", ")}, or left out`;
  report(findings, { code: "bad-step-kind", message, hint }, { path: ["steps", step.id, "uses"] });
  return true;
}
