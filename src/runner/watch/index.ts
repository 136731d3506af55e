/** Running again on every change. A door of its own, so that `tomoflow run` does not load it. */
export { diskWatcher } from "./file-watcher.ts";
export { type WatchedRun, type WatchNews, type WatchOptions, watchWorkflow } from "./watch.ts";
