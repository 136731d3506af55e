/** Which files a workflow is made of: a change of one of them may make something stale. */
import { dirname, isAbsolute, join, resolve, sep } from "node:path";
import { isRemoteAddress } from "../../core/remote-address.ts";
import type { Workflow } from "../../schema/workflow.ts";
import { buildGraph, type TaskGraph } from "../tasks/graph.ts";
import { inputFiles, isModuleKind } from "../tasks/inputs.ts";

export interface WatchedFolder {
  /** Absolute. */
  readonly path: string;
  /** Files in folders below count too. */
  readonly deep: boolean;
}

/** All paths absolute. */
export interface WatchedFiles {
  /** What people edit: the workflow, its table, modules of their own steps. */
  readonly sources: ReadonlySet<string>;
  /** What tasks read and no task makes: files, and folders with all that is in them. */
  readonly inputs: ReadonlySet<string>;
  /** Where a new file may become a row or a cell. */
  readonly folders: readonly WatchedFolder[];
  /** Where results go: nothing there counts, unless it is an input. */
  readonly outputFolders: readonly string[];
}

/** The workflow file alone: all that is known of a workflow that cannot be read. */
export const onlyWorkflowFile = (path: string): WatchedFiles => ({
  sources: new Set([resolve(path)]),
  inputs: new Set(),
  folders: [],
  outputFolders: [],
});

export function filesToWatch(workflow: Workflow, graph: TaskGraph = buildGraph(workflow)): WatchedFiles {
  const { folder, tableSource } = workflow;
  const sources = new Set([workflow.path]);
  if (tableSource?.file !== undefined) sources.add(resolve(folder, tableSource.file));
  for (const { kind } of workflow.steps)
    if (isModuleKind(kind.name))
      for (const path of [resolve(folder, kind.name), ...Object.values(kind.imports ?? {})])
        sources.add(path);
  const read = graph.tasks.flatMap((task) => inputFiles(task, graph, workflow));
  const inputs = read.filter(({ source }) => source.type === "file").map(({ path }) => path);
  return {
    sources,
    inputs: new Set(inputs.filter((path) => !sources.has(path) && !isRemoteAddress(path))),
    folders: (tableSource?.patterns ?? []).map((pattern) => folderOf(pattern, folder)),
    outputFolders: [
      join(folder, ".tomoflow"),
      ...new Set(workflow.steps.map(({ outputFolder }) => outputFolder)),
    ],
  };
}

/** The part of a pattern without wildcards is where its files lie, and below if more than a name is left. */
function folderOf(pattern: string, folder: string): WatchedFolder {
  const parts = pattern.split("/");
  const firstOpen = parts.findIndex((part) => /[*?[{]/.test(part));
  const fixed = firstOpen < 0 ? dirname(pattern) : parts.slice(0, firstOpen).join("/");
  const start = isAbsolute(pattern) ? sep : folder;
  return { path: resolve(start, fixed), deep: firstOpen >= 0 && firstOpen < parts.length - 1 };
}

/** Tells which paths below the watched folders matter: wanted files, and folders on the way to them. */
export function isWatched({ sources, inputs, folders, outputFolders }: WatchedFiles) {
  const wanted = new Set([...sources, ...inputs]);
  const onTheWay = new Set<string>();
  for (const path of [...[...wanted].map((file) => dirname(file)), ...folders.map((folder) => folder.path)])
    for (let at = path; !onTheWay.has(at); at = dirname(at)) onTheWay.add(at);
  return (path: string, isFolder: boolean | undefined): boolean => {
    if (wanted.has(path) || onTheWay.has(path) || isBelow(path, inputs)) return true;
    if (outputFolders.some((folder) => isInside(path, folder))) return false;
    const name = path.slice(path.lastIndexOf(sep) + 1);
    if (name.startsWith(".")) return false;
    return folders.some(({ path: folder, deep }) =>
      deep ? isInside(path, folder) : dirname(path) === folder && isFolder !== true,
    );
  };
}

/** An input that is a folder counts with all that is in it. */
function isBelow(path: string, inputs: ReadonlySet<string>): boolean {
  for (let above = dirname(path); above !== dirname(above); above = dirname(above))
    if (inputs.has(above)) return true;
  return false;
}

const isInside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
