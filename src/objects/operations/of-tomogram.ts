/**
 * The objects of one tomogram, out of a list that may hold those of several. A list says whose its objects are by `tomo_id`,
 * the id of the row, or by `tomo_idx`, a number: in DeepFinder's lists the place of the tomogram among those that it was
 * given, which says nothing about rows, so that a row must say its number itself. A list that says neither belongs to
 * its row as a whole.
 */
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { failure, type Result, success } from "../../core/result.ts";
import type { ObjectList, TomogramObject } from "../object-list.ts";

export interface TomogramChoice {
  /** Of the row; undefined where nobody has named one. */
  readonly id: string | undefined;
  /** What `tomo_idx` is for this row, where it says. */
  readonly index: number | undefined;
  /** How the user names a tomogram where nobody has. */
  readonly idFlag?: string;
}

export interface TomogramObjects {
  readonly objects: ObjectList;
  /** False where the list does not say whose objects it holds. */
  readonly selected: boolean;
}

/** Fails with one mistake, whose message is about "the list" and has no place. */
export function objectsOfTomogram(list: ObjectList, choice: TomogramChoice): Result<TomogramObjects> {
  if (list.some(({ tomogramId }) => isName(tomogramId))) return chooseByName(list, choice);
  const numbers = new Set(list.map(({ tomogramIndex }) => tomogramIndex));
  if (choice.index !== undefined && list.some(({ tomogramIndex }) => tomogramIndex !== undefined))
    return choose(list, { field: "tomogramIndex", wanted: choice.index });
  if (numbers.size < 2) return success({ objects: list, selected: false });
  return failure([severalNumbers(numbers, choice)]);
}

const isName = (id: string | undefined): id is string => id !== undefined && id !== "";

function chooseByName(list: ObjectList, { id, index, idFlag }: TomogramChoice): Result<TomogramObjects> {
  if (id !== undefined) return choose(list, { field: "tomogramId", wanted: id });
  if (index !== undefined && list.some(({ tomogramIndex }) => tomogramIndex !== undefined))
    return choose(list, { field: "tomogramIndex", wanted: index });
  const names = [...new Set(list.map(({ tomogramId }) => tomogramId ?? ""))];
  if (names.length === 1) return success({ objects: list, selected: true });
  const message = `the list holds objects of several tomograms: ${listed(names.map((name) => name || "none"))}`;
  const hint = `say which is meant with ${idFlag ?? "--id"}`;
  return failure([errorDiagnostic("objects-several-tomograms", message, { hint })]);
}

interface Wanted {
  readonly field: "tomogramId" | "tomogramIndex";
  readonly wanted: string | number;
}

function choose(list: ObjectList, { field, wanted }: Wanted): Result<TomogramObjects> {
  const column = field === "tomogramId" ? "tomo_id" : "tomo_idx";
  const isMissing = (object: TomogramObject) => object[field] === undefined || object[field] === "";
  const without = list.filter(isMissing).length;
  if (without > 0) {
    const message = `${without} of the ${list.length} objects in the list have no ${column}, while others have one`;
    const hint = "give it to all of them, or to none where the list is of one tomogram";
    return failure([errorDiagnostic("objects-tomogram-missing", message, { hint })]);
  }
  const objects = list.filter((object) => object[field] === wanted);
  if (objects.length > 0) return success({ objects, selected: true });
  const others = [...new Set(list.map((object) => String(object[field])))];
  const message = `the list has no objects of ${column} ${wanted}: it holds those of ${listed(others)}`;
  const hint =
    field === "tomogramId"
      ? "call the row as the list does, or change tomo_id there; a tomogram without objects needs an empty list of its own"
      : "give the row the number that the list has for it, in the column tomo_idx";
  return failure([errorDiagnostic("objects-other-tomogram", message, { hint })]);
}

function severalNumbers(numbers: ReadonlySet<number | undefined>, { id }: TomogramChoice): Diagnostic {
  const names = [...numbers].map((index) => (index === undefined ? "none" : String(index)));
  const message = `the list holds objects of several tomograms (tomo_idx ${listed(names)})`;
  const hint =
    id === undefined
      ? "say which is meant with --tomogram-index"
      : "give the rows a column tomo_idx with their numbers; or split the list with `tomoflow objects split --by tomogram`";
  return errorDiagnostic("objects-several-tomograms", message, { hint });
}

/** Names told of a list that has hundreds. */
const mostTold = 8;

const listed = (names: readonly string[]): string =>
  names.length > mostTold
    ? `${names.slice(0, mostTold).join(", ")} and ${names.length - mostTold} more`
    : names.join(", ");
