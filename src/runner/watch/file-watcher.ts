/** Watches the disk for changes, with chokidar. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { FSWatcher } from "chokidar";
import { TomoflowError } from "../../core/error.ts";
import { isWatched, type WatchedFiles } from "./watched-files.ts";

export interface FileWatcher {
  /** Watches these and no others; resolves with true when that is news, once every change from now on will be told. */
  watch(files: WatchedFiles): Promise<boolean>;
  close(): Promise<void>;
}

export interface FileWatcherOptions {
  /** Told the absolute path of a file that came, changed or went. */
  readonly onChange: (path: string) => void;
  /** Told what keeps it from watching any further. */
  readonly onError: (error: unknown) => void;
}

export type StartFileWatcher = (options: FileWatcherOptions) => FileWatcher;

/** `poll`: looks again and again instead of being told, for network disks that do not tell. */
export const diskWatcher =
  ({ poll = false }: { poll?: boolean } = {}): StartFileWatcher =>
  ({ onChange, onError }) => {
    let current: FSWatcher | undefined;
    let known = "";
    return {
      async watch(files) {
        const name = nameOf(files);
        if (name === known) return false;
        const next = await startChokidar(files, poll);
        next.on("all", (event, path) => {
          if (!event.endsWith("Dir")) onChange(path);
        });
        next.on("error", (error) => onError(explainWatchError(error)));
        known = name;
        const before = current;
        current = next;
        await before?.close();
        return true;
      },
      async close() {
        await current?.close();
      },
    };
  };

const nameOf = ({ sources, inputs, folders }: WatchedFiles): string =>
  JSON.stringify([[...sources].sort(), [...inputs].sort(), folders]);

/** Folders are watched rather than files, so that files which are replaced, or not there yet, are seen too. */
async function startChokidar(files: WatchedFiles, poll: boolean): Promise<FSWatcher> {
  const { watch } = await import("chokidar");
  const isWanted = isWatched(files);
  const watcher = watch([...rootsOf(files)], {
    ignoreInitial: true,
    ignorePermissionErrors: true,
    usePolling: poll,
    interval: 1000,
    binaryInterval: 1000,
    ignored: (path, stats) => !isWanted(path, stats?.isDirectory()),
  });
  await new Promise<void>((resolve, reject) => {
    watcher.once("ready", resolve);
    watcher.once("error", (error) => reject(explainWatchError(error)));
  }).catch(async (error) => {
    await watcher.close();
    throw error;
  });
  watcher.removeAllListeners("error");
  return watcher;
}

/** The nearest folder that exists of each file and folder. */
function rootsOf({ sources, inputs, folders }: WatchedFiles): ReadonlySet<string> {
  const places = [
    ...[...sources, ...inputs].map((path) => dirname(path)),
    ...folders.map(({ path }) => path),
  ];
  return new Set([...new Set(places)].map(nearestExisting));
}

function nearestExisting(path: string): string {
  let folder = path;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

function explainWatchError(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "ENOSPC" && code !== "EMFILE") return error;
  return new TomoflowError("watch-limit", "the system watches no more files for this user", {
    hint: "add --poll, or raise the limit: sysctl fs.inotify.max_user_watches=524288",
    cause: error,
  });
}
