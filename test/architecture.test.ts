import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  importsOf,
  loadedAtOnce,
  readSourceTree,
  repositoryRoot,
  roomOf,
  type SourceFile,
  type SourceImport,
} from "./support/source-tree.ts";

/** Room -> the rooms it may import (besides itself). `room:types` allows `import type` alone, `room:lazy` `await import`. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  schema: ["core"],
  task: ["core", "schema"],
  volume: ["core"],
  objects: ["core", "volume"],
  network: ["core"],
  // engines compile network/'s graphs; network/ itself never knows an engine
  compute: ["core", "network"],
  training: ["core", "volume", "objects", "network", "compute"],
  segmentation: ["core", "volume", "objects", "network", "compute"],
  simulation: ["core", "volume", "objects"],
  steps: [
    "core",
    "schema",
    "task",
    "volume",
    "objects",
    "network",
    "compute",
    "training",
    "segmentation",
    "simulation",
  ],
  runner: ["core", "schema", "task"],
  // opens an engine only to say whether that works
  session: ["core", "schema", "task", "volume", "objects", "steps", "runner", "compute:lazy"],
  worker: ["core", "steps", "schema", "task"],
  // what server and browser say to each other: types and pure functions
  "studio/protocol": [
    "core:types",
    "schema:types",
    "task:types",
    "runner:types",
    "volume:types",
    "objects:types",
  ],
  "studio/server": ["core", "schema", "task", "session", "runner", "volume", "objects", "studio/protocol"],
  "studio/web": [
    "studio/protocol",
    "core:types",
    "schema:types",
    "runner:types",
    "volume:types",
    "objects:types",
  ],
  cli: [
    "core",
    "schema",
    "task",
    "volume",
    "objects",
    "network",
    "compute",
    "training",
    "segmentation",
    "simulation",
    "steps",
    "runner",
    "session",
    "studio/server",
  ],
  index: ["core", "schema", "volume", "objects", "network", "compute", "steps", "runner", "session"],
};

/** The files of the runner that other rooms may import; what `tomoflow run` does without has doors of its own. */
const runnerFrontDoor = [
  "runner/index.ts",
  "runner/events.ts",
  "runner/executor.ts",
  // loaded where a step runs on Slurm
  "runner/execution/executors/slurm/index.ts",
  "runner/run-records.ts",
  "runner/upkeep/index.ts",
  "runner/watch/index.ts",
  "runner/drawing/index.ts",
  "runner/provenance/index.ts",
  "runner/report/index.ts",
  "runner/revisions/index.ts",
];

/** Files longer than 300 lines, each with the reason why it is one idea all the same. */
const longFiles: Readonly<Record<string, string>> = {};

/** Packages that take long to load: what starts with every command reaches them through `await import()` alone. */
const heavyPackages = [
  "exceljs",
  "h5wasm",
  "onnxruntime-node",
  "listr2",
  "fast-xml-parser",
  "protobufjs",
  "chokidar",
  "numcodecs",
];

const vagueNames =
  /^(utils?|helpers?|common|manager|misc|shared|lib|stuff|tools?|base|general|generic)s?(\.ts)?$/i;

const tree = readSourceTree();
const manifest = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8")) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional: boolean }>;
};

test("the reader of imports sees every form of them", () => {
  const text = `
    import { a } from "./a.ts";
    import type { B } from "../core/b.ts";
    import "./effect.ts";
    import {
      c,
      d,
    } from "@scope/pack/sub";
    export { e } from "./e.ts";
    export type { F } from "./f.ts";
    // import { no } from "./commented.ts";
    /* import { no } from "./commented-too.ts"; */
    export const name = "from 'nothing.ts'";
    const g = await import("heavy");
    type G = typeof import("./g.ts");
  `;
  assert.deepEqual(
    importsOf("volume/x.ts", text).map(({ target, typeOnly, lazy }) => [target, typeOnly, lazy]),
    [
      ["volume/a.ts", false, false],
      ["core/b.ts", true, false],
      ["volume/effect.ts", false, false],
      ["@scope/pack", false, false],
      ["volume/e.ts", false, false],
      ["volume/f.ts", true, false],
      ["heavy", false, true],
      ["volume/g.ts", true, true],
    ],
  );
});

test("rooms import only what the table allows", () => {
  const faults = tree.flatMap((file) =>
    file.imports
      .filter((imported) => !isAllowed(file, imported))
      .map(({ target }) => `${file.path} -> ${target}`),
  );
  assert.deepEqual(faults, []);
});

