/** What the studio was started for. */
export interface ProjectAnswer {
  /** Last part of the folder's path. */
  readonly name: string;
  /** Absolute; for people to read. */
  readonly root: string;
  /** Below the root; null where none was named and the folder holds not exactly one. */
  readonly workflow: string | null;
  /** Workflow files at the top of the folder. */
  readonly workflows: readonly string[];
  readonly version: string;
  /** The machine's name, as prompts show it. */
  readonly host: string;
}
