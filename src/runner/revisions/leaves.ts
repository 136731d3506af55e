/** Nested values as one list of names, so that two of them can be laid side by side. */

export type Leaf = string | number | boolean | null;

/**
 * `{macro: {f1: 0.9}}` becomes `macro.f1` → 0.9. A list is one value, as JSON; an empty map is none. Names start with
 * `prefix`.
 */
export function leavesOf(value: unknown, prefix: string): ReadonlyMap<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  const visit = (inner: unknown, name: string): void => {
    if (inner === undefined) return;
    if (inner === null || ["string", "number", "boolean"].includes(typeof inner))
      leaves.set(name, inner as Leaf);
    else if (Array.isArray(inner)) leaves.set(name, JSON.stringify(inner));
    else for (const [key, member] of Object.entries(inner as object)) visit(member, join(name, key));
  };
  visit(value, prefix);
  return leaves;
}

const join = (prefix: string, name: string): string => (prefix === "" ? name : `${prefix}.${name}`);
