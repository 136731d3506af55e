/** What the server tells of workflow files and step kinds so that the browser can draw forms. */
import type { EditPath } from "./workflow-text/operation.ts";

/** A workflow file as it is on the disk. */
export interface WorkflowText {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Hash of the file's bytes: who saves says which version was changed. */
  readonly version: string;
}

/** The answer when the file has changed since `version`: what it holds now. */
export interface SaveConflict {
  readonly error: { readonly code: "file-changed"; readonly message: string; readonly hint: string };
  readonly current: WorkflowText;
}

/** A mistake as `tomoflow validate` words it, and where it belongs. */
export interface PlacedMistake {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly hint?: string;
  /** From the project's root. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  /** Characters from `column` on. */
  readonly length?: number;
  /** The value of the workflow that it is about; absent where it stands in another file. */
  readonly path?: EditPath;
}

export interface CheckAnswer {
  /** No errors; there may be warnings. */
  readonly ok: boolean;
  readonly mistakes: readonly PlacedMistake[];
  readonly table: TableView;
}

export type Cell = string | number | boolean | null;

/** The table of tomograms as the steps see it. */
export interface TableView {
  readonly source: "rows" | "file" | "glob" | "none";
  /** The table file or the pattern. */
  readonly from?: string;
  /** In the order in which they first stand; without `id`. */
  readonly columns: readonly string[];
  /** The first thousand. */
  readonly rows: readonly { readonly id: string; readonly cells: Readonly<Record<string, Cell>> }[];
  readonly count: number;
}

/** How a value is given in a form; every one takes an expression too. */
export type Control =
  | { readonly type: "text" }
  | { readonly type: "number" }
  | { readonly type: "choice"; readonly choices: readonly string[] }
  | { readonly type: "switch" }
  | { readonly type: "file" }
  /** Values in a row, as numbers or texts; `names` where each has its own, e.g. z, y, x. */
  | { readonly type: "list"; readonly names?: readonly string[] }
  /** Words of a command, one a line. */
  | { readonly type: "lines" }
  /** One value a class, or one for all where `single`. `background`: label 0 counts too. */
  | {
      readonly type: "by-label";
      readonly single: boolean;
      readonly background: boolean;
      readonly isFile: boolean;
    }
  /** Names with a text each. */
  | { readonly type: "pairs" };

/** One parameter, input or field of a step. */
export interface FieldForm {
  readonly name: string;
  /** `Patch size` */
  readonly label: string;
  readonly description: string;
  readonly unit?: string;
  /** As a form shows it; absent where there is none. */
  readonly default?: string;
  /** What a value must be, in words: `a whole number of at least 1`. */
  readonly allowed: string;
  readonly required: boolean;
  readonly control: Control;
  /** Words that may stand instead of a number: `auto`. */
  readonly suggestions?: readonly string[];
}

export interface FieldGroup {
  readonly title: string;
  readonly fields: readonly FieldForm[];
  /** Rarely changed: folded at first. */
  readonly isRare?: boolean;
}

export interface PortForm {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly required: boolean;
}

export interface OutputForm {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  /** File name, e.g. `labels.mrc`. */
  readonly file: string;
}

/** A step kind, as a form of a step of it needs it. */
export interface KindForm {
  /** As written after `uses:`. */
  readonly uses: string;
  readonly label: string;
  readonly summary: string;
  /** `row`: one task a tomogram; `table`: one over all. */
  readonly scope: "row" | "table";
  readonly usesEngine: boolean;
  /** From the workflow's own module. */
  readonly isOwn: boolean;
  readonly groups: readonly FieldGroup[];
  /** Every input it has for some value of its parameters. */
  readonly inputs: readonly PortForm[];
  readonly outputs: readonly OutputForm[];
  /** Parameters can name inputs and outputs of their own. */
  readonly isOpen: boolean;
  /** Plain columns of the rows that it reads: `id`, `split`. */
  readonly columns: readonly string[];
  /** Fields of the class table that it reads for some value of its parameters: `name`, `radius`, `mask`. */
  readonly classFields: readonly string[];
}

export interface FormsAnswer {
  readonly kinds: readonly KindForm[];
  /** Fields of every step but `uses`, `from`, `where` and `with`. */
  readonly stepFields: readonly FieldForm[];
  /** Fields of the whole workflow: name, description, engine, … */
  readonly workflowFields: readonly FieldForm[];
  /** Why a kind of the user's own could not be loaded, by its path. */
  readonly faults: Readonly<Record<string, string>>;
}

export interface Template {
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

export type FileKind =
  | "folder"
  | "tomogram"
  | "list"
  | "table"
  | "weights"
  | "workflow"
  | "picture"
  | "other";

export interface FolderEntry {
  readonly name: string;
  /** From the project's root. */
  readonly path: string;
  readonly kind: FileKind;
  readonly bytes?: number;
  /** Milliseconds since 1970. */
  readonly changedMs?: number;
}

export interface FolderAnswer {
  /** From the project's root; empty for the root. */
  readonly path: string;
  readonly entries: readonly FolderEntry[];
  /** There are more than are shown. */
  readonly isCut: boolean;
}

/** `patchSize` -> `Patch size`. */
export function labelOf(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
