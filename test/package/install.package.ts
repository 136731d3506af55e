/**
 * What npm packs, installed as a user installs it: in an empty folder, with install scripts, and nothing reachable but the npm
 * registry. The install script of onnxruntime-node downloads through GLOBAL_AGENT's proxy, which leads nowhere here.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { smallWorkflow } from "../e2e/workflow.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { readTutorial } from "../support/tutorial.ts";

const root = mkdtempSync(join(tmpdir(), "tomoflow-package-"));
const consumer = join(root, "consumer");
const nowhere = "http://127.0.0.1:9";
const {
  NODE_TEST_CONTEXT: _,
  npm_config_ignore_scripts: __,
  ...inherited
} = process.env as Record<string, string>;
const environment = {
  ...inherited,
  GLOBAL_AGENT_HTTP_PROXY: nowhere,
  GLOBAL_AGENT_HTTPS_PROXY: nowhere,
  // nothing of the settings of whoever runs the tests
  npm_config_userconfig: join(root, "npmrc"),
};

const call = (program: string, words: readonly string[], folder: string): string =>
  execFileSync(program, words, {
    cwd: folder,
    env: environment,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });

/** As `npx` finds it. */
const tomoflow = (...words: string[]): string =>
  call(join(consumer, "node_modules", ".bin", "tomoflow"), words, consumer);

before(() => {
  mkdirSync(consumer);
  writeFileSync(join(root, "npmrc"), "audit=false\nfund=false\nupdate-notifier=false\n");
  writeFileSync(join(consumer, "package.json"), '{"private": true, "type": "module"}\n');
  const [packed] = JSON.parse(
    call("npm", ["pack", "--json", "--pack-destination", root], repositoryRoot),
  ) as [{ filename: string }];
  call("npm", ["install", join(root, packed.filename)], consumer);
});

after(() => rmSync(root, { recursive: true, force: true }));

