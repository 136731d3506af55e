/** Two texts line by line, for the eye: what only one of them has. */

export interface ComparedLine {
  readonly mine?: string;
  readonly theirs?: string;
  readonly isSame: boolean;
}

/** By the longest common run of lines; at most some thousand lines each. */
export function compareLines(mine: string, theirs: string): readonly ComparedLine[] {
  const [a, b] = [mine.split("\n"), theirs.split("\n")];
  const lengths = commonLengths(a, b);
  const lines: ComparedLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ mine: a[i++]!, theirs: b[j++]!, isSame: true });
    } else if (j >= b.length || (i < a.length && lengths[i + 1]![j]! >= lengths[i]![j + 1]!)) {
      lines.push({ mine: a[i++]!, isSame: false });
    } else lines.push({ theirs: b[j++]!, isSame: false });
  }
  return besideEachOther(lines);
}

/** Length of the longest common run of what follows line i of one and line j of the other. */
function commonLengths(a: readonly string[], b: readonly string[]): readonly Uint16Array[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i]![j] =
        a[i] === b[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
  return lengths;
}

/** A line that went and one that came in its place share a row. */
function besideEachOther(lines: readonly ComparedLine[]): readonly ComparedLine[] {
  const rows: ComparedLine[] = [];
  let from = 0;
  while (from < lines.length) {
    let to = from;
    while (to < lines.length && !lines[to]!.isSame) to++;
    const run = lines.slice(from, to);
    const gone = run.flatMap(({ mine }) => (mine === undefined ? [] : [mine]));
    const come = run.flatMap(({ theirs }) => (theirs === undefined ? [] : [theirs]));
    for (let index = 0; index < Math.max(gone.length, come.length); index++)
      rows.push({
        ...(gone[index] !== undefined && { mine: gone[index]! }),
        ...(come[index] !== undefined && { theirs: come[index]! }),
        isSame: false,
      });
    if (to < lines.length) rows.push(lines[to]!);
    from = to + 1;
  }
  return rows;
}