function isAllowed(file: SourceFile, { target, isPackage, typeOnly, lazy }: SourceImport): boolean {
  const room = roomOf(file.path);
  if (isPackage) return true;
  const targetRoom = roomOf(target);
  if (targetRoom === room) return true;
  const allowed = mayImport[room] ?? [];
  return (
    allowed.includes(targetRoom) ||
    (typeOnly && allowed.includes(`${targetRoom}:types`)) ||
    (lazy && allowed.includes(`${targetRoom}:lazy`))
  );
}

test("every file is in a room of the table", () => {
  assert.deepEqual(
    tree.map(({ path }) => path).filter((path) => !(roomOf(path) in mayImport)),
    [],
  );
});

test("the runner is entered through its front door", () => {
  const faults = tree
    .filter(({ path }) => roomOf(path) !== "runner")
    .flatMap(({ path, imports }) =>
      imports
        .filter(({ target, isPackage }) => !isPackage && roomOf(target) === "runner")
        .filter(({ target }) => !runnerFrontDoor.includes(target))
        .map(({ target }) => `${path} -> ${target}`),
    );
  assert.deepEqual(faults, []);
});

test("packages are Node's own or named in package.json; of those for development, only types", () => {
  const faults = tree.flatMap(({ path, imports }) =>
    imports
      .filter(({ target, isPackage }) => isPackage && !target.startsWith("node:"))
      // Vite packs what the browser needs into dist/
      .filter(({ target }) => roomOf(path) !== "studio/web" || !(target in manifest.devDependencies))
      .filter(
        ({ target, typeOnly }) =>
          !(target in manifest.dependencies) && !(typeOnly && target in manifest.devDependencies),
      )
      .map(({ target }) => `${path} -> ${target}`),
  );
  assert.deepEqual(faults, []);
});

test("what a user may install beside tomoflow is optional, and imported by no file", () => {
  const peers = Object.keys(manifest.peerDependencies);
  assert.deepEqual(peers, ["@tensorflow/tfjs-node", "@tensorflow/tfjs-node-gpu"]);
  for (const peer of peers) {
    assert.equal(manifest.peerDependenciesMeta[peer]!.optional, true);
    assert.ok(!(peer in manifest.dependencies) && !(peer in manifest.devDependencies));
    assert.ok(tree.every(({ imports }) => imports.every(({ target }) => target !== peer)));
  }
});

/** Names and parameters of networks and losses, of which the parameters of `train` are made: they load nothing but themselves. */
const listedByTrain = /^network\/(networks|losses)\//;

test("networks and losses are told of without loading anything else", () => {
  for (const start of ["network/networks/registry.ts", "network/losses/registry.ts"])
    assert.deepEqual(
      [...loadedAtOnce(tree, start)].filter((path) => !listedByTrain.test(path)),
      [],
      start,
    );
});

test("no engine, no training and no segmentation knows a network or a loss by its file", () => {
  const faults = tree
    .filter(({ path }) => !listedByTrain.test(path) && !path.startsWith("network/"))
    .flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => listedByTrain.test(target))
        .filter(({ target }) => !/\/(registry|loss|expression)\.ts$/.test(target))
        .map(({ target }) => `${path} -> ${target}`),
    );
  assert.deepEqual(faults, []);
});

for (const start of [
  "cli/run.ts",
  "cli/plan.ts",
  "cli/validate.ts",
  "cli/main.ts",
  "steps/catalog.ts",
  "worker.ts",
])
  test(`starting ${start} loads no heavy package, no step's work, no codec and no engine`, () => {
    assert.ok(
      tree.some(({ path }) => path === start),
      `${start} is missing`,
    );
    const mustNotLoad = ["volume", "objects", "network", "compute", "training", "segmentation", "simulation"];
    assert.deepEqual(
      [...loadedAtOnce(tree, start)].filter(
        (path) =>
          heavyPackages.includes(path) ||
          (path.endsWith(".ts") && mustNotLoad.includes(roomOf(path)) && !listedByTrain.test(path)),
      ),
      [],
    );
  });

for (const start of ["cli/run.ts", "cli/plan.ts"])
  test(`starting ${start} loads nothing that only other commands need`, () => {
    const others = /^runner\/(watch|drawing|provenance|report|revisions)\//;
    assert.deepEqual(
      [...loadedAtOnce(tree, start)].filter((path) => others.test(path)),
      [],
    );
  });

test("the web part uses nothing of Node", () => {
  const faults = tree
    .filter(({ path }) => roomOf(path) === "studio/web")
    .flatMap(({ path, imports }) =>
      imports.filter(({ target }) => target.startsWith("node:")).map(({ target }) => `${path} -> ${target}`),
    );
  assert.deepEqual(faults, []);
});

