/** Modules that are started by path: `.ts` when the importer runs from source (through tsx), `.js` when it is built. */
export const siblingModule = (importer: string, specifier: string): URL =>
  new URL(`${specifier}${importer.endsWith(".ts") ? ".ts" : ".js"}`, importer);
