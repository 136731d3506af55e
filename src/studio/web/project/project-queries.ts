/** What the project holds, for screens that let people choose in it. Paths are below the project's root. */
import { useQuery } from "@tanstack/react-query";
import type { CheckAnswer, FolderAnswer, TableView, WorkflowText } from "../../protocol/forms.ts";
import type { ClassesAnswer } from "../../protocol/list-tools.ts";
import type { ProjectAnswer } from "../../protocol/project.ts";
import { request } from "../connection/request.ts";
import { colorOfLabel } from "../design/class-colors.ts";
import type { ShownClass } from "../viewer/viewer-props.ts";

const words = (query: Readonly<Record<string, string>>): string => new URLSearchParams(query).toString();

/** What the studio was started for. */
export const useProject = () =>
  useQuery({ queryKey: ["project"], queryFn: () => request<ProjectAnswer>("/api/project") });

/** A folder's entries; empty path: the project's own folder. */
export const useFolder = (path: string) =>
  useQuery({
    queryKey: ["folder", path],
    queryFn: () => request<FolderAnswer>(`/api/editing/folder?${words({ path })}`),
    placeholderData: (before) => before,
  });

/** The workflow's table of tomograms as its steps see it, and its mistakes. */
export const useTable = (workflow: string | null) =>
  useQuery({
    queryKey: ["table", workflow],
    enabled: workflow !== null,
    queryFn: async (): Promise<CheckAnswer> => {
      const { text } = await request<WorkflowText>(`/api/editing/workflow?${words({ path: workflow! })}`);
      return request<CheckAnswer>("/api/editing/check", { body: { path: workflow, text, quick: true } });
    },
  });

/** The classes of the workflow, or those that the studio keeps until there is one. */
export const useClasses = (workflow: string | null) =>
  useQuery({
    queryKey: ["classes", workflow],
    queryFn: () =>
      request<ClassesAnswer>(`/api/lists/classes?${words(workflow === null ? {} : { workflow })}`),
  });

/** Radius of a class that none was given, voxels. */
const usualRadius = 8;

/** Classes ready to be drawn: those named, and `class N` for every other label that is seen. */
export function shownClasses(named: ClassesAnswer["classes"], seen: Iterable<number>): readonly ShownClass[] {
  const byLabel = new Map(named.map((one) => [one.label, one]));
  const labels = new Set([...byLabel.keys(), ...seen].filter((label) => label > 0));
  return [...labels]
    .sort((one, other) => one - other)
    .map((label) => {
      const known = byLabel.get(label);
      return {
        label,
        name: known?.name || `class ${label}`,
        color: known?.color ?? colorOfLabel(label),
        radius: known?.radius ?? usualRadius,
      };
    });
}

/** A tomogram of the table with the files that its row names. */
export interface TableTomogram {
  readonly id: string;
  readonly tomogram: string | null;
  readonly labels: string | null;
  readonly objects: string | null;
  /** Every other cell, for reading. */
  readonly cells: TableView["rows"][number]["cells"];
}

/** The rows of a table with their files found by the columns' names; `folder` is the workflow's, below the root. */
export function tomogramsOf({ rows }: TableView, folder: string): readonly TableTomogram[] {
  return rows.map(({ id, cells }) => {
    const file = (...names: readonly string[]): string | null => {
      const found = names
        .map((name) => cells[name])
        .find((value) => typeof value === "string" && value !== "");
      return typeof found === "string" ? below(folder, found) : null;
    };
    return {
      id,
      tomogram: file("tomogram", "tomo", "volume", "file", "path"),
      labels: file("labels", "labelmap", "label_map", "target", "truth"),
      objects: file("objects", "list", "particles", "picks"),
      cells,
    };
  });
}

/** A path as the workflow writes it, from the project's root. */
export function below(folder: string, path: string): string {
  if (path.startsWith("/")) return path;
  const parts: string[] = [];
  for (const part of [...folder.split("/"), ...path.split("/")]) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));
export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
