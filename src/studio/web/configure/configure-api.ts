/** Requests of the configure screen. Paths start at the project's root. */
import type {
  CheckAnswer,
  FolderAnswer,
  FormsAnswer,
  SaveConflict,
  Template,
  WorkflowText,
} from "../../protocol/forms.ts";
import type { BeginRequest } from "../../protocol/list-tools.ts";
import { request } from "../connection/request.ts";

const query = (words: Readonly<Record<string, string>>): string => new URLSearchParams(words).toString();

export const readWorkflow = (path: string): Promise<WorkflowText> =>
  request(`/api/editing/workflow?${query({ path })}`);

/** Never throws for a conflict: the answer then says what the file holds. */
export const saveWorkflow = (file: WorkflowText): Promise<WorkflowText | SaveConflict> =>
  request("/api/editing/workflow", { method: "PUT", body: file });

export const checkWorkflow = (
  file: { readonly path: string; readonly text: string; readonly quick: boolean },
  signal: AbortSignal,
): Promise<CheckAnswer> => request("/api/editing/check", { body: file, signal });

export const readForms = (file: {
  readonly path: string;
  readonly uses: readonly string[];
}): Promise<FormsAnswer> => request("/api/editing/forms", { body: file });

export const listTemplates = (): Promise<readonly Template[]> => request("/api/editing/templates");

export const newWorkflow = (wish: {
  readonly template: string;
  readonly path: string;
}): Promise<WorkflowText> => request("/api/editing/new", { body: wish });

/** A new workflow whose first row is a tomogram with its objects. */
export const beginWorkflow = (wish: BeginRequest): Promise<{ readonly path: string }> =>
  request("/api/lists/begin-workflow", { body: wish });

export const browse = (path: string): Promise<FolderAnswer> =>
  request(`/api/editing/folder?${query({ path })}`);
