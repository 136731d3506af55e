/**
 * Prints the project's figures: `npm run bench [-- DATA]`. DATA is a folder with `shrec19/` and `reference/` (see
 * targets.ts); without it the cases that need it are left out, and that is said. For the runner beside DVC and Snakemake set
 * TOMOFLOW_BENCH_DVC and TOMOFLOW_BENCH_SNAKEMAKE (see runner.ts).
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { benchClustering } from "./clustering.ts";
import { benchNetwork } from "./network.ts";
import { benchRunner, runnerBenchDefaults } from "./runner.ts";
import { benchTargets } from "./targets.ts";

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const folder = process.argv[2] ?? process.env.TOMOFLOW_DATA ?? join(import.meta.dirname, "../../shared/data");

await benchRunner(runnerBenchDefaults, print);
benchNetwork(print);
if (existsSync(join(folder, "shrec19"))) {
  await benchTargets(folder, print);
  await benchClustering(folder, print);
} else
  print(`NOT MEASURED: targets and clustering, which need the SHREC'19 lists; ${folder} does not have them`);
