/** workflows/relion5-round-trip.yaml on small tomograms of two sizes: one STAR file in, one out, every place where RELION has it. */
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { KnownTomogram } from "../../src/objects/formats/object-format.ts";
import { readObjects, writeObjects } from "../../src/objects/formats.ts";
import { writeVolume } from "../../src/volume/formats.ts";
import type { Shape3 } from "../../src/volume/volume.ts";
import { tomoflow } from "../support/command-line.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { temporaryFolder } from "../support/temporary.ts";

const ids = ["TS_01", "TS_03", "TS_43", "TS_45", "TS_54"];
/** (z, y, x), unequal, and of two sizes. */
const shapeOf = (id: string): Shape3 => (id === "TS_03" ? [24, 44, 40] : [28, 40, 44]);
const known = (id: string): KnownTomogram => ({ shape: shapeOf(id), voxelSizeAngstrom: [10, 10, 10] });

const balls = (id: string) => {
  const [z, y, x] = shapeOf(id);
  return [
    { x: 11 + ids.indexOf(id), y: 13, z: 10 },
    { x: x - 12, y: y - 14, z: z - 11 },
  ];
};

test("particles of RELION 5 come in, and picks go out to it", async (context) => {
  const folder = await temporaryFolder(context);
  const file = "relion5-round-trip.yaml";
  const workflow = await readFile(join(repositoryRoot, "workflows", file), "utf8");
  await writeFile(
    join(folder, file),
    workflow
      .replace("radius: 10", "radius: 5")
      .replace("learningRate: 0.001", "learningRate: 0.003\n      validationSteps: 1"),
  );
  await mkdir(join(folder, "tomograms"));
  for (const id of ids) {
    const shape = shapeOf(id);
    const [, height, width] = shape;
    const data = Float32Array.from({ length: shape[0] * height * width }, (_, voxel) => {
      const [z, y, x] = [
        Math.floor(voxel / height / width),
        Math.floor(voxel / width) % height,
        voxel % width,
      ];
      const isInside = balls(id).some((ball) => Math.hypot(x - ball.x, y - ball.y, z - ball.z) < 5);
      return (isInside ? 3 : 0) + ((voxel * 7919) % 251) / 251;
    });
    await writeVolume(join(folder, `tomograms/rec_${id}.mrc`), {
      ...{ data, shape, voxelSizeAngstrom: [10, 10, 10], originAngstrom: [0, 0, 0] },
    });
  }
  const particles = ids
    .slice(0, 3)
    .flatMap((id) =>
      balls(id).map((ball) => ({ ...ball, label: 1, tomogramId: id, phi: 10, psi: 20, the: 30 })),
    );
  await writeObjects(join(folder, "particles.star"), particles, { tomogramOf: known });
  const sets = ["epochs=2", "steps=30", "patchSize=16", "batchSize=2", "filters=[4, 8, 8]"].flatMap(
    (value) => ["--set", value],
  );
  const { code, stdout, stderr } = await tomoflow(["run", file, ...sets], { folder });
  assert.equal(code, 0, stdout + stderr);
  const results = join(folder, "results/relion5-round-trip");
  const star = join(results, "export/particles.star");
  const text = await readFile(star, "utf8");
  assert.match(text, /_rlnTomoName #1\n_rlnCenteredCoordinateXAngst #2/);
  const found = new Map<string, number>();
  for (const id of ids) {
    const detections = await readObjects(join(results, `cluster/${id}/detections.xml`));
    const exported = await readObjects(star, { tomogram: { ...known(id), row: { id } } });
    const own = exported.filter(({ tomogramId }) => tomogramId === id);
    const rounded = (list: readonly { readonly x: number; readonly y: number; readonly z: number }[]) =>
      list.map(({ x, y, z }) => [x, y, z].map((value) => Number(value.toFixed(3))));
    assert.deepEqual(rounded(own), rounded(detections), id);
    for (const ball of balls(id))
      if (own.some(({ x, y, z }) => Math.hypot(x - ball.x, y - ball.y, z - ball.z) < 3))
        found.set(id, (found.get(id) ?? 0) + 1);
  }
  assert.ok(
    [...found.values()].reduce((sum, one) => sum + one, 0) >= 8,
    `found ${JSON.stringify([...found])} of 2 each`,
  );

  // particles that are moved in one tomogram make only its target anew, and what is trained on it
  const moved = particles.map((particle, index) =>
    index === 0 ? { ...particle, x: particle.x + 1 } : particle,
  );
  await writeObjects(join(folder, "particles.star"), moved, { tomogramOf: known });
  const planned = await tomoflow(["plan", file, "--json", ...sets], { folder });
  const { tasks } = JSON.parse(planned.stdout) as { tasks: { id: string; state: string }[] };
  assert.deepEqual(
    tasks.filter(({ id }) => id.startsWith("target")).map(({ id, state }) => [id, state]),
    [
      ["target@TS_01", "run"],
      ["target@TS_03", "fresh"],
      ["target@TS_43", "fresh"],
    ],
  );
});
