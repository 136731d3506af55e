/** What the HDF5 library's messages mean to a user, and what is refused before it is asked. */
import { dirname, parse, relative } from "node:path";
import { TomoflowError } from "./error.ts";

export function explainHdf5Error(error: unknown, path: string): unknown {
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
  const filter = /required filter '(.*)' is not registered/.exec(text)?.[1];
  if (filter !== undefined) return filterMissing(path, { name: filter });
  return damagedHdf5(path, innermostReason(text), error);
}

export const damagedHdf5 = (path: string, reason: string, cause?: unknown): TomoflowError =>
  new TomoflowError("hdf5-damaged", `${path} cannot be used as HDF5: ${reason}`, {
    hint: "the file may be damaged, cut off or still open in another program; h5ls and h5dump tell more",
    cause,
  });

interface Filter {
  /** As the file or the library names it; may be empty. */
  readonly name: string;
  readonly id?: number;
}

/** Registered with The HDF Group; files name them as they like, or not at all. */
const filterNames: Readonly<Record<number, string>> = {
  305: "lzo",
  307: "bzip2",
  32000: "lzf",
  32001: "blosc",
  32004: "lz4",
  32008: "bitshuffle",
  32013: "zfp",
  32015: "zstd",
  32017: "sz",
  32026: "blosc2",
};

/** For data that were packed by a filter which the library lacks. */
export function filterMissing(path: string, { name, id }: Filter): TomoflowError {
  // "HDF5 zstd filter; see https://…"
  const given = printable(name.split(";")[0].trim());
  const registered = Object.values(filterNames).findLast((other) => given.toLowerCase().includes(other));
  const known = (id === undefined ? registered : filterNames[id]) ?? given;
  const which = id === undefined ? known : `${known} (number ${id})`.trim();
  const plugin =
    known === "lzf"
      ? "needs the plugin lzf of The HDF Group's hdf5_plugins; h5py reads it without"
      : 'needs the plugin of the filter: pip install hdf5plugin, then export HDF5_PLUGIN_PATH=$(python3 -c "import hdf5plugin; print(hdf5plugin.PLUGIN_PATH)")';
  return new TomoflowError(
    "hdf5-filter",
    `${path} is packed with the HDF5 filter ${which}, which tomoflow cannot unpack`,
    { hint: `pack it with gzip: h5repack -f GZIP=1 ${inAndOut(path, "gzip")} (${plugin})` },
  );
}

/** For a file whose data lie, all or in part, in the file `target`. */
export function pointsElsewhere(path: string, target: string): TomoflowError {
  const near = relative(dirname(path), target);
  const shown = printable(near.startsWith("..") ? target : near);
  return new TomoflowError(
    "hdf5-elsewhere",
    `${path} takes its data from another file, ${shown} (an external link, a virtual data set or external storage): changes of that file would not be noticed`,
    {
      hint: `if you know both files, make one of them: h5repack --merge -l CONTI ${inAndOut(path, "whole")}`,
    },
  );
}

/** Two words for a command line. */
function inAndOut(path: string, suffix: string): string {
  const { dir, name, ext } = parse(path);
  return [path, `${dir}${dir && dir !== "/" ? "/" : ""}${name}-${suffix}${ext}`].map(shellWord).join(" ");
}

const shellWord = (text: string): string =>
  /^[\w./@%+=:,~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** Files name filters and other files as they like, and what they say reaches a terminal. */
const printable = (text: string): string => text.replace(/\p{Cc}/gu, "�").slice(0, 200);

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
