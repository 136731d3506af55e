/**
 * Prints the project's figures: `npm run bench [-- DATA]`, some fifteen minutes on two quiet cores, 12 GB of memory. DATA is a
 * folder with `shrec19/` and `reference/` (see targets.ts); without it the cases that need it are left out, and that is said.
 * Everything runs that needs no other program; at the end it says how to run what does.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { benchClustering } from "./clustering.ts";
import { benchGrowth } from "./growth.ts";
import { benchNetwork } from "./network.ts";
import { benchObjects } from "./objects.ts";
import { benchPipeline } from "./pipeline.ts";
import { benchRunner, runnerBenchDefaults } from "./runner.ts";
import { benchSegmentation } from "./segmentation.ts";
import { benchTargets } from "./targets.ts";
import { benchVolumes } from "./volumes.ts";

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const heading = (name: string): void => print(`\n== ${name}`);

const folder = process.argv[2] ?? process.env.TOMOFLOW_DATA ?? join(import.meta.dirname, "../../shared/data");
const dataAreThere = existsSync(join(folder, "shrec19"));

heading("runner");
await benchRunner(runnerBenchDefaults, print);
heading("volumes");
await benchVolumes(print);
heading("objects");
await benchObjects(print);
heading("network");
benchNetwork(print);
heading("segmentation");
benchSegmentation(print);
heading("targets and clustering");
if (dataAreThere) {
  await benchTargets(folder, print);
  await benchClustering(folder, print);
} else print(`NOT MEASURED: these need the SHREC'19 lists; ${folder} does not have them`);
heading("growth");
benchGrowth(print);
heading("pipeline");
await benchPipeline(print);

heading("not run: these need other programs");
print(`beside PyTorch      TOMOFLOW_BENCH_PYTHON=python TOMOFLOW_BENCH_UNET=torch_unet.py node --import tsx bench/pytorch.ts
beside DVC and Snakemake  TOMOFLOW_BENCH_DVC=dvc TOMOFLOW_BENCH_SNAKEMAKE=snakemake node --import tsx bench/runner.ts
beside tfjs-node    node --import tsx bench/tensorflow.ts
on a GPU            node --import tsx bench/gpu.ts
SHREC-like data     node dist/cli/main.js run bench/shreclike/workflow.yaml --set data=DATA`);
