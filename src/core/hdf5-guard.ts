/**
 * Keeps the HDF5 library to the file that it was given. A file may send it to any other by external links, virtual data sets and
 * external storage: what it then reads is in no key of the cache, and may be a file that its sender has no business with.
 */
import { resolve } from "node:path";
import { holdsEndlessHeap } from "./hdf5-heap-check.ts";

/** An open file of the library's, with the number of its users. */
interface LibraryStream {
  readonly shared: { readonly refcnt: number };
}

/** What the library opens files with (Emscripten's FS, which calls Node's). */
interface LibraryFiles {
  open(path: string, flags: number | string, mode?: number): LibraryStream;
  close(stream: LibraryStream): void;
  read(stream: LibraryStream, target: Int8Array, offset: number, length: number, position?: number): number;
  readonly ErrnoError: new (number: number) => Error;
}

/** What came of a piece of work, and the first file that it wanted to open besides its own. */
interface Guarded<T> {
  /** Gives the result, or throws what the work threw. */
  readonly result: () => T;
  readonly refused: string | undefined;
  /** A heap that leads in circles was read. */
  readonly endless: boolean;
}

export interface FileGuard {
  /** Runs `work`, in which the library may open the file at `path` and no other; between such runs it may open none. */
  during<T>(path: string, work: () => T): Guarded<T>;
}

/** Flags as Emscripten has them. */
const createsNew = 0o100 | 0o200;
const opensFolder = 0o200000;

/** Emscripten's number for "no such file": the library then does as for a file that is missing. */
const noSuchFile = 44;
/** … and for a disk that failed. */
const notRead = 29;

export function guardFiles(library: unknown): FileGuard {
  const files = library as LibraryFiles;
  const open = files.open;
  let own: string | undefined;
  let refused: string | undefined;
  let endless = false;
  let temporary: LibraryStream[] = [];
  files.open = (path, flags, mode) => {
    const isOwn = own !== undefined && resolve(path) === resolve(own);
    if (!isOwn && !isHarmless(Number(flags))) {
      refused ??= path;
      throw new files.ErrnoError(noSuchFile);
    }
    const stream = open(path, flags, mode);
    if (!isOwn) temporary.push(stream);
    return stream;
  };
  const read = files.read;
  files.read = (stream, target, offset, ...rest) => {
    const count = read(stream, target, offset, ...rest);
    const bytes = new Uint8Array(target.buffer, target.byteOffset + offset, count);
    if (!holdsEndlessHeap(bytes)) return count;
    endless = true;
    throw new files.ErrnoError(notRead);
  };
  return {
    during(path, work) {
      [own, refused, endless, temporary] = [path, undefined, false, []];
      try {
        const value = work();
        return { result: () => value, refused, endless };
      } catch (error) {
        const thrown = () => {
          throw error;
        };
        return { result: thrown, refused, endless };
      } finally {
        own = undefined;
        // Those that the library's messages went through: it forgets them.
        for (const stream of temporary) if (stream.shared.refcnt > 0) files.close(stream);
      }
    },
  };
}

/** A new file holds nothing to be read (the library's messages go through one), nor does a folder. */
const isHarmless = (flags: number): boolean =>
  (flags & createsNew) === createsNew || (flags & opensFolder) !== 0;