test("codecs of volumes read from sources and open no path, and none knows another", () => {
  const folders = ["volume/mrc/", "volume/hdf5/", "volume/zarr/", "volume/tiff/", "volume/em/"];
  const faults = folders.flatMap((folder) =>
    tree
      .filter(({ path }) => path.startsWith(folder))
      .flatMap(({ path, imports, text }) => [
        ...imports
          .filter(({ target }) => folders.some((other) => other !== folder && target.startsWith(other)))
          .map(({ target }) => `${path} -> ${target}`),
        ...(/\bopen(?:File|Folder)Source\b/.test(text) ? [`${path} opens a path`] : []),
        // to write is to write a file
        ...(/\bfrom "node:fs/.test(text) && !/writer|write-/.test(path) ? [`${path} -> node:fs`] : []),
      ]),
  );
  assert.deepEqual(faults, []);
});

test("no cycle of imports", () => {
  const byPath = new Map(tree.map((file) => [file.path, file]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
    if (done.has(path) || trail.includes(path)) return;
    for (const { target, typeOnly, lazy } of byPath.get(path)?.imports ?? [])
      if (!typeOnly && !lazy) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const { path } of tree) visit(path, []);
  assert.deepEqual(cycles, []);
});

for (const room of ["runner", "schema", "session", "volume", "objects", "compute", "network"])
  test(`no circle between the folders of ${room}/, types included`, () => {
    assert.deepEqual(circles(foldersOf(room)), []);
  });

/** What each folder of a room imports, types and lazy imports included; a file beside the folders counts for itself. */
function foldersOf(room: string): ReadonlyMap<string, ReadonlySet<string>> {
  const placeOf = (path: string): string => path.split("/").slice(0, 2).join("/");
  const places = new Map<string, Set<string>>();
  for (const { path, imports } of tree.filter((file) => roomOf(file.path) === room))
    for (const { target } of imports.filter(
      (imported) => !imported.isPackage && roomOf(imported.target) === room,
    ))
      if (placeOf(target) !== placeOf(path))
        places.set(placeOf(path), (places.get(placeOf(path)) ?? new Set()).add(placeOf(target)));
  return places;
}

function circles(places: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (place: string, trail: readonly string[]): void => {
    if (trail.includes(place)) found.push([...trail.slice(trail.indexOf(place)), place].join(" -> "));
    if (done.has(place) || trail.includes(place)) return;
    for (const next of places.get(place) ?? []) visit(next, [...trail, place]);
    done.add(place);
  };
  for (const place of places.keys()) visit(place, []);
  return found;
}

test("only the command line writes to the console or ends the process", () => {
  const faults = tree
    .filter(({ path }) => roomOf(path) !== "cli")
    .filter(({ text }) => /\bconsole\s*\.|process\.std(out|err)\b/.test(text))
    .map(({ path }) => path);
  assert.deepEqual(faults, []);
  const enders = tree
    .filter(({ path }) => !["cli", "worker"].includes(roomOf(path)))
    .filter(({ text }) => /\bprocess\.exit\b/.test(text))
    .map(({ path }) => path);
  assert.deepEqual(enders, []);
});

test("files are at most 300 lines, or listed with a reason", () => {
  const long = tree
    .filter(({ text }) => text.trimEnd().split("\n").length > 300)
    .map(({ path }) => path)
    .sort();
  assert.deepEqual(long, Object.keys(longFiles).sort());
});

test("files and folders are named after the domain", () => {
  const vague = tree
    .map(({ path }) => path)
    .filter((path) => path.split("/").some((part) => vagueNames.test(part)));
  assert.deepEqual(vague, []);
});

test("no default exports, no enums, no `any` without a reason beside it", () => {
  const faults = tree.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index, lines) => {
      const explained = lines[index - 1]?.includes("biome-ignore lint/suspicious/noExplicitAny:");
      const wrong =
        /^\s*export default\b/.test(line) ||
        /^\s*(export )?(const )?enum\s+\w/.test(line) ||
        (/[:<]\s*any\b(?!\s+\w)/.test(line) && !/^\s*(\/\/|\*|\/\*)/.test(line) && !explained);
      return wrong ? [`${path}:${index + 1}: ${line.trim()}`] : [];
    }),
  );
  assert.deepEqual(faults, []);
});

test("every dependency is named in docs/dependencies.md", () => {
  const page = readFileSync(join(repositoryRoot, "docs/dependencies.md"), "utf8");
  const packages = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8")) as Record<
    string,
    Record<string, string> | undefined
  >;
  const names = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"].flatMap(
    (part) => Object.keys(packages[part] ?? {}),
  );
  assert.ok(names.length > 10);
  assert.deepEqual(
    names.filter((name) => !page.includes(`\`${name}\``)),
    [],
  );
});
