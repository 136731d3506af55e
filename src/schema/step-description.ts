/**
 * What the workflow language and the runner know of a step kind: plain data and pure functions, no code of the step.
 * The steps themselves (src/steps) implement `StepKind`, which adds `preflight` and `run`.
 */

import type { Holding } from "./holding.ts";

/** JSON Schema (draft 2020-12) of one parameter. Every one has `description`; `default` where it may be left out. */
export interface ParameterSchema {
  readonly description: string;
  readonly type?: string | readonly string[];
  readonly default?: unknown;
  /** Unit shown in forms and help, e.g. `voxels`, `Å`, `degrees`. */
  readonly "x-unit"?: string;
  /** The value is the path of an input file (or a list of them): its content, not its path, enters the task key. */
  readonly "x-file"?: boolean;
  /** What such a file must hold; not checked when not given. */
  readonly "x-holds"?: Holding | readonly Holding[];
  /** With `x-file`: the path may be one of a folder. */
  readonly "x-folder"?: boolean;
  /** `false`: changes speed or memory only, never the result, and stays out of the task key. */
  readonly "x-affects-result"?: boolean;
  readonly [keyword: string]: unknown;
}

/** The JSON Schema of a kind's `with:`, flat: forms, help, checks and documentation are made from it. */
export interface ParametersSchema {
  readonly type: "object";
  readonly additionalProperties: false;
  readonly properties: Readonly<Record<string, ParameterSchema>>;
  readonly required?: readonly string[];
}

/** A file that a step reads from its row(s). */
export interface InputPort {
  /** Role and, unless `with` says otherwise, the column it is read from. */
  readonly name: string;
  readonly required: boolean;
  readonly description: string;
  /** What the file must hold; not checked when not given. In no task's key. */
  readonly holds?: Holding | readonly Holding[];
  /** A folder may be given as well as a file: all that is in it counts. */
  readonly folders?: boolean;
}

/** A file or folder that a step writes. For a per-row kind the name is also the new column; else `${step.name}`. */
export interface OutputPort {
  readonly name: string;
  /**
   * File name inside the task's output folder, e.g. `labels.mrc`; with a slash at the end, `frames/`, a folder, which the step itself
   * makes.
   */
  readonly file: string;
  readonly description: string;
  /** What the file holds; anything when not given. The content of `metrics`, small JSON, is copied into the lock file. In no task's key. */
  readonly holds?: Holding;
  /** As `holds: "metrics"`. */
  readonly metrics?: boolean;
}

/** What the file of an output holds, where that is said. */
export const holdingOf = ({ holds, metrics }: Pick<OutputPort, "holds" | "metrics">): Holding | undefined =>
  holds ?? (metrics ? "metrics" : undefined);

/** What the outputs hold, by name, as far as that is said; undefined where it is of none. */
export function holdingsOf({ outputs }: Ports): Readonly<Record<string, Holding>> | undefined {
  const said = outputs.flatMap((port) => {
    const holds = holdingOf(port);
    return holds ? [[port.name, holds] as const] : [];
  });
  return said.length > 0 ? Object.fromEntries(said) : undefined;
}

/** A class of the workflow's `classes` table. */
export interface ClassDefinition {
  /** 1…N. */
  readonly label: number;
  readonly name: string;
  /** Voxels. */
  readonly radius?: number;
  /** Path of the mask volume for shape targets. */
  readonly mask?: string;
  /** Path of a density map for `simulate`. */
  readonly density?: string;
  /** Built-in shape for `simulate`. */
  readonly shape?: string;
  readonly color?: string;
}

/** Fields of the class table that can affect a step's result. */
export type ClassField = "name" | "radius" | "mask" | "density" | "shape" | "color";

/** Parameters after defaults and expressions are resolved. */
export type Parameters = Readonly<Record<string, unknown>>;

/** What a step with these parameters reads and writes. */
export interface Ports {
  readonly inputs: readonly InputPort[];
  readonly outputs: readonly OutputPort[];
  /** Plain (non-file) row columns that affect the result, e.g. `split` for `train`. */
  readonly columns: readonly string[];
  /** Class fields that enter the key; `mask` and `density` enter as file contents. */
  readonly classFields: readonly ClassField[];
}

/** What is wrong with parameters beyond what their schema tells. */
export interface ParameterMistake {
  /** Inside the parameters: `["run", 2]`; empty for all of them. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
  /** `error` when not given: the workflow does not run. */
  readonly severity?: "error" | "warning";
  /** Kebab-case; `wrong-parameters` when not given. */
  readonly code?: string;
}

/** What a check of parameters may look at beside them. */
export interface CheckContext {
  /** Absolute: where relative paths start. */
  readonly folder: string;
  /** The parameters with params and environment variables put in, and for one row its columns; other expressions are texts. */
  readonly resolved: Parameters;
}

/** A part of a file, where a task reads that part alone. */
export type FilePart =
  /** Of an HDF5 file, `/volumes/raw`. */
  | { readonly type: "dataset"; readonly name: string }
  /** Of a list for several tomograms: the objects of the row. */
  | { readonly type: "tomogram"; readonly id: string; readonly index?: unknown };

/** Which inputs a kind reads in part, so that the rest of the file may change and leave results fresh. Names are of input ports. */
export interface FileParts {
  /** Those of which a data set can be named, as in `data/a.h5#/volumes/raw`: `rows[0].files` then holds that. */
  readonly datasets?: readonly string[];
  /** Lists for several tomograms, of which the kind sees the objects of the row alone, whatever else is in the file. */
  readonly tomograms?: readonly string[];
  /** The plain column, if any, with the row's number in such lists. */
  readonly indexColumn?: string;
  /**
   * SHA-256 (hexadecimal) of all that the kind can see of the part, and its bytes. Undefined where it cannot be told: the whole file
   * counts then. Throws for nothing that the user can mend.
   */
  content(
    file: string,
    part: FilePart,
  ): Promise<{ readonly sha256: string; readonly size: number } | undefined>;
}

/** What the workflow language knows of a step kind: all but how it runs. */
export interface StepDescription {
  /** As written after `uses:`. */
  readonly name: string;
  /** Raised when results change for the same inputs and parameters. */
  readonly version: number;
  readonly summary: string;
  /** `row`: one task a row, which yields the row with its outputs added. `table`: one task over all rows. */
  readonly scope: "row" | "table";
  readonly parameters: ParametersSchema;
  /** Inputs and outputs for these parameters, in the order in which help shows them. */
  ports(parameters: Parameters): Ports;
  /** Absent for a kind that reads whole files. */
  readonly parts?: FileParts;
  /** Looks for mistakes that the schema cannot tell. `parameters` fit the schema, and are as written: expressions are texts. */
  check?(parameters: Parameters, context?: CheckContext): readonly ParameterMistake[];
  /**
   * Parameters that only lengthen the work (`epochs`): a task that differs from an earlier one in these alone may go
   * on from its checkpoint. Must return [] when the result would depend on the way there.
   */
  continues?(parameters: Parameters): readonly string[];
  /**
   * Of a user's own kind, filled in by tomoflow: absolute path of every file that its module imports, by its path from the
   * module's folder. A change of one runs the step again, as a change of the module does.
   */
  readonly imports?: Readonly<Record<string, string>>;
  /** Whether tasks compute with the step's engine, which may be a GPU's. */
  readonly usesEngine?: boolean;
  /** Cores that one task makes good use of; all of the machine when not given. The workflow's `resources` win. */
  cpus?(parameters: Parameters): number;
}

/** Every step kind that a workflow may use, by name. */
export type StepCatalog = ReadonlyMap<string, StepDescription>;
