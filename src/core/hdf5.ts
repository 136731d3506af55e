/**
 * The HDF5 library, compiled to WebAssembly (h5wasm) and loaded when first needed. It works straight on the file system with
 * 64-bit positions. All calls are synchronous; each goes through `call`, which turns the library's messages into errors and lets
 * it open the one file that the caller named.
 */
import { damagedHdf5, explainHdf5Error, pointsElsewhere } from "./hdf5-errors.ts";
import { type FileGuard, guardFiles } from "./hdf5-guard.ts";

type Hdf5Package = typeof import("h5wasm/node");
export type Hdf5File = InstanceType<Hdf5Package["File"]>;
export type Hdf5Dataset = InstanceType<Hdf5Package["Dataset"]>;
type Hdf5Module = Awaited<Hdf5Package["ready"]>;

export interface Hdf5Library {
  readonly File: Hdf5Package["File"];
  readonly Dataset: Hdf5Package["Dataset"];
  readonly module: Hdf5Module;
  readonly guard: FileGuard;
}

/** An HDF5 file that the library has open. */
export interface OpenHdf5 {
  readonly library: Hdf5Library;
  readonly file: Hdf5File;
  readonly path: string;
}

let loading: Promise<Hdf5Library> | undefined;

export function loadHdf5(): Promise<Hdf5Library> {
  loading ??= import("h5wasm/node").then(async ({ File, Dataset, ready }) => {
    const module = await ready;
    // It would look for filters in folders of the machine that it was built on, and name them in its messages.
    while (module.get_plugin_search_paths().length > 0) module.remove_plugin_search_path(0);
    return { File, Dataset, module, guard: guardFiles(module.FS) };
  });
  return loading;
}

/**
 * Runs `work` on the file at `path` with the library's errors thrown (as `hdf5-damaged`, `hdf5-filter`, `disk-full`, …) instead of
 * printed, and with its clock stopped: the library stamps data sets with the time, cannot be told not to, and equal volumes
 * must give equal files. Throws `hdf5-elsewhere` where the file leads the library to another one, whether that is there or not:
 * nobody would notice a change of it, and the library hands out zeros for one that is missing.
 */
export function call<T>({ module, guard }: Hdf5Library, path: string, work: () => T): T {
  const now = Date.now;
  module.activate_throwing_error_handler();
  Date.now = () => 0;
  try {
    const { result, refused, endless } = guard.during(path, work);
    if (refused !== undefined) throw pointsElsewhere(path, refused);
    if (endless) throw damagedHdf5(path, "a heap of texts leads in circles");
    return result();
  } catch (error) {
    throw explainHdf5Error(error, path);
  } finally {
    Date.now = now;
    module.deactivate_throwing_error_handler();
  }
}