test("no package of the installation downloads anything by itself", () => {
  assert.ok(!existsSync(join(consumer, "node_modules", "onnxruntime-node")));
  const lock = JSON.parse(readFileSync(join(consumer, "package-lock.json"), "utf8")) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  const scripted = Object.entries(lock.packages).flatMap(([path, { hasInstallScript }]) =>
    hasInstallScript ? [path.replace(/^.*node_modules\//, "")] : [],
  );
  // it takes macOS's mark of downloads from its own library, nothing more
  assert.deepEqual(scripted.sort(), ["webgpu"]);
});

test("the program says its version, writes a workflow and checks it", () => {
  const { version } = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8")) as {
    version: string;
  };
  assert.equal(tomoflow("--version").trim(), version);
  tomoflow("init", "new.yaml");
  assert.match(readFileSync(join(consumer, "new.yaml"), "utf8"), /\$schema=.*workflow\.schema\.json/);
  writeFileSync(join(consumer, "workflow.yaml"), smallWorkflow);
  assert.match(tomoflow("validate"), /workflow\.yaml is right: 2 tomograms, 2 classes, 4 steps/);
});

test("onnxruntime computes: the engine is listed, and a network is trained and segments", () => {
  const engines = JSON.parse(tomoflow("engines", "--no-benchmark", "--json")) as object;
  assert.match(JSON.stringify(engines), /"onnx"/);
  writeFileSync(
    join(consumer, "workflow.yaml"),
    `version: 1
name: installed
classes:
  1: {name: barrel, shape: barrel, radius: 4}
tomograms:
  - {id: t0, split: train}
  - {id: t1, split: valid}
steps:
  simulate: {uses: simulate, with: {size: [24, 32, 36], counts: 3}}
  target: {uses: target, from: simulate}
  train: {uses: train, from: target, engine: onnx, with: {patchSize: 16, epochs: 1, stepsPerEpoch: 1, validationSteps: 1, batchSize: 1}}
  segment: {uses: segment, from: simulate, engine: onnx, with: {weights: "\${train.best}"}}
`,
  );
  const events = tomoflow("run", "--json");
  assert.match(events, /"type":"task-ended","task":"segment@t1".*"outcome":"done"/);
  assert.ok(existsSync(join(consumer, "results", "installed", "segment", "t1", "labels.mrc")));
});

test("the tutorial, typed as it stands on three small tomograms", () => {
  const { workflow, commands, answers } = readTutorial();
  const folder = join(root, "first");
  mkdirSync(join(folder, "data"), { recursive: true });
  const bin = join(consumer, "node_modules", ".bin");
  const type = (line: string): string =>
    execFileSync("bash", ["-ec", line], {
      cwd: folder,
      env: { ...environment, PATH: `${bin}:${process.env.PATH}`, NO_COLOR: "1" },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  writeFileSync(
    join(folder, "classes.yaml"),
    "classes:\n  1: {name: ribosome, shape: two-lobed, radius: 9}\n  2: {name: proteasome, shape: barrel, radius: 8}\n",
  );
  for (const number of [1, 2, 3])
    type(
      `tomoflow step simulate --classes classes.yaml --size 48,80,88 --counts 3 --seed ${number} \
        --tomogram data/tomo${number}.mrc --out-objects data/tomo${number}.xml --truth truth.mrc`,
    );

  // the length of the training alone is another
  const short = workflow.replace("params: {epochs: 20, steps: 100}", "params: {epochs: 1, steps: 1}");
  assert.notEqual(short, workflow);
  writeFileSync(join(folder, "workflow.yaml"), short);
  const said = new Map(commands.map((line) => [line, type(line)]));

  assert.match(said.get("tomoflow validate")!, /workflow\.yaml is right: 3 tomograms, 2 classes, 4 steps/);
  const plan = answers.find((answer) => answer.startsWith("task "))!;
  assert.ok(said.get("tomoflow plan")!.includes(plan), said.get("tomoflow plan"));
  assert.match(said.get("tomoflow run")!, /train .*done/);
  assert.ok(existsSync(join(folder, "tomo3.csv")));
});

for (const [name, resolution, lib] of [
  ["Node's resolution", ["--module", "nodenext", "--moduleResolution", "nodenext"], "es2023"],
  ["a bundler's resolution", ["--module", "esnext", "--moduleResolution", "bundler"], "es2023"],
  ["a browser's types", ["--module", "nodenext", "--moduleResolution", "nodenext"], "es2023,dom"],
] as const)
  test(`the types are whole with ${name}`, () => {
    const types = join(consumer, "node_modules", "@types");
    if (!existsSync(join(types, "node"))) call("npm", ["install", "@types/node@20"], consumer);
    const source = join(consumer, "consumer.ts");
    const api = join(dirname(dirname(import.meta.dirname)), "test", "public-api.test.ts");
    const values = /const values = \[([^\]]*)\]/.exec(readFileSync(api, "utf8"))![1]!.replaceAll('"', "");
    writeFileSync(
      source,
      `import { ${values} } from "tomoflow";
import type { RunContext, StepKind } from "tomoflow";
const kind: StepKind = {
  name: "copy", version: 1, summary: "Copies.", scope: "row",
  parameters: { type: "object", additionalProperties: false, properties: {} },
  ports: () => ({ inputs: [], outputs: [], columns: [], classFields: [] }),
  run: async ({ signal, threads }: RunContext) => { void [signal.aborted, threads]; },
};
export const all = { kind, ${values} };
`,
    );
    const compiler = join(repositoryRoot, "node_modules", "typescript", "bin", "tsc");
    const node = lib.includes("dom") ? "" : "node";
    const words = [
      "--noEmit",
      "--strict",
      "--skipLibCheck",
      "false",
      "--target",
      "es2022",
      "--lib",
      lib,
      "--types",
      node,
    ];
    call(process.execPath, [compiler, ...words, ...resolution, source], consumer);
  });
