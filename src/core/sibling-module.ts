import { Worker } from "node:worker_threads";

/** Modules that are started by path: `.ts` when the importer runs from source (through tsx), `.js` when it is built. */
export const siblingModule = (importer: string, specifier: string): URL =>
  new URL(`${specifier}${importer.endsWith(".ts") ? ".ts" : ".js"}`, importer);

/** Starts a module beside `importer` in a thread. Node 20 hands no loader on to threads, so source loads its own. */
export function startThread(importer: string, specifier: string): Worker {
  const module = siblingModule(importer, specifier);
  if (!module.pathname.endsWith(".ts")) return new Worker(module);
  const [loader, target] = [import.meta.resolve("tsx/esm/api"), module.href].map((url) =>
    JSON.stringify(url),
  );
  return new Worker(`import(${loader}).then(({ register }) => (register(), import(${target})))`, {
    eval: true,
  });
}
