/** What can be laid side by side, and what a choice of it asks for. Without the DOM. */
import type { CompareRequest, Revision, WorkflowChoice } from "../../../protocol/workflow.ts";

export interface ComparedSides {
  readonly choices: readonly { readonly name: string; readonly words: string; readonly detail?: string }[];
  /** Null while too little is picked. */
  readonly ask: CompareRequest | null;
  /** What to pick next. */
  readonly advice?: string;
}

const now = "now";

/** Two revisions, or variants of what is here now: what the command `compare` takes. */
export function comparedSides(
  choice: WorkflowChoice,
  {
    picked,
    variants,
    revisions,
  }: {
    readonly picked: readonly string[];
    readonly variants: readonly string[];
    readonly revisions: readonly Revision[];
  },
): ComparedSides {
  const commits = revisions.flatMap(({ commit, subject, date }) =>
    commit === undefined
      ? []
      : [{ name: `commit ${commit}`, words: commit.slice(0, 8), detail: `${date?.slice(0, 10)} ${subject}` }],
  );
  const others = variants.filter((name) => name !== choice.variant);
  const choices = [
    ...(commits.length + others.length > 0 ? [{ name: now, words: choice.variant ?? "Now" }] : []),
    ...others.map((name) => ({ name: `variant ${name}`, words: name, detail: "variant" })),
    ...commits,
  ];
  const of = (kind: string): string[] =>
    picked.flatMap((name) => (name.startsWith(`${kind} `) ? [name.slice(kind.length + 1)] : []));
  const [commitsPicked, variantsPicked] = [of("commit"), of("variant")];
  const own = choice.variant === undefined ? [] : [choice.variant];
  const ask = (wanted: Pick<CompareRequest, "revisions" | "variants">): ComparedSides => ({
    choices,
    ask: { path: choice.path, ...wanted },
  });
  if (choices.length === 0)
    return {
      choices,
      ask: null,
      advice: "Give the workflow variants, or commit its lock file to git after a run.",
    };
  if (commitsPicked.length > 0 && variantsPicked.length > 0)
    return { choices, ask: null, advice: "Pick revisions or variants, not both." };
  if (commitsPicked.length > 2) return { choices, ask: null, advice: "Pick two revisions at most." };
  if (commitsPicked.length === 2) return ask({ revisions: commitsPicked.toReversed(), variants: own });
  if (commitsPicked.length === 1 && picked.includes(now))
    return ask({ revisions: commitsPicked, variants: own });
  if (variantsPicked.length > 1)
    return ask({
      revisions: [],
      variants: picked.includes(now) ? [...own, ...variantsPicked] : variantsPicked,
    });
  if (variantsPicked.length === 1 && picked.includes(now))
    return ask({ revisions: [], variants: [...own, ...variantsPicked] });
  return { choices, ask: null, advice: picked.length === 0 ? "Pick two to compare." : "Pick one more." };
}
