/**
 * Particle lists against the field's own programs: starfile, eulerangles, dynamotable, imodmodel, emfile and copick read what we write and agree, and we read
 * what they write. TOMOFLOW_PYTHON names the interpreter (python3); what is missing there fails the test.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Random } from "../../src/core/random.ts";
import type { ObjectFileOptions } from "../../src/objects/formats/object-format.ts";
import { readObjects, writeObjects } from "../../src/objects/formats.ts";
import type { ObjectList } from "../../src/objects/object-list.ts";
import { rotationOf } from "../../src/volume/rotation.ts";
import { temporaryFolder } from "../support/temporary.ts";

const python = process.env.TOMOFLOW_PYTHON ?? "python3";

const runPython = (script: string, ...words: readonly string[]): unknown =>
  JSON.parse(execFileSync(python, ["-c", script, ...words], { encoding: "utf8" }));

const random = new Random(3);
const list: ObjectList = Array.from({ length: 40 }, (_, index) => ({
  label: 1,
  x: random.uniform() * 100,
  y: random.uniform() * 80,
  z: random.uniform() * 50,
  tomogramId: "TS_01",
  tomogramIndex: 3,
  objectId: index,
  phi: random.uniform() * 360 - 180,
  psi: random.uniform() * 360 - 180,
  the: random.uniform() * 180,
  score: 0.25,
}));

const options: ObjectFileOptions = {
  tomogram: {
    row: { id: "TS_01", index: 3 },
    voxelSizeAngstrom: [10, 10, 10],
    shape: [50, 80, 101],
    binning: 4,
  },
  classes: [{ label: 1, name: "ribosome" }],
};

/** Of numbers in lists of lists. */
function assertNear(found: unknown, wanted: readonly (readonly number[])[], tolerance: number): void {
  const rows = found as readonly (readonly number[])[];
  assert.equal(rows.length, wanted.length);
  for (const [index, row] of rows.entries())
    for (const [column, value] of row.entries())
      assert.ok(
        Math.abs(value - wanted[index][column]) <= tolerance,
        `${index}, ${column}: ${value}, wanted ${wanted[index][column]}`,
      );
}

test("starfile reads what we write for RELION 5, and what it writes we read", async (context) => {
  const folder = await temporaryFolder(context);
  const [path, again] = [join(folder, "a.star"), join(folder, "b.star")];
  const withOptics = list.map((object) => ({
    ...object,
    extra: { rlnOpticsGroup: "1", "optics.rlnOpticsGroupName": "optics one", "optics.rlnVoltage": "300" },
  }));
  await writeObjects(path, withOptics, options);
  const read = runPython(
    `
import json, sys, starfile
blocks = starfile.read(sys.argv[1], always_dict=True)
p = blocks["particles"]
starfile.write(blocks, sys.argv[2])
print(json.dumps({"places": p[["rlnCenteredCoordinateXAngst","rlnCenteredCoordinateYAngst","rlnCenteredCoordinateZAngst"]].values.tolist(),
  "names": sorted(set(p["rlnTomoName"])), "optics": blocks["optics"].to_dict("records")[0]}, default=str))`,
    path,
    again,
  ) as { places: number[][]; names: string[]; optics: Record<string, unknown> };
  assertNear(
    read.places,
    list.map(({ x, y, z }) => [(x - 50.5) * 10, (y - 40) * 10, (z - 25) * 10]),
    1e-5,
  );
  assert.deepEqual(read.names, ["TS_01"]);
  assert.equal(read.optics.rlnOpticsGroupName, "optics one");
  const back = await readObjects(again, options);
  assertNear(
    back.map(({ x, y, z, phi, psi, the }) => [x, y, z, phi!, psi!, the!]),
    list.map(({ x, y, z, phi, psi, the }) => [x, y, z, phi!, psi!, the!]),
    1e-5,
  );
  assert.equal(back[0].extra?.["optics.rlnOpticsGroupName"], "optics one");
});

test("eulerangles turns RELION's angles into the matrices that ours are, and into Dynamo's angles", async (context) => {
  const folder = await temporaryFolder(context);
  const [star, table] = [join(folder, "a.star"), join(folder, "a.tbl")];
  await writeObjects(star, list, options);
  await writeObjects(table, list, { ...options, tomogram: { ...options.tomogram, binning: 1 } });
  const read = runPython(
    `
import json, sys, starfile, dynamotable
from eulerangles import euler2matrix, convert_eulers
relion = starfile.read(sys.argv[1], always_dict=True)["particles"][["rlnAngleRot","rlnAngleTilt","rlnAnglePsi"]].values
dynamo = dynamotable.read(sys.argv[2])
# RELION's matrix turns the particle onto the reference: what turns the reference into the particle is its transpose
particle_onto_reference = euler2matrix(relion, axes="zyz", intrinsic=True, right_handed_rotation=True)
print(json.dumps({"relion": particle_onto_reference.transpose(0, 2, 1).reshape(-1, 9).tolist(),
  "fromRelion": euler2matrix(convert_eulers(relion, "relion", "dynamo"), axes="zxz", intrinsic=False, right_handed_rotation=True).reshape(-1, 9).tolist(),
  "dynamo": euler2matrix(dynamo[["tdrot","tilt","narot"]].values, axes="zxz", intrinsic=False, right_handed_rotation=True).reshape(-1, 9).tolist(),
  "places": dynamo[["x","y","z"]].values.tolist(), "tomo": sorted(set(int(t) for t in dynamo["tomo"]))}))`,
    star,
    table,
  ) as Readonly<Record<string, number[][]>>;
  assertNear(
    read.relion,
    list.map((object) => [...rotationOf(object as Required<typeof object>)]),
    1e-6,
  );
  assertNear(read.dynamo, read.fromRelion, 1e-6);
  assertNear(
    read.places,
    list.map(({ x, y, z }) => [x + 1, y + 1, z + 1]),
    1e-5,
  );
  assert.deepEqual(read.tomo, [3]);
});

