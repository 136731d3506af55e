/** Finds what a user meant: the nearest of some known names, for "did you mean". */

/** The hint `did you mean NAME?`, or undefined when nothing is near enough. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const name = closestName(word, candidates);
  return name === undefined ? undefined : `did you mean ${name}?`;
}

/** The hint `did you mean …?`, else the list of what there is (at most twelve names). */
export function didYouMeanOrList(word: string, candidates: Iterable<string>, intro: string): string {
  const names = [...candidates];
  return (names.length > 0 && didYouMean(word, names)) || listNames(names, intro);
}

/** `the columns are a, b`; at most twelve names. */
export function listNames(names: readonly string[], intro: string): string {
  if (names.length === 0) return `${intro} none`;
  return `${intro} ${names.slice(0, 12).join(", ")}${names.length > 12 ? ", …" : ""}`;
}

/** The candidate with the fewest edits to `word`, at most a third of its length; case, `_` and `-` do not count. */
export function closestName(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = folded(word);
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  let best: string | undefined;
  let fewest = limit + 1;
  for (const candidate of candidates) {
    if (candidate === word) continue;
    const edits = editDistance(wanted, folded(candidate));
    if (edits < fewest) [best, fewest] = [candidate, edits];
  }
  return best;
}

/** Number of insertions, deletions, substitutions and swaps of neighbours between two words (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length];
}

const folded = (word: string): string => word.toLowerCase().replace(/[_\-\s]/g, "");
