/** Lists of Dynamo, TOM, PyTom, IMOD, EMAN2, copick and CZII: what each means by its numbers, and the mistakes in them. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { ObjectFileOptions } from "../../../src/objects/formats/object-format.ts";
import { readObjects, writeObjects } from "../../../src/objects/formats.ts";
import type { ObjectList } from "../../../src/objects/object-list.ts";
import { repositoryRoot } from "../../support/source-tree.ts";
import { temporaryFolder } from "../../support/temporary.ts";

async function read(
  context: TestContext,
  name: string,
  content: string | Uint8Array,
  options: ObjectFileOptions = {},
) {
  const path = join(await temporaryFolder(context), name);
  await writeFile(path, content);
  return readObjects(path, options);
}

const places = (list: ObjectList) => list.map(({ label, x, y, z }) => [label, x, y, z]);
const voxels = { tomogram: { voxelSizeAngstrom: [10, 10, 10] } } as const;

const tableLine = (columns: Readonly<Record<number, number>>) =>
  Array.from({ length: 35 }, (_, index) => columns[index + 1] ?? 0).join(" ");

test("Dynamo: columns 24 to 26 and the shifts, from 1; 0 in column 22 is no class", async (context) => {
  const line = tableLine({
    1: 7,
    2: 1,
    3: 1,
    4: 0.25,
    6: -0.5,
    7: 10,
    8: 20,
    9: 30,
    10: 0.5,
    20: 3,
    21: 9,
    22: 2,
    24: 11,
    25: 12,
    26: 13,
  });
  assert.deepEqual(await read(context, "a.tbl", `${line}\n`), [
    {
      ...{ label: 2, x: 10.25, y: 11, z: 11.5, tomogramIndex: 3, objectId: 7 },
      ...{ phi: 150, psi: 170, the: 20, score: 0.5, extra: { reg: "9" } },
    },
  ]);
  const binned = await read(context, "b.tbl", line, { tomogram: { binning: 2 } });
  assert.deepEqual(places(binned), [[2, 5.125, 5.5, 5.75]]);
  const none = tableLine({ 24: 1, 25: 1, 26: 1 });
  await assert.rejects(read(context, "c.tbl", none), {
    code: "object-incomplete",
    message: /0 in column 22/,
  });
  assert.deepEqual(places(await read(context, "d.tbl", none, { label: 4 })), [[4, 0, 0, 0]]);
  await assert.rejects(read(context, "e.tbl", `${line}\n1 2 3\n`), {
    message: /e\.tbl:2:1: this line has 3 values/,
  });
  await assert.rejects(read(context, "f.tbl", line.replace("11", "NaN")), {
    message: /value 24, "NaN", is not a number/,
  });
});

test("a motivelist: rows 8 to 13 from 1, in either byte order", async (context) => {
  const values = new Array<number>(20).fill(0);
  for (const [row, value] of [
    [1, 0.5],
    [4, 9],
    [5, 3],
    [6, 2],
    [8, 11],
    [9, 12],
    [10, 13],
    [11, 0.5],
    [17, 10],
    [18, 20],
    [19, 30],
    [20, 2],
  ])
    values[row - 1] = value;
  for (const [machine, little] of [
    [6, true],
    [3, false],
  ] as const) {
    const bytes = new Uint8Array(512 + 80);
    const view = new DataView(bytes.buffer);
    bytes[0] = machine;
    bytes[3] = 5;
    for (const [index, length] of [20, 1, 1].entries()) view.setInt32(4 + 4 * index, length, little);
    for (const [index, value] of values.entries()) view.setFloat32(512 + 4 * index, value, little);
    assert.deepEqual(await read(context, "a.em", bytes), [
      {
        ...{
          label: 2,
          x: 10.5,
          y: 11,
          z: 12,
          tomogramIndex: 3,
          objectId: 9,
          phi: 10,
          psi: 20,
          the: 30,
          score: 0.5,
        },
        extra: { motl_6: "2" },
      },
    ]);
    await assert.rejects(read(context, "b.em", bytes.subarray(0, 580)), {
      code: "objects-binary",
      message: /cut off/,
    });
    view.setInt32(4, 64, little);
    await assert.rejects(read(context, "c.em", bytes), {
      code: "objects-binary",
      message: /64 × 1 × 1 numbers/,
    });
  }
});

const pytom = `<?xml version="1.0"?>
<!-- made by PyTom -->
<ParticleList>
  <Particle Filename="p_0.em">
    <Rotation Paradigm="ZXZ" X="30" Z1="10" Z2="20"/>
    <Shift X="0.5" Y="0" Z="-1"/>
    <PickPosition Origin="tomo_1.mrc" X="10" Y="11" Z="12"/>
    <Score Type="FLCFScore"><FLCFScore Value="0.25"/></Score>
    <Class Name="2"/>
  </Particle>
</ParticleList>
`;

test("PyTom: Z1 is phi, Z2 psi and X theta; an .xml says by itself whose it is", async (context) => {
  assert.deepEqual(await read(context, "a.xml", pytom), [
    { label: 2, x: 10.5, y: 11, z: 11, tomogramId: "tomo_1.mrc", phi: 10, psi: 20, the: 30, score: 0.25 },
  ]);
  await assert.rejects(read(context, "b.xml", pytom.replace('Y="11"', 'Y="e"')), {
    message: /particle 1: Y "e" is not a number/,
  });
  await assert.rejects(read(context, "c.xml", pytom.replace('<Class Name="2"/>', "")), {
    code: "object-incomplete",
  });
  await assert.rejects(read(context, "d.xml", pytom.replace("</Particle>", "")), { code: "objects-xml" });
});

const textModel = `# from imodinfo -a
imod 2
max 100 80 50
refcurscale 2 2 1
refcurtrans 10 0 0
refoldtrans 0 0 0
object 0 1 0
name ribosome
pointsize 4
contour 0 0 2
10.5 20.5 5
1 2 3
object 1 1 0
contour 0 0 1
0.5 0.5 0
`;

test("IMOD: the first voxel's centre is (0.5, 0.5, 0), object n is class n, and a subarea is put back", async (context) => {
  assert.deepEqual(await read(context, "a.mod", textModel), [
    { label: 1, x: 5, y: 20, z: 5, extra: { imod_size: "4" } },
    { label: 1, x: -4.5, y: 1.5, z: 3, extra: { imod_size: "4" } },
    { label: 2, x: -5, y: 0, z: 0 },
  ]);
  await assert.rejects(read(context, "b.mod", textModel.replace("1 2 3\n", "")), {
    message: /a point x y z is missing/,
  });
  await assert.rejects(read(context, "c.mod", textModel.replace("refcurtrans", "refcurrot")), {
    message: /turned image/,
  });
  await assert.rejects(read(context, "d.mod", "IMODV1.1".padEnd(300, "\0")), {
    message: /version is "V1\.1"/,
  });
});

test("IMOD: sizes of new models are those of balls of the clusters, and stay when read again", async (context) => {
  const path = join(await temporaryFolder(context), "a.mod");
  const ball = Math.round((4 / 3) * Math.PI * 6 ** 3);
  await writeObjects(path, [{ label: 3, x: 1, y: 2, z: 3, clusterSize: ball }]);
  const list = await readObjects(path);
  assert.deepEqual(places(list), [[3, 1, 2, 3]]);
  assert.ok(Math.abs(Number(list[0].extra?.imod_size) - 6) < 0.01);
  const bytes = await readFile(path);
  await writeObjects(path, list);
  assert.deepEqual(await readFile(path), bytes);
});

test("EMAN2: with apix_unbin from the centre, n div 2, otherwise voxels; its classes count from 0", async (context) => {
  const boxes = { boxes_3d: [[-4, 8, 2, "tomobox", 0.5, 1]], class_list: {} };
  const text = JSON.stringify({ ...boxes, apix_unbin: 2.5 });
  await assert.rejects(read(context, "a.json", text), {
    code: "objects-option-missing",
    message: /voxel size and size/,
  });
  const known = { tomogram: { ...voxels.tomogram, shape: [50, 80, 101] } } as const;
  assert.deepEqual(await read(context, "b.json", text, known), [
    { label: 2, x: 49, y: 42, z: 25.5, score: 0.5 },
  ]);
  assert.deepEqual(places(await read(context, "c.json", JSON.stringify(boxes))), [[2, -4, 8, 2]]);
  await assert.rejects(read(context, "d.json", '{"boxes_3d": [[1, 2]]}'), {
    message: /box 1 is not \[x, y, z/,
  });
});

test("plain coordinates are voxels, and their class is asked for", async (context) => {
  await assert.rejects(read(context, "a.coords", "1 2 3\n"), { code: "object-incomplete" });
  assert.deepEqual(places(await read(context, "b.coords", "# x y z\n1 2 3\n\n4,5,6\n", { label: 1 })), [
    [1, 1, 2, 3],
    [1, 4, 5, 6],
  ]);
  await assert.rejects(read(context, "c.coords", "1 2 3 0.5\n"), {
    message: /c\.coords:1:1: 0\.5 is not a class label/,
  });
});

test("copick: the matrix is the orientation, its last column shifts, and names of classes are asked for", async (context) => {
  const picks = (matrix: unknown, more = {}) =>
    JSON.stringify({
      ...{
        pickable_object_name: "ribosome",
        user_id: "a",
        session_id: "1",
        run_name: "TS_01",
        unit: "angstrom",
        ...more,
      },
      points: [{ location: { x: 100, y: 200, z: 300 }, transformation_: matrix, instance_id: 4, score: 0.5 }],
    });
  // a quarter turn about z
  const turned = [
    [0, -1, 0, 5],
    [1, 0, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
  ];
  const classes = [{ label: 3, name: "ribosome" }];
  const [object] = await read(context, "a.json", picks(turned), { ...voxels, classes });
  assert.deepEqual(
    [object.label, object.x, object.y, object.z, object.tomogramId, object.objectId, object.score],
    [3, 10.5, 20, 30, "TS_01", 4, 0.5],
  );
  assert.deepEqual([object.phi! + object.psi!, object.the], [90, 0]);
  await assert.rejects(read(context, "b.json", picks(turned), voxels), {
    code: "class-unnamed",
    hint: /--class-names 1=ribosome/,
  });
  await assert.rejects(
    read(context, "c.json", picks([[2, 0, 0, 0], ...turned.slice(1)]), { ...voxels, classes }),
    { message: /does more than turn/ },
  );
  await assert.rejects(read(context, "d.json", picks(turned, { unit: "nm" }), { ...voxels, classes }), {
    message: /counts in angstrom/,
  });
  const unsure = await read(context, "e.json", picks(turned, { trust_orientation: false }), {
    ...voxels,
    classes,
  });
  assert.equal(unsure[0].phi, undefined);
});

test("copick: a new file has the user, the session and the object of its name, of one class and one tomogram", async (context) => {
  const path = join(await temporaryFolder(context), "ada_7_proton-pump.json");
  const one = { label: 1, x: 1, y: 2, z: 3, tomogramId: "TS_01" };
  await writeObjects(path, [one], voxels);
  const { points, ...told } = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
  assert.deepEqual(told, {
    ...{ pickable_object_name: "proton-pump", user_id: "ada", session_id: "7", run_name: "TS_01" },
    ...{ voxel_spacing: 10, unit: "angstrom", trust_orientation: false },
  });
  assert.equal((points as unknown[]).length, 1);
  await assert.rejects(writeObjects(path, [one, { ...one, label: 2 }], voxels), {
    code: "objects-several-classes",
  });
  await assert.rejects(writeObjects(path, [one, { ...one, tomogramId: "TS_02" }], voxels), {
    code: "objects-several-tomograms",
  });
});

test("the CZII challenge: Å, classes by name, the tomogram as experiment", async (context) => {
  const text =
    "id,experiment,particle_type,x,y,z\n0,TS_5_4,ribosome,100,200.5,300\n1,TS_6_4,apo-ferritin,1,2,3\n";
  const classes = [
    { label: 1, name: "apo-ferritin" },
    { label: 2, name: "ribosome" },
  ];
  assert.deepEqual(await read(context, "a.csv", text, { ...voxels, classes }), [
    { label: 2, x: 10, y: 20.05, z: 30, tomogramId: "TS_5_4", objectId: 0 },
    { label: 1, x: 0.1, y: 0.2, z: 0.3, tomogramId: "TS_6_4", objectId: 1 },
  ]);
  await assert.rejects(read(context, "b.csv", text, voxels), {
    code: "class-unnamed",
    message: /ribosome, apo-ferritin/,
  });
  await assert.rejects(read(context, "c.csv", text, { classes }), {
    code: "objects-option-missing",
    message: /voxel size/,
  });
  await assert.rejects(read(context, "d.csv", text.replace("200.5", "x"), { ...voxels, classes }), {
    message: /d\.csv:2:\d+: y "x"/,
  });
});

const shared = join(repositoryRoot, "../shared/data/formats/other");

test("files of the programs themselves", {
  skip: !existsSync(shared) && "without ../shared/data/formats",
}, async () => {
  const at = { ...voxels, label: 1 };
  const picks = await readObjects(join(shared, "copick.json"), at);
  assert.deepEqual(
    picks
      .slice(0, 2)
      .map(({ x, y, z, phi, psi, the }) => [
        x,
        y,
        z,
        ...[phi, psi, the].map((angle) => Math.round(angle! * 1e6) / 1e6),
      ]),
    [
      [4, 2, 3, 0, 90, 45],
      [0, 5, 1, 135, 150, 90],
    ],
  );
  const table = await readObjects(join(shared, "dynamo_crop.tbl"), at);
  assert.equal(table.length, 4485);
  assert.deepEqual(places(table.slice(0, 1)), [[1, 780.71, 253.24, 218]]);
  const model = await readObjects(join(shared, "oriented_points.mod"));
  assert.deepEqual(
    places(model).map((place) => place.map((value) => Number(value.toFixed(3)))),
    [
      [1, 234.922, 682.412, 301.955],
      [1, 221.308, 660.545, 327],
      [1, 231.942, 670.922, 327.265],
      [1, 239.695, 679.677, 324.116],
    ],
  );
});
