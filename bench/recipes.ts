/**
 * Trains recipes and scores them on tomograms that they did not see:
 *   node --import tsx bench/recipes.ts [--data SHRECLIKE] [--steps 200] [--seeds 2] [--patch 32] [--batch 2] [--filters 16,32,32]
 *     [--only base,paste] [--engine auto]
 * Without --data the tomograms are the simulator's. Thresholds of each class are those with the best F1 on the tomogram to tune on, which
 * also picks the epoch; the table has macro F1 and localisation F1 on the others: mean over the seeds, and half their range.
 * Results lie in the system's temporary folder and are deleted.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { formatDiagnostic } from "../src/core/diagnostic.ts";
import { openSession } from "../src/session/session.ts";
import { type BenchRecipe, recipes } from "./recipes/recipes.ts";
import { type BenchSet, shreclikeSet, simulateSet, thinned } from "./recipes/tomograms.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    steps: { type: "string", default: "200" },
    seeds: { type: "string", default: "2" },
    patch: { type: "string", default: "32" },
    batch: { type: "string", default: "2" },
    filters: { type: "string", default: "16,32,32" },
    only: { type: "string" },
    engine: { type: "string", default: "auto" },
  },
});

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

interface Score {
  readonly macroF1: number;
  readonly localizationF1: number;
  readonly seconds: number;
}

/** The workflow of a recipe, as JSON, which is YAML. */
async function workflowOf(
  recipe: BenchRecipe,
  { classes, tomograms }: BenchSet,
  { folder, seed }: { readonly folder: string; readonly seed: number },
): Promise<unknown> {
  const rows = [];
  for (const tomogram of tomograms) {
    const isThinned = tomogram.split === "train" && recipe.annotated !== undefined;
    const objects = isThinned
      ? await thinned(tomogram, { share: recipe.annotated!, folder })
      : tomogram.objects;
    const annotation = tomogram.split === "train" && recipe.annotation && { annotation: recipe.annotation };
    rows.push({ ...tomogram, objects, ...annotation });
  }
  const train = {
    patchSize: Number(values.patch),
    batchSize: Number(values.batch),
    filters: values.filters.split(",").map(Number),
    epochs: 5,
    stepsPerEpoch: Math.max(1, Math.round(Number(values.steps) / 5)),
    validationSteps: 10,
    shift: 8,
    seed,
    ...recipe.train,
  };
  const weights = "$" + "{train.best}";
  const thresholds = "$" + "{tune.thresholds}";
  return {
    version: 1,
    name: "recipes",
    engine: values.engine,
    classes,
    tomograms: rows,
    steps: {
      target: { uses: "target", where: { split: ["train", "valid"] }, with: recipe.target ?? {} },
      train: { uses: "train", from: "target", with: train },
      segment: { uses: "segment", where: { split: ["valid", "test"] }, with: { weights, ...recipe.segment } },
      candidates: { uses: "cluster", from: "segment", where: { split: "valid" }, with: recipe.cluster ?? {} },
      tune: { uses: "evaluate", from: "candidates", with: { beta: 1 } },
      cluster: {
        uses: "cluster",
        from: "segment",
        where: { split: "test" },
        with: { ...recipe.cluster, thresholds },
      },
      evaluate: { uses: "evaluate", from: "cluster", with: { beta: 1 } },
    },
  };
}

async function scoreOf(
  recipe: BenchRecipe,
  set: BenchSet,
  { folder, seed }: { readonly folder: string; readonly seed: number },
): Promise<Score> {
  const path = join(folder, "recipes.yaml");
  await writeFile(path, JSON.stringify(await workflowOf(recipe, set, { folder, seed }), null, 1));
  const opened = await openSession(path);
  if (!opened.ok) throw new Error(opened.diagnostics.map(formatDiagnostic).join("\n"));
  const start = performance.now();
  const failures: string[] = [];
  const summary = await opened.value.run({
    sink: (event) => {
      if (event.type === "task-ended" && ["failed", "interrupted", "skipped"].includes(event.outcome))
        failures.push(JSON.stringify(event));
    },
  });
  const metrics = JSON.parse(
    await readFile(join(folder, "results/recipes/evaluate/metrics.json"), "utf8"),
  ) as Readonly<Record<"macro" | "localization", { readonly f1: number }>>;
  if (summary.outcome !== "done" || failures.length > 0) throw new Error(failures.join("\n"));
  return {
    macroF1: metrics.macro.f1,
    localizationF1: metrics.localization.f1,
    seconds: (performance.now() - start) / 1000,
  };
}

/** Mean, and half the range where there are several. */
function spread(numbers: readonly number[]): string {
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const half = (Math.max(...numbers) - Math.min(...numbers)) / 2;
  return numbers.length > 1 ? `${mean.toFixed(3)} ± ${half.toFixed(3)}` : mean.toFixed(3);
}

const folder = await mkdtemp(join(tmpdir(), "tomoflow-recipes-"));
try {
  const only = values.only?.split(",");
  const unknown = only?.filter((name) => !recipes.some((recipe) => recipe.name === name)) ?? [];
  if (unknown.length > 0)
    throw new Error(
      `no recipe ${unknown.join(", ")}: there are ${recipes.map(({ name }) => name).join(", ")}`,
    );
  const set = values.data === undefined ? await simulateSet(folder) : shreclikeSet(resolve(values.data));
  print(`${set.title}
${values.steps} steps of ${values.patch}³ × ${values.batch}, network ${values.filters}, ${values.seeds} seeds\n`);
  print("| recipe | what | macro F1 | localisation F1 | time |\n|---|---|---|---|---|");
  for (const recipe of recipes.filter(({ name }) => only?.includes(name) ?? true)) {
    const scores: Score[] = [];
    for (let seed = 0; seed < Number(values.seeds); seed++)
      scores.push(await scoreOf(recipe, set, { folder, seed }));
    const of = (key: keyof Score) => scores.map((score) => score[key]);
    const seconds = of("seconds").reduce((sum, value) => sum + value, 0) / scores.length;
    print(
      `| ${recipe.name} | ${recipe.what} | ${spread(of("macroF1"))} | ${spread(of("localizationF1"))} | ${seconds.toFixed(0)} s |`,
    );
  }
} finally {
  await rm(folder, { recursive: true });
}
