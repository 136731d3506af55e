/** Steps that are named but not there, circles, and the order in which each step comes after what it needs. */

import type { StepDraft } from "../step-draft.ts";
import { type Findings, report } from "../text/findings.ts";
import { closestName, didYouMeanOrList } from "../text/suggest.ts";
import { tableName } from "../values/table-flow.ts";

/**
 * Notes every reference that leads nowhere and every circle. Returns the steps in dependency order (that of the file
 * where there is a choice); those that cannot be followed have lost their `step`, others the parameters that lead nowhere.
 */
export function orderSteps(findings: Findings, drafts: readonly StepDraft[]): readonly StepDraft[] {
  const byId = new Map(drafts.map((draft) => [draft.id, draft]));
  const { ordered, inCircle } = sortSteps(findings, drafts, byId);
  const lost = new Set<string>(inCircle);
  for (const { id, step } of drafts) if (!step) lost.add(id);
  const wrong = new Set(
    drafts.flatMap((draft) =>
      draft.references.filter((reference) => !checkReference(findings, reference, { draft, byId })),
    ),
  );
  return ordered.map((draft) => {
    const dead = draft.references.filter((reference) => wrong.has(reference) || lost.has(reference.step));
    if (!dead.some(({ output }) => output === undefined) && !lost.has(draft.id))
      return withoutReferences(draft, dead);
    lost.add(draft.id);
    return { ...draft, step: undefined };
  });
}

/** The step without the parameters and inputs that hold these references. */
function withoutReferences(draft: StepDraft, dead: StepDraft["references"]): StepDraft {
  const { step } = draft;
  if (!step || dead.length === 0) return draft;
  const names = new Set(dead.map(({ spot }) => String(spot.path[3])));
  const without = (values: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !names.has(name)));
  const pruned = {
    ...step,
    parameters: without(step.parameters),
    inputOverrides: without(step.inputOverrides),
  };
  return { ...draft, step: pruned, uncertain: true };
}

function sortSteps(
  findings: Findings,
  drafts: readonly StepDraft[],
  byId: ReadonlyMap<string, StepDraft>,
): { readonly ordered: readonly StepDraft[]; readonly inCircle: ReadonlySet<string> } {
  const ordered: StepDraft[] = [];
  const done = new Set<string>();
  const inCircle = new Set<string>();
  const visit = (draft: StepDraft, way: readonly StepDraft[]): void => {
    if (done.has(draft.id)) return;
    if (way.includes(draft)) {
      const circle = way.slice(way.indexOf(draft));
      if (circle.some(({ id }) => !inCircle.has(id))) reportCircle(findings, circle);
      for (const { id } of circle) inCircle.add(id);
      return;
    }
    for (const { step } of draft.references) {
      const next = byId.get(step);
      if (next) visit(next, [...way, draft]);
    }
    if (done.has(draft.id)) return;
    done.add(draft.id);
    ordered.push(draft);
  };
  for (const draft of drafts) visit(draft, []);
  return { ordered, inCircle };
}

function checkReference(
  findings: Findings,
  { step: id, output, spot }: StepDraft["references"][number],
  { draft, byId }: { draft: StepDraft; byId: ReadonlyMap<string, StepDraft> },
): boolean {
  const target = byId.get(id);
  if (!target) {
    const others = [...byId.keys()].filter((other) => other !== draft.id);
    const scope = output === undefined ? undefined : closestName(id, ["params", "env", "row"]);
    const hint = scope && !closestName(id, others) ? `did you mean ${scope}.${output}?` : undefined;
    const known = output === undefined ? [tableName, ...others] : others;
    const message = `there is no step ${id}`;
    report(
      findings,
      { code: "unknown-step", message, hint: hint ?? didYouMeanOrList(id, known, "the steps are") },
      spot,
    );
    return false;
  }
  if (output === undefined) return true;
  const { outputs } = target;
  if (outputs && !outputs.includes(output)) {
    const hint = didYouMeanOrList(output, outputs, "its outputs are");
    report(findings, { code: "unknown-output", message: `step ${id} has no output ${output}`, hint }, spot);
    return false;
  }
  if (target.enabled || !draft.enabled) return true;
  const hint = `disable step ${draft.id} as well, or give a file instead`;
  report(
    findings,
    { code: "step-disabled", message: `step ${id} is disabled, so it writes no ${output}`, hint },
    spot,
  );
  return false;
}

function reportCircle(findings: Findings, circle: readonly StepDraft[]): void {
  const ids = circle.map(({ id }) => id);
  const first = circle[0];
  const next = ids[1] ?? ids[0];
  const spot = first.references.find(({ step }) => step === next)?.spot ?? { path: ["steps", first.id] };
  const way = [...ids, ids[0]].join(" → ");
  const hint = "a step reads what earlier steps write; follow the arrows and cut one";
  report(findings, { code: "cycle", message: `steps wait for each other in a circle: ${way}`, hint }, spot);
}
