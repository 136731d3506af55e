/**
 * The HDF5 library, compiled to WebAssembly (h5wasm) and loaded when first needed. It works straight on the file system with
 * 64-bit positions. All calls are synchronous; each goes through `call`, which turns the library's messages into errors.
 */
import { TomoflowError } from "./error.ts";

type Hdf5Package = typeof import("h5wasm/node");
export type Hdf5File = InstanceType<Hdf5Package["File"]>;
export type Hdf5Dataset = InstanceType<Hdf5Package["Dataset"]>;
type Hdf5Module = Awaited<Hdf5Package["ready"]>;

export interface Hdf5Library {
  readonly File: Hdf5Package["File"];
  readonly Dataset: Hdf5Package["Dataset"];
  readonly module: Hdf5Module;
}

let loading: Promise<Hdf5Library> | undefined;

export function loadHdf5(): Promise<Hdf5Library> {
  loading ??= import("h5wasm/node").then(async ({ File, Dataset, ready }) => ({
    File,
    Dataset,
    module: await ready,
  }));
  return loading;
}

/**
 * Runs `work` with the library's errors thrown (as `hdf5-damaged`, `disk-full`, …) instead of printed, and with its clock
 * stopped: the library stamps data sets with the time, cannot be told not to, and equal volumes must give equal files.
 */
export function call<T>({ module }: Hdf5Library, path: string, work: () => T): T {
  const now = Date.now;
  module.activate_throwing_error_handler();
  Date.now = () => 0;
  try {
    return work();
  } catch (error) {
    throw explain(error, path);
  } finally {
    Date.now = now;
    module.deactivate_throwing_error_handler();
  }
}

function explain(error: unknown, path: string): unknown {
  if (error instanceof TomoflowError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const meaning = systemErrors.find(({ pattern }) => pattern.test(text));
  if (meaning) return new TomoflowError(meaning.code, `${path}: ${meaning.message}`, { hint: meaning.hint });
  if (/malloc|Memory allocation|exceeds maximum memory/.test(text))
    return new TomoflowError(
      "out-of-memory",
      `${path}: the part asked for does not fit the HDF5 library's memory`,
      {
        hint: "read or write fewer planes at once",
        cause: error,
      },
    );
  return damagedHdf5(path, innermostReason(text), error);
}

export const damagedHdf5 = (path: string, reason: string, cause: unknown): TomoflowError =>
  new TomoflowError("hdf5-damaged", `${path} cannot be used as HDF5: ${reason}`, {
    hint: "the file may be damaged, cut off or still open in another program; h5ls and h5dump tell more",
    cause,
  });

const systemErrors = [
  {
    pattern: /No space left|Disk quota|Quota exceeded/i,
    code: "disk-full",
    message: "no space left on the disk",
    hint: "free space (tomoflow gc --keep-locked --dry-run shows what the cache could give back) and run again: finished tasks are kept",
  },
  {
    pattern: /Permission denied|Operation not permitted/i,
    code: "no-permission",
    message: "no permission to use the file",
    hint: "check the owner and mode of the file and its folder",
  },
  {
    pattern: /Read-only file system/i,
    code: "read-only",
    message: "the file system is read-only",
    hint: "choose another folder with `out`, or mount it writable",
  },
  {
    pattern: /No such file or directory/i,
    code: "file-missing",
    message: "the file or its folder does not exist",
    hint: "check the path; paths in a workflow are relative to the workflow file",
  },
] as const;

/** The library lists its calls from the outermost in; the last one knows best. */
function innermostReason(text: string): string {
  const reasons = [...text.matchAll(/ in \w+\(\): (.+)/g)].map((match) => match[1].trim());
  return reasons.at(-1) ?? text.split("\n")[0];
}
