/**
 * Patterns of file names: `*`, `?`, `[a-z]`, `[!a-z]`, `{a,b}`. All ways through the pattern are followed at once (Thompson 1968), so
 * that the time is that of the name's length by the pattern's, however many stars there are.
 */

export type NameMatcher = (name: string) => boolean;

type Test = (character: string) => boolean;

/** A state of the pattern: takes a character that fits and goes on, or goes on without one. */
type State = { readonly fits: Test; readonly next: State } | { readonly ways: State[] } | "end";

/** A bracket or brace that is not closed stands for itself. */
export function nameMatcher(pattern: string): NameMatcher {
  const start = compile(Array.from(pattern), "end");
  return (name) => {
    let states = closure([start]);
    for (const character of name) {
      const after = [...states].flatMap((state) =>
        state !== "end" && "fits" in state && state.fits(character) ? [state.next] : [],
      );
      if (after.length === 0) return false;
      states = closure(after);
    }
    return states.has("end");
  };
}

/** What can be reached without a character. */
function closure(states: readonly State[]): Set<State> {
  const reached = new Set<State>();
  const open = [...states];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (reached.has(state)) continue;
    reached.add(state);
    if (state !== "end" && "ways" in state) open.push(...state.ways);
  }
  return reached;
}

/** The state from which `characters` lead to `next`. */
function compile(characters: readonly string[], next: State): State {
  let state = next;
  for (const piece of piecesOf(characters).reverse()) state = compilePiece(piece, state);
  return state;
}

type Piece =
  | { readonly type: "any" }
  | { readonly type: "one"; readonly fits: Test }
  | { readonly type: "either"; readonly choices: readonly (readonly string[])[] };

function compilePiece(piece: Piece, next: State): State {
  if (piece.type === "one") return { fits: piece.fits, next };
  if (piece.type === "either") return { ways: piece.choices.map((choice) => compile(choice, next)) };
  const ways: State[] = [next];
  const loop = { ways };
  ways.push({ fits: () => true, next: loop });
  return loop;
}

function piecesOf(characters: readonly string[]): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!;
    const end = character === "[" || character === "{" ? closing(characters, at) : -1;
    if (character === "*") pieces.push({ type: "any" });
    else if (character === "?") pieces.push({ type: "one", fits: () => true });
    else if (end < 0) pieces.push({ type: "one", fits: (other) => other === character });
    else {
      const inside = characters.slice(at + 1, end);
      if (character === "[") pieces.push({ type: "one", fits: setOf(inside) });
      else pieces.push({ type: "either", choices: choicesOf(inside) });
      at = end;
    }
  }
  return pieces;
}

/** The place of the bracket that closes the one at `start`; -1 where there is none. */
function closing(characters: readonly string[], start: number): number {
  if (characters[start] === "[") {
    const first = characters[start + 1] === "!" || characters[start + 1] === "^" ? start + 3 : start + 2;
    return characters.indexOf("]", first);
  }
  let depth = 0;
  for (let at = start; at < characters.length; at++) {
    if (characters[at] === "{") depth++;
    if (characters[at] === "}" && --depth === 0) return at;
  }
  return -1;
}

/** Split at the commas that are in no inner braces. */
function choicesOf(inside: readonly string[]): string[][] {
  const choices: string[][] = [[]];
  let depth = 0;
  for (const character of inside) {
    if (character === "{") depth++;
    if (character === "}") depth--;
    if (character === "," && depth === 0) choices.push([]);
    else choices.at(-1)!.push(character);
  }
  return choices;
}

function setOf(inside: readonly string[]): Test {
  const isOpposite = inside[0] === "!" || inside[0] === "^";
  const members = isOpposite ? inside.slice(1) : inside;
  const ranges: [from: string, to: string][] = [];
  for (let at = 0; at < members.length; at++) {
    const isRange = members[at + 1] === "-" && at + 2 < members.length;
    ranges.push([members[at]!, members[isRange ? at + 2 : at]!]);
    if (isRange) at += 2;
  }
  const codeOf = (character: string) => character.codePointAt(0)!;
  return (character) =>
    ranges.some(([from, to]) => codeOf(from) <= codeOf(character) && codeOf(character) <= codeOf(to)) !==
    isOpposite;
}
