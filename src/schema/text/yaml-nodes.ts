/** What the YAML parser lets through and a workflow file does not: duplicated keys, keys that are no text, alias bombs. */
import { type Alias, type Document, isAlias, isCollection, isMap, isScalar, type Node, visit } from "yaml";
import { type Diagnostic, errorDiagnostic, type Location } from "../../core/diagnostic.ts";

/** Nodes that a file may have once every alias is written out. */
const largestExpansion = 100_000;

type Locate = (from: number, to: number) => Location;

export function checkYamlNodes(document: Document.Parsed, at: Locate): Diagnostic[] {
  const problems: Diagnostic[] = [];
  let firstAlias: Alias | undefined;
  visit(document, {
    Map: (_, map) => void problems.push(...keyProblems(map.items, at)),
    Scalar: (_, scalar) => {
      if (typeof scalar.value === "string" && scalar.value.includes("\0") && scalar.range)
        problems.push(holdsNul(at(scalar.range[0], scalar.range[1])));
    },
    Alias: (_, alias) => {
      firstAlias ??= alias;
      if (!alias.resolve(document)) problems.push(unknownAlias(alias, at));
    },
  });
  if (firstAlias && problems.length === 0) {
    const size = expandedSize(document.contents, document, new Map());
    if (size > largestExpansion) problems.push(aliasBomb(firstAlias, at));
  }
  return problems;
}

function keyProblems(items: readonly { key: unknown }[], at: Locate): Diagnostic[] {
  const problems: Diagnostic[] = [];
  const lines = new Map<string, number | undefined>();
  for (const { key } of items) {
    const node = key as Node | null;
    const location = node?.range ? at(node.range[0], node.range[1]) : undefined;
    if (!isScalar(node) || node.value === null) {
      const hint = "a value that starts with { or with an expression needs quotes";
      problems.push(errorDiagnostic("bad-key", "a key must be plain text", { location, hint }));
      continue;
    }
    const name = isMergeKey(node) ? "<<" : String(node.value);
    if (name === "__proto__") {
      const hint = "give it another name";
      problems.push(errorDiagnostic("bad-key", "__proto__ cannot be a key", { location, hint }));
    } else if (lines.has(name)) {
      const hint = `it is first given on line ${lines.get(name)}; keep one of them`;
      problems.push(errorDiagnostic("duplicate-key", `duplicate key ${name}`, { location, hint }));
    } else lines.set(name, location?.line);
  }
  return problems;
}

/** The key `<<`, whose maps are merged into this one; the parser gives it a symbol as value. */
export const isMergeKey = (key: unknown): boolean =>
  isScalar(key) && (typeof key.value === "symbol" || (key.value === "<<" && key.type === "PLAIN"));

/** No path, name or word of a program can hold it. */
const holdsNul = (location: Location): Diagnostic =>
  errorDiagnostic("control-character", "this text holds the control character U+0000", {
    location,
    hint: "take it out: no file and no program can have it in a name",
  });

function unknownAlias(alias: Alias, at: Locate): Diagnostic {
  const location = alias.range ? at(alias.range[0], alias.range[1]) : undefined;
  const message = `*${alias.source} has no anchor &${alias.source} before it`;
  const hint = "write the anchor earlier in the file; a text that starts with * needs quotes";
  return errorDiagnostic("unknown-alias", message, { location, hint });
}

function aliasBomb(alias: Alias, at: Locate): Diagnostic {
  const location = alias.range ? at(alias.range[0], alias.range[1]) : undefined;
  const message = `the aliases of this file expand to more than ${largestExpansion} values`;
  const hint = "an alias must not stand for itself, nor pile up on others";
  return errorDiagnostic("alias-bomb", message, { location, hint });
}

/** Number of nodes once aliases are written out; Infinity where an alias holds itself. */
function expandedSize(node: unknown, document: Document.Parsed, known: Map<unknown, number>): number {
  const target = isAlias(node) ? node.resolve(document) : node;
  if (!isCollection(target)) return 1;
  const size = known.get(target);
  if (size !== undefined) return size;
  known.set(target, Number.POSITIVE_INFINITY);
  let sum = 1;
  for (const item of target.items)
    sum += isMap(target)
      ? 1 + expandedSize((item as { value: unknown }).value, document, known)
      : expandedSize(item, document, known);
  known.set(target, sum);
  return sum;
}
