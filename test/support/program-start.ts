/**
 * How tests start `tomoflow`: from dist/ where `scripts/test.ts` found that it was built from this very source, which
 * starts three times as fast, else from source.
 */
import { join } from "node:path";
import { repositoryRoot } from "./source-tree.ts";

const isBuilt = process.env.TOMOFLOW_TEST_BUILD === "1";

/** What Node.js is given before the program's own words. */
export const programStart: readonly string[] = isBuilt
  ? [join(repositoryRoot, "dist/cli/main.js")]
  : ["--import", import.meta.resolve("tsx"), join(repositoryRoot, "src/cli/main.ts")];

/** The address of the module that runs one command in this process. */
export const programModule: string = isBuilt
  ? new URL("../../dist/cli/program.js", import.meta.url).href
  : new URL("../../src/cli/program.ts", import.meta.url).href;
