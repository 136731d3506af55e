/** What a line such as `ribosome score>0.5 z<100 undecided` means for the objects of a list. */
import type { ListedObject } from "../../protocol/lists.ts";

export type ObjectTest = (object: ListedObject) => boolean;

export interface Filter {
  readonly test: ObjectTest;
  /** Words that mean nothing; shown, so that nobody takes an empty table for an empty list. */
  readonly unknown: readonly string[];
}

/** Numbers that can be compared, by what people call them. */
const numbers: Readonly<Record<string, (object: ListedObject) => number | undefined>> = {
  x: ({ x }) => x,
  y: ({ y }) => y,
  z: ({ z }) => z,
  class: ({ label }) => label,
  score: ({ score }) => score,
  margin: ({ margin }) => margin,
  size: ({ clusterSize }) => clusterSize,
  phi: ({ phi }) => phi,
  psi: ({ psi }) => psi,
  the: ({ the }) => the,
  theta: ({ the }) => the,
  id: ({ objectId }) => objectId,
};

const comparisons: Readonly<Record<string, (value: number, than: number) => boolean>> = {
  "<": (value, than) => value < than,
  "<=": (value, than) => value <= than,
  ">": (value, than) => value > than,
  ">=": (value, than) => value >= than,
  "=": (value, than) => value === than,
};

const marks: Readonly<Record<string, ObjectTest>> = {
  accepted: ({ mark }) => mark === "accepted",
  rejected: ({ mark }) => mark === "rejected",
  undecided: ({ mark }) => mark === undefined,
};

/** @param names of the classes, by label: a word finds objects whose class's name, tomogram or own columns hold it */
export function parseFilter(line: string, names: ReadonlyMap<number, string>): Filter {
  const unknown: string[] = [];
  const tests = line
    .replace(/\s*(<=|>=|<|>|=)\s*/g, "$1")
    .split(/\s+/)
    .filter(Boolean)
    .flatMap((word) => {
      const one = testOf(word, names);
      if (!one) unknown.push(word);
      return one ?? [];
    });
  return { test: (object) => tests.every((test) => test(object)), unknown };
}

function testOf(word: string, names: ReadonlyMap<number, string>): ObjectTest | undefined {
  const [, field, sign, text] = /^([a-z]+)(<=|>=|<|>|=)(.*)$/i.exec(word) ?? [];
  if (sign === undefined) return marks[word.toLowerCase()] ?? holds(word.toLowerCase(), names);
  const read = Object.hasOwn(numbers, field!.toLowerCase()) ? numbers[field!.toLowerCase()] : undefined;
  const than = Number(text);
  if (!read || text === "" || !Number.isFinite(than)) return undefined;
  const compare = comparisons[sign]!;
  return (object) => {
    const value = read(object);
    return value !== undefined && compare(value, than);
  };
}

const holds =
  (word: string, names: ReadonlyMap<number, string>): ObjectTest =>
  ({ label, tomogramId, extra }) =>
    String(label) === word ||
    (names.get(label) ?? "").toLowerCase().includes(word) ||
    (tomogramId ?? "").toLowerCase().includes(word) ||
    (extra ?? []).some(([, value]) => value.toLowerCase().includes(word));