test("dynamotable's own table reads back", async (context) => {
  const path = join(await temporaryFolder(context), "own.tbl");
  runPython(
    `
import sys, pandas, dynamotable
dynamotable.write(pandas.DataFrame({"x": [10.0, 20.5], "y": [5.0, 6.0], "z": [1.0, 2.0], "dx": [0.25, 0.0], "dy": [0.0, -1.0], "dz": [0.0, 0.0],
  "tdrot": [10.0, 0.0], "tilt": [20.0, 0.0], "narot": [30.0, 0.0], "tomo": [3, 3], "class": [1, 2]}), sys.argv[1])
print("{}")`,
    path,
  );
  const read = await readObjects(path);
  assert.deepEqual(
    read.map(({ x, y, z, label, phi, psi, the, tomogramIndex }) => [
      x,
      y,
      z,
      label,
      phi,
      psi,
      the,
      tomogramIndex,
    ]),
    [
      [9.25, 4, 0, 1, 150, 170, 20, 3],
      [19.5, 4, 1, 2, 180, 180, 0, 3],
    ],
  );
});

test("imodmodel reads our models, with the first voxel's centre at (0.5, 0.5, 0)", async (context) => {
  const path = join(await temporaryFolder(context), "picks.mod");
  const two = list.map((object, index) => ({ ...object, label: 1 + (index % 2), clusterSize: 100 }));
  await writeObjects(path, two, { ...options, tomogram: { ...options.tomogram, binning: 1 } });
  const read = runPython(
    `
import json, sys, imodmodel
frame = imodmodel.read(sys.argv[1])
print(json.dumps(frame[["object_id", "x", "y", "z"]].values.tolist()))`,
    path,
  );
  const byClass = [1, 2].flatMap((label) => two.filter((object) => object.label === label));
  assertNear(
    read,
    byClass.map(({ label, x, y, z }) => [label - 1, x + 0.5, y + 0.5, z]),
    1e-4,
  );
});

test("emfile reads our motivelists, and what it writes we read", async (context) => {
  const folder = await temporaryFolder(context);
  const [path, again] = [join(folder, "a.em"), join(folder, "b.em")];
  await writeObjects(path, list, { ...options, tomogram: { ...options.tomogram, binning: 1 } });
  const read = runPython(
    `
import json, sys, emfile
header, data = emfile.read(sys.argv[1])
emfile.write(sys.argv[2], data, overwrite=True)
print(json.dumps(data.reshape(-1, 20)[:, [7, 8, 9, 16, 17, 18]].tolist()))`,
    path,
    again,
  );
  assertNear(
    read,
    list.map(({ x, y, z, phi, psi, the }) => [x + 1, y + 1, z + 1, phi!, psi!, the!]),
    1e-4,
  );
  assert.deepEqual(await readObjects(again), await readObjects(path));
});

test("copick opens a project with our picks, and we read those it stores", async (context) => {
  const folder = await temporaryFolder(context);
  const picks = join(folder, "ExperimentRuns", "TS_01", "Picks");
  await mkdir(picks, { recursive: true });
  await writeObjects(join(picks, "tomoflow_1_ribosome.json"), list, options);
  const read = runPython(
    `
import json, sys, numpy, copick
config = sys.argv[1] + "/config.json"
json.dump({"config_type": "filesystem", "name": "p", "description": "", "version": "1.0.0", "user_id": "tester", "session_id": "5",
  "pickable_objects": [{"name": "ribosome", "is_particle": True, "label": 1, "color": [0, 255, 0, 255], "radius": 100}],
  "overlay_root": "local://" + sys.argv[1], "overlay_fs_args": {"auto_mkdir": True}}, open(config, "w"))
root = copick.from_file(config)
run = root.get_run("TS_01")
picks = run.get_picks(object_name="ribosome", user_id="tomoflow", session_id="1")[0]
points, matrices = picks.numpy()
new = run.new_picks(object_name="ribosome", session_id="5", user_id="tester")
new.from_numpy(points, matrices)
new.store()
print(json.dumps({"points": points.tolist(), "matrices": matrices[:, :3, :3].reshape(-1, 9).tolist()}))`,
    folder,
  ) as { points: number[][]; matrices: number[][] };
  assertNear(
    read.points,
    list.map(({ x, y, z }) => [x * 10, y * 10, z * 10]),
    1e-6,
  );
  assertNear(
    read.matrices,
    list.map((object) => [...rotationOf(object as Required<typeof object>)]),
    1e-9,
  );
  const back = await readObjects(join(picks, "tester_5_ribosome.json"), options);
  assertNear(
    back.map(({ x, y, z, phi, psi, the }) => [x, y, z, phi!, psi!, the!]),
    list.map(({ x, y, z, phi, psi, the }) => [x, y, z, phi!, psi!, the!]),
    1e-6,
  );
});
