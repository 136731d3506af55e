/** A file that a task reads, and where the workflow says so. */
import { relative } from "node:path";
import type { Location } from "../../core/diagnostic.ts";
import { isRemoteAddress } from "../../core/remote-address.ts";
import type { FileSource } from "../values/bindings.ts";
import type { Workflow } from "../workflow.ts";

export interface PlacedFile {
  readonly source: FileSource;
  /** Whether a volume is read there, which may be a folder of Zarr: asked of the few that are folders. */
  readonly takesVolumes: () => boolean;
  /** Whether it may be a folder: asked of the few that are. */
  readonly takesFolders: () => boolean;
  /** Whether a data set in it may be named. */
  readonly datasets: boolean;
  readonly place: () => Location;
}

/** As messages call it. */
export function shownPath(workflow: Workflow, path: string): string {
  if (isRemoteAddress(path)) return path;
  const short = relative(workflow.folder, path);
  return short.startsWith("../../..") ? path : short;
}
