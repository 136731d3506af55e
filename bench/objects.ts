/**
 * Object lists and evaluation: node --import tsx bench/objects.ts
 *
 * Evaluation of 4,000 detections against 3,000 objects of twelve classes in 200×512×512 voxels: nine in ten objects are found
 * within 3 voxels, the other detections lie anywhere. Lists of 100,000 objects with every field, read and written as xml, xlsx
 * and csv; asked for: 2 s each. The files lie in the system's temporary folder and are deleted.
 */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "../src/core/random.ts";
import { evaluateObjects } from "../src/objects/evaluation/evaluate-objects.ts";
import { readObjects, writeObjects } from "../src/objects/formats.ts";
import type { ObjectList, TomogramObject } from "../src/objects/object-list.ts";
import { bestOfTurns, type Time } from "./turns.ts";

type Print = (line: string) => void;

const classes = 12;
const secondsAskedFor = 2;

export async function benchObjects(print: Print): Promise<void> {
  await benchEvaluation(print);
  const folder = await mkdtemp(join(tmpdir(), "tomoflow-bench-"));
  try {
    await benchLists(print, folder, objectsAtRandom(100_000));
    await benchParticles(print, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A million particles with angles, scores, names and optics groups as RELION 5 writes them; asked for: 3 s and 1 GB. */
async function benchParticles(print: Print, folder: string): Promise<void> {
  const path = join(folder, "particles.star");
  const tomogram = { voxelSizeAngstrom: [10, 10, 10], shape: [200, 630, 630] } as const;
  const list = Array.from({ length: 1_000_000 }, (_, index) => ({
    ...{ label: 1 + (index % 3), x: (index * 7.13) % 630, y: (index * 3.77) % 630, z: (index * 1.91) % 200 },
    ...{ tomogramId: `TS_${Math.floor(index / 10_000)}`, objectId: index, score: (index % 1000) / 1000 },
    ...{ phi: (index * 0.37) % 180, psi: (index * 0.11) % 180, the: (index * 0.3) % 180 },
    extra: { rlnOpticsGroup: "1", rlnRandomSubset: String(1 + (index % 2)), "optics.rlnVoltage": "300.0" },
  }));
  let start = performance.now();
  await writeObjects(path, list, { tomogram });
  const written = performance.now() - start;
  start = performance.now();
  const { length } = await readObjects(path, { tomogram });
  const read = performance.now() - start;
  const { size } = await stat(path);
  print(
    `particles: ${length} of RELION 5 (${(size / 1e6).toFixed(0)} MB) written in ${(written / 1000).toFixed(1)} s, read in ${(read / 1000).toFixed(1)} s; ` +
      `most memory of the whole run ${(process.resourceUsage().maxRSS / 1e6).toFixed(2)} GB`,
  );
}

async function benchEvaluation(print: Print): Promise<void> {
  const truth = objectsAtRandom(3000);
  const detections = detectionsOf(truth, 4000);
  const evaluate = () =>
    evaluateObjects([{ id: "t1", truth, detections }], { rule: { type: "distance", distance: 8 }, beta: 1 });
  const times = await bestOfTurns({ evaluate }, 5);
  const { micro } = (await evaluate()).overall;
  print(
    `evaluation of ${detections.length} detections against ${truth.length} objects: ${timeText(times.evaluate)}; ` +
      `${micro.tp} found, F1 ${micro.f1?.toFixed(3)}`,
  );
  for (const [found, there] of [
    [4000, 4000],
    [4000, 3000],
    [20_000, 20_000],
  ] as const)
    await benchBlob(print, found, there);
}

/** All within one distance of each other: every detection may be any object. */
async function benchBlob(print: Print, found: number, there: number): Promise<void> {
  const random = new Random(3);
  const truth = blobAtRandom(random, there);
  const detections = blobAtRandom(random, found).map((object) => ({ ...object, score: random.uniform() }));
  const [start, used] = [performance.now(), process.cpuUsage()];
  const { overall } = await evaluateObjects([{ id: "t1", truth, detections }], {
    rule: { type: "distance", distance: 2 * blobRadius },
    beta: 1,
  });
  const time = {
    seconds: (performance.now() - start) / 1000,
    processorSeconds: process.cpuUsage(used).user / 1e6,
  };
  print(
    `evaluation of a blob, ${found} detections against ${there} objects, ${(found * there) / 1e6} million possible pairs: ` +
      `${timeText(time)}; ${overall.micro.tp} found; at most ${(process.resourceUsage().maxRSS / 1e6).toFixed(2)} GB so far`,
  );
}

const blobRadius = 20;

/** Evenly in a ball. */
function blobAtRandom(random: Random, count: number): TomogramObject[] {
  const list: TomogramObject[] = [];
  while (list.length < count) {
    const [x, y, z] = [0, 0, 0].map(() => blobRadius * (2 * random.uniform() - 1));
    if (Math.hypot(x!, y!, z!) <= blobRadius) list.push({ label: 1, x: x!, y: y!, z: z! });
  }
  return list;
}

async function benchLists(print: Print, folder: string, objects: ObjectList): Promise<void> {
  for (const format of ["xml", "xlsx", "csv"]) {
    const path = join(folder, `objects.${format}`);
    const times = await bestOfTurns(
      { write: () => writeObjects(path, objects), read: () => readObjects(path) },
      3,
    );
    const read = await readObjects(path);
    if (read.length !== objects.length) throw new Error(`${path} holds ${read.length} objects`);
    const { size } = await stat(path);
    print(
      `${objects.length} objects as ${format}, ${(size / 1e6).toFixed(0)} MB: ` +
        `read ${timeText(times.read)}, write ${timeText(times.write)} (asked for ${secondsAskedFor} s)`,
    );
  }
}

const timeText = ({ seconds, processorSeconds }: Time): string =>
  `${seconds.toFixed(2)} s (processor ${processorSeconds.toFixed(2)} s)`;

/** Every field filled. */
function objectsAtRandom(count: number): ObjectList {
  const random = new Random(5);
  return Array.from({ length: count }, (_, index) => ({
    ...placeAtRandom(random),
    tomogramIndex: 0,
    objectId: index,
    phi: random.uniform() * 360,
    psi: random.uniform() * 360,
    the: random.uniform() * 180,
    clusterSize: random.integer(50, 2000),
    score: random.uniform(),
    tomogramId: "t1",
  }));
}

const placeAtRandom = (random: Random): TomogramObject => ({
  label: random.integer(1, classes),
  x: random.uniform() * 511,
  y: random.uniform() * 511,
  z: random.uniform() * 199,
});

function detectionsOf(truth: ObjectList, count: number): ObjectList {
  const random = new Random(6);
  const near = (value: number) => value + 6 * (random.uniform() - 0.5);
  const found = truth
    .filter(() => random.uniform() < 0.9)
    .map(({ label, x, y, z }) => ({ label, x: near(x), y: near(y), z: near(z) }));
  const spurious = Array.from({ length: count - found.length }, () => placeAtRandom(random));
  return [...found, ...spurious].map((object) => ({ ...object, score: random.uniform() }));
}

if (import.meta.filename === process.argv[1]) await benchObjects((line) => process.stdout.write(`${line}\n`));
