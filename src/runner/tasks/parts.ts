/** Inputs of which a task reads a part alone: a data set of an HDF5 file, the objects of one row in a list for several. */
import { isRemoteAddress } from "../../core/remote-address.ts";
import type { FilePart } from "../../schema/step-description.ts";
import { ownValue } from "../../schema/text/data-path.ts";
import type { BoundRow, FileSource } from "../../schema/values/bindings.ts";
import type { Content } from "../store/content.ts";
import type { Task, TaskGraph } from "./graph.ts";

export interface InputPart {
  /** As the lock writes it: `#/volumes/raw`, `objects of t0`. */
  readonly name: string;
  /**
   * Whether its content stands for the file in the task's key. A list that one row has for itself counts as a whole, as it
   * always has; one that rows share counts in parts.
   */
  readonly counts: boolean;
  /** `whole`: a key over the whole file, as earlier versions made it, proves as much. */
  readonly orWhole: boolean;
  /** Reads it; undefined where the part cannot be told. */
  read(): Promise<Content | undefined>;
}

interface PlacedSource {
  readonly row: BoundRow;
  readonly port: string;
  readonly source: FileSource;
}

/** What of the file the task reads; undefined for all of it. The kind of the task says what it can read in parts. */
export function partOf(task: Task, placed: PlacedSource, graph: TaskGraph): InputPart | undefined {
  const { source, port, row } = placed;
  const { parts } = task.step.kind;
  if (source.type !== "file" || parts === undefined) return undefined;
  const { path, dataset } = source;
  const made = (part: FilePart, name: string): Pick<InputPart, "name" | "read"> => ({
    name,
    async read() {
      const content = await parts.content(path, part);
      return content && { ...content, part: name };
    },
  });
  if (isRemoteAddress(path)) {
    if (!parts.datasets?.includes(port)) return undefined;
    const part = made({ type: "dataset", name: dataset ?? "" }, `#${dataset ?? "/"}`);
    return { ...part, counts: true, orWhole: false };
  }
  if (dataset !== undefined)
    return { ...made({ type: "dataset", name: dataset }, `#${dataset}`), counts: true, orWhole: false };
  if (!parts.tomograms?.includes(port)) return undefined;
  const index = parts.indexColumn === undefined ? undefined : ownValue(row.values, parts.indexColumn);
  const isNumbered = index !== undefined && index !== null && index !== "";
  const name = `objects of ${row.id}${isNumbered ? ` (${String(index)})` : ""}`;
  const part: FilePart = { type: "tomogram", id: row.id, ...(isNumbered && { index }) };
  return { ...made(part, name), counts: isShared(task, { port, path }, graph), orWhole: true };
}

/** By step: how many rows have a file as an input, by port and path. */
const known = new WeakMap<TaskGraph, Map<string, ReadonlyMap<string, number>>>();

function isShared(task: Task, { port, path }: { port: string; path: string }, graph: TaskGraph): boolean {
  const counts = known.get(graph) ?? new Map<string, ReadonlyMap<string, number>>();
  known.set(graph, counts);
  const ofStep = counts.get(task.step.id) ?? countReaders(task, graph);
  counts.set(task.step.id, ofStep);
  return (ofStep.get(`${port} ${path}`) ?? 0) > 1;
}

function countReaders({ step }: Task, graph: TaskGraph): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const task of graph.tasks) {
    if (task.step.id !== step.id) continue;
    for (const { files } of task.binding.rows)
      for (const [port, source] of Object.entries(files)) {
        if (source.type !== "file") continue;
        const key = `${port} ${source.path}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
  }
  return counts;
}
