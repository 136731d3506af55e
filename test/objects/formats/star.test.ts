/** STAR files of RELION 3.0, 3.1, 4 and 5, Warp, M and STOPGAP: what each program means by its numbers. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { KnownTomogram } from "../../../src/objects/formats/object-format.ts";
import { createByteText, parseDecimal } from "../../../src/objects/formats/star/decimal.ts";
import { baseOfTomogramName } from "../../../src/objects/formats/star/tomogram-name.ts";
import { checkObjects, readObjects, writeObjects } from "../../../src/objects/formats.ts";
import type { ObjectList, TomogramObject } from "../../../src/objects/object-list.ts";
import { objectsContent } from "../../../src/steps/parts/objects-content.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const tomogram: KnownTomogram = { voxelSizeAngstrom: [10, 10, 10], shape: [50, 80, 101] };

async function listFile(context: TestContext, text: string): Promise<string> {
  const path = join(await temporaryFolder(context), "particles.star");
  await writeFile(path, text);
  return path;
}

const places = (list: ObjectList) => list.map(({ x, y, z }) => [x, y, z]);

const relion5 = `
# version 50001

data_general

_rlnTomoSubTomosAre2DStacks    1

data_optics

loop_
_rlnOpticsGroup #1
_rlnOpticsGroupName #2
_rlnVoltage #3
_rlnTomoTiltSeriesPixelSize #4
           1    optics1   300.000000     2.5
           2   "optics 2" 200.000000     2.5

data_particles

loop_
_rlnTomoName #1
_rlnCenteredCoordinateXAngst #2
_rlnCenteredCoordinateYAngst #3
_rlnCenteredCoordinateZAngst #4
_rlnAngleRot #5
_rlnAngleTilt #6
_rlnAnglePsi #7
_rlnOriginXAngst #8
_rlnOriginYAngst #9
_rlnOriginZAngst #10
_rlnClassNumber #11
_rlnOpticsGroup #12
_rlnTomoParticleName #13
TS_01     0.000000   -400.000000  240.000000   90 45 180   0  0   0  2  1  TS_01/1
TS_01    -5.0        100          -250         -45 90 120  10 -20 5  1  2  TS_01/2   # a comment
TS_02.tomostar    1e1  0 0   0 0 0  0 0 0  1  1  'TS_02/1'
`;

test("RELION 5 counts Å from voxel n/2, and origins are taken off", async (context) => {
  const path = await listFile(context, relion5);
  const list = await readObjects(path, { tomogram });
  assert.deepEqual(places(list), [
    [50.5, 0, 49],
    [50.5 - 0.5 - 1, 40 + 10 + 2, 25 - 25 - 0.5],
    [51.5, 40, 25],
  ]);
  assert.deepEqual(
    list.map(({ label, tomogramId, phi, psi, the }) => [label, tomogramId, phi, psi, the]),
    [
      [2, "TS_01", 0, 90, 45],
      [1, "TS_01", 135, 150, 90],
      [1, "TS_02.tomostar", 90, -90, 0],
    ],
  );
  assert.deepEqual(list[1].extra, {
    rlnOpticsGroup: "2",
    rlnTomoParticleName: "TS_01/2",
    "optics.rlnOpticsGroupName": "optics 2",
    "optics.rlnVoltage": "200.000000",
    "optics.rlnTomoTiltSeriesPixelSize": "2.5",
  });
});

test("without the size and voxel size nothing is guessed", async (context) => {
  const path = await listFile(context, relion5);
  await assert.rejects(readObjects(path), { code: "objects-option-missing", message: /voxel size and size/ });
  await assert.rejects(readObjects(path, { tomogram: { shape: [1, 1, 1] } }), {
    message: /the voxel size of/,
  });
});

test("a row of a workflow gets its own, by a name that is its path or has the ending of Warp", async (context) => {
  const path = await listFile(context, relion5);
  const of = async (id: string) => {
    const read = await checkObjects(path, { tomogram: { ...tomogram, row: { id } } });
    assert.ok(read.ok);
    return read.value.map(({ tomogramId }) => tomogramId);
  };
  assert.deepEqual(await of("TS_02"), ["TS_02"]);
  assert.deepEqual(await of("TS_01"), ["TS_01", "TS_01"]);
  assert.deepEqual(
    ["a/b/TS_1.mrc", "TS_1.mrc.tomostar", "TS_1_10.73Apx.mrc", "c:\\x\\TS_1.rec", "TS_1"].map(
      baseOfTomogramName,
    ),
    ["TS_1", "TS_1", "TS_1", "TS_1", "TS_1"],
  );
  const twice = await listFile(context, relion5.replace("TS_01     0", "old/TS_02.mrc 0"));
  const read = await checkObjects(twice, { tomogram: { ...tomogram, row: { id: "TS_02" } } });
  assert.deepEqual(
    read.diagnostics.map(({ message }) => message),
    ["old/TS_02.mrc and TS_02.tomostar are both TS_02: the list does not say which is meant"],
  );
});

test("only the objects of its row count for the key of a task", async (context) => {
  const path = await listFile(context, relion5);
  const part = (file: string, id: string) => objectsContent(file, { type: "tomogram", id });
  const before = await part(path, "TS_01");
  const changed = await listFile(context, relion5.replace("1e1  0 0", "1e1 7 0"));
  const moved = await listFile(context, relion5.replace("240.000000", "240.000001"));
  assert.ok(before && before.size > 0);
  assert.deepEqual(await part(changed, "TS_01"), before);
  assert.notDeepEqual(await part(changed, "TS_02"), await part(path, "TS_02"));
  assert.notDeepEqual(await part(moved, "TS_01"), before);
});

const relion4 = relion5
  .replaceAll("CenteredCoordinateX", "CoordinateX")
  .replaceAll("CenteredCoordinateY", "CoordinateY")
  .replaceAll("CenteredCoordinateZ", "CoordinateZ")
  .replaceAll(/(Coordinate[XYZ])Angst/g, "$1")
  .replace(".tomostar", "");

test("RELION 4 counts unbinned pixels of the tilt series, whose size the optics group says", async (context) => {
  const path = await listFile(context, relion4);
  const list = await readObjects(path, { tomogram: { voxelSizeAngstrom: [10, 10, 10] } });
  // 2.5 Å a pixel: a voxel is four
  assert.deepEqual(places(list), [
    [0, -100, 60],
    [-1.25 - 1, 25 + 2, -62.5 - 0.5],
    [2.5, 0, 0],
  ]);
  const mute = await listFile(context, relion4.replace("rlnTomoTiltSeriesPixelSize", "rlnImagePixelSize"));
  await assert.rejects(readObjects(mute, { tomogram: { voxelSizeAngstrom: [10, 10, 10] } }), {
    code: "objects-option-missing",
    message: /the binning of/,
  });
  const binned = await readObjects(mute, { tomogram: { voxelSizeAngstrom: [10, 10, 10], binning: 5 } });
  assert.deepEqual(places(binned)[0], [0, -80, 48]);
});

test("a subtomogram's own rotation comes behind that of its particle, and turns its offset", async (context) => {
  const text = relion5
    .replace(
      "_rlnTomoParticleName #13",
      "_rlnTomoParticleName #13\n_rlnTomoSubtomogramRot\n_rlnTomoSubtomogramTilt\n_rlnTomoSubtomogramPsi",
    )
    .replace("TS_01/1\n", "TS_01/1 0 0 0\n")
    .replace("TS_01/2   # a comment", "TS_01/2 90 0 0")
    .replace("'TS_02/1'", "'TS_02/1' 0 0 0");
  const [first, second] = await readObjects(await listFile(context, text), { tomogram });
  assert.deepEqual([first.phi, first.psi, first.the], [0, 90, 45]);
  // RELION's matrix of rot 90 is a quarter turn backwards: it brings (10, −20, 5) to (−20, −10, 5)
  const near = (value: number | undefined, wanted: number) =>
    assert.ok(Math.abs(value! - wanted) < 1e-9, `${value}`);
  near(second.x, 50.5 - 0.5 + 2);
  near(second.y, 40 + 10 + 1);
  near(second.z, 25 - 25 - 0.5);
  near(second.psi, 150 - 90);
  near(second.phi, 135);
  near(second.the, 90);
});

const warp = `
data_

loop_
_rlnCoordinateX #1
_rlnCoordinateY #2
_rlnCoordinateZ #3
_rlnMicrographName #4
_rlnAngleRot #5
_rlnAngleTilt #6
_rlnAnglePsi #7
_rlnPixelSize #8
  806.000  398.000  208.000  TS_1.mrc.tomostar  -61.8573  110.4252    35.4281  5.0
`;

test("Warp counts pixels of its exported particles, also beside a pixel size of the tilt series", async (context) => {
  const one = { voxelSizeAngstrom: [10, 10, 10] } as const;
  const path = await listFile(context, warp);
  const [object] = await readObjects(path, { tomogram: one, label: 1 });
  assert.deepEqual([object.x, object.y, object.z, object.tomogramId], [403, 199, 104, "TS_1.mrc"]);
  const warpTools = relion4
    .replaceAll("TS_01 ", "TS_01.tomostar ")
    .replace("_rlnVoltage #3", "_rlnImagePixelSize #3")
    .replace("300.000000", "5.0")
    .replace("200.000000", "5.0");
  const list = await readObjects(await listFile(context, warpTools), { tomogram: one });
  assert.deepEqual(places(list)[0], [0, -200, 120]);
  const asRelion = await readObjects(await listFile(context, warpTools), {
    tomogram: one,
    format: "relion4",
  });
  assert.deepEqual(places(asRelion)[0], [0, -100, 60]);
});

const relion3 = (optics: string, origin: string, columns: string, values: string) => `
${optics}
data_particles

loop_
_rlnMicrographName
_rlnCoordinateX
_rlnCoordinateY
_rlnCoordinateZ
${["X", "Y", "Z"].map((axis) => `_rlnOrigin${axis}${origin}`).join("\n")}
_rlnClassNumber
${columns}
tomograms/t0.mrc 8 16 24 4 -4 0 3 ${values}
`;

test("RELION 3 does not say how large its pixels are: that is asked for", async (context) => {
  const optics = "data_optics\n\nloop_\n_rlnOpticsGroup\n_rlnImagePixelSize\n1 2.5\n";
  const path = await listFile(context, relion3(optics, "Angst", "_rlnOpticsGroup", "1"));
  await assert.rejects(readObjects(path, { tomogram }), {
    code: "objects-option-missing",
    message: /binning/,
  });
  const known = { voxelSizeAngstrom: [8, 8, 8], binning: 4 } as const;
  assert.deepEqual(places(await readObjects(path, { tomogram: known })), [[2 - 0.5, 4 + 0.5, 6]]);
  const old = await listFile(context, relion3("", "", "_rlnMagnification\n_rlnDetectorPixelSize", "20000 8"));
  // offsets in pixels of the images: 4 Å
  assert.deepEqual(places(await readObjects(old, { tomogram: known })), [[2 - 2, 4 + 2, 6]]);
});

const stopgap = `
data_stopgap_motivelist

loop_
_motl_idx
_tomo_num
_object
_subtomo_num
_halfset
_orig_x
_orig_y
_orig_z
_score
_x_shift
_y_shift
_z_shift
_phi
_psi
_the
_class

   7   3  1    1  A   4.000000  8.000000   12.000000  0.1816  -1.25     -2.40000     0.5   90  180   45  2
`;

test("STOPGAP counts from 1, adds its shifts, and has our angles", async (context) => {
  const path = await listFile(context, stopgap);
  assert.deepEqual(await readObjects(path), [
    {
      label: 2,
      x: 1.75,
      y: 4.6,
      z: 11.5,
      tomogramIndex: 3,
      objectId: 7,
      phi: 90,
      psi: 180,
      the: 45,
      score: 0.1816,
      extra: { object: "1", subtomo_num: "1", halfset: "A" },
    },
  ]);
});

const full: ObjectList = [
  { label: 2, x: 1.5, y: 20.25, z: 3, tomogramId: "7", objectId: 4, phi: -142, psi: 20, the: 83, score: 0.5 },
  {
    label: 1,
    x: 100,
    y: 0,
    z: 49,
    tomogramId: "9",
    objectId: 5,
    phi: 180,
    psi: -179.5,
    the: 0,
    score: 0.125,
  },
];

/** What was read, without what the format added, and with numbers as the file holds them. */
const rounded = (list: ObjectList) =>
  list.map(({ extra: _, ...object }) =>
    Object.fromEntries(
      Object.entries(object).map(([name, value]) => [
        name,
        typeof value === "number" ? Number(value.toFixed(5)) : value,
      ]),
    ),
  );

for (const [format, options] of [
  ["star", tomogram],
  ["relion5", tomogram],
  ["relion4", { ...tomogram, binning: 4 }],
  ["relion31", { ...tomogram, binning: 1 }],
  ["relion31", { ...tomogram, binning: 4 }],
  ["relion3", { ...tomogram, binning: 2 }],
  ["warp", { ...tomogram, binning: 2 }],
  ["stopgap", {}],
] as const)
  test(`${format}${"binning" in options ? ` of a tomogram binned by ${options.binning}` : ""}: written and read again`, async (context) => {
    const path = join(await temporaryFolder(context), "picks.star");
    const written = await writeObjects(path, full, { format, tomogram: options });
    const isStopgap = format === "stopgap";
    assert.deepEqual(
      written.diagnostics.map(({ message }) => message),
      isStopgap ? ["the format stopgap cannot hold tomogramId: left out"] : [],
    );
    const expected = rounded(full).map(({ tomogramId, ...object }) => ({
      ...object,
      ...(isStopgap ? { tomogramIndex: Number(tomogramId) } : { tomogramId }),
    }));
    // recognised by its content, and read by its name
    for (const name of [undefined, format])
      assert.deepEqual(rounded(await readObjects(path, { format: name, tomogram: options })), expected);
    const text = await readFile(path, "utf8");
    const again = await readObjects(path, { tomogram: options });
    await writeObjects(path, again, { format, tomogram: options });
    assert.equal(await readFile(path, "utf8"), text);
  });

test("what RELION needs and the list does not say is asked for", async (context) => {
  const path = join(await temporaryFolder(context), "picks.star");
  const [nameless] = full.map(({ tomogramId: _, ...object }) => object);
  const write = (list: ObjectList, format: string, known: KnownTomogram = tomogram) =>
    writeObjects(path, list, { format, tomogram: known });
  await assert.rejects(write([nameless], "star"), {
    code: "objects-option-missing",
    message: /name of each/,
  });
  await assert.rejects(write(full, "star", { shape: [1, 2, 3] }), {
    code: "objects-option-missing",
    message: /voxel size/,
  });
  await assert.rejects(write(full, "relion4"), { code: "objects-option-missing", message: /binning/ });
  await assert.rejects(write([nameless], "stopgap"), {
    code: "objects-option-missing",
    message: /number of each/,
  });
  await write([nameless], "star", { ...tomogram, row: { id: "t0" } });
  assert.equal((await readObjects(path, { tomogram }))[0].tomogramId, "t0");
});

test("tomograms of several sizes in one list are each counted from their own centre", async (context) => {
  const path = join(await temporaryFolder(context), "picks.star");
  const sizes: Readonly<Record<string, KnownTomogram>> = {
    "7": { shape: [10, 40, 2], voxelSizeAngstrom: [2, 2, 2], row: { id: "TS_7" } },
    "9": tomogram,
  };
  await writeObjects(path, full, { tomogramOf: (id) => sizes[id] });
  const text = await readFile(path, "utf8");
  assert.match(text, /TS_7 +1\.000000 +0\.500000 +-4\.000000 /);
  assert.match(text, /9 +495\.000000 +-400\.000000 +240\.000000 /);
});

test("objects without angles beside others with are told, and ids that some lack are left out", async (context) => {
  const path = join(await temporaryFolder(context), "picks.star");
  const list: TomogramObject[] = [full[0], { label: 1, x: 1, y: 2, z: 3, tomogramId: "7" }];
  const { diagnostics } = await writeObjects(path, list, { tomogram });
  assert.deepEqual(
    diagnostics.map(({ message }) => message),
    [
      "1 of 2 objects have no angles: written as not turned (phi, psi and the 0), since a table has angles for all or for none",
      "1 of 2 objects have no object id: the column is left out",
      "1 of 2 objects have no score: the column is left out",
    ],
  );
  const [, second] = await readObjects(path, { tomogram });
  assert.deepEqual([second.phi, second.psi, second.the, second.objectId], [0, 0, 0, undefined]);
});

test("own columns and optics groups survive, also with blanks and quotes in them", async (context) => {
  const path = await listFile(context, relion5);
  const list = (await readObjects(path, { tomogram })).map((object, index) => ({
    ...object,
    extra: { ...object.extra, note: ['5" gold', "", "it's #1 of 'em"][index], "my column": `_${index}` },
  }));
  await writeObjects(path, list, { tomogram });
  const again = await readObjects(path, { tomogram });
  assert.deepEqual(
    again.map(({ extra }) => extra),
    list.map(({ extra: { "my column": own, ...extra } }) => ({ ...extra, my_column: own })),
  );
  assert.match(await readFile(path, "utf8"), /data_optics/);
});

for (const [what, text, message] of [
  ["no STAR file", "x y z\n1 2 3\n", /particles\.star:1:1: a STAR file begins with a line data_/],
  ["an empty file", "", /the file has no table/],
  [
    "a row that was cut off",
    relion5.replace("TS_01/2   # a comment", ""),
    /:35:1: this row has 12 values, and the table 13 columns/,
  ],
  [
    "a row with too many values",
    relion5.replace("TS_01/1", "TS_01/1 9"),
    /:34:.*there are more values than the 13 columns/,
  ],
  [
    "no number",
    relion5.replace("240.000000", "24o"),
    /:34:35: rlnCenteredCoordinateZAngst "24o" is not a number/,
  ],
  ["nan", relion5.replace("240.000000", "nan"), /"nan" is not a number/],
  [
    "a column twice",
    relion5.replace("_rlnAnglePsi #7", "_rlnAngleRot #7"),
    /the column _rlnAngleRot is there twice/,
  ],
  [
    "a missing axis",
    relion5.replace("_rlnCenteredCoordinateYAngst", "_other"),
    /no column _rlnCenteredCoordinateYAngst/,
  ],
  [
    "an optics group that is not there",
    relion5.replace("1  2  TS_01/2", "1  3  TS_01/2"),
    /the optics group 3 is not in the block data_optics/,
  ],
  ["an open quote", relion5.replace("'TS_02/1'", "'TS_02/1"), /a quote begins here and does not end/],
  [
    "a class of 0",
    relion5.replace("0  2  1  TS_01/1", "0  0  1  TS_01/1"),
    /does not say of which class .* in 1 rows 0 in _rlnClassNumber/,
  ],
  [
    "a class of 1.5",
    relion5.replace("0  2  1  TS_01/1", "0  1.5  1  TS_01/1"),
    /rlnClassNumber "1.5" is not a whole number/,
  ],
  [
    "a table of tomograms",
    "data_global\n\nloop_\n_rlnTomoName\n_rlnTomoSizeX\nTS_1 4000\n",
    /no table of particles/,
  ],
  [
    "an unbinned pixel of 0",
    relion4.replace("300.000000     2.5", "300.000000     0"),
    /rlnTomoTiltSeriesPixelSize "0" is not a pixel size/,
  ],
] as const)
  test(`a mistake with its place: ${what}`, async (context) => {
    const path = await listFile(context, text);
    await assert.rejects(readObjects(path, { tomogram }), { message });
  });

test("a column of mistakes is told in a few", async (context) => {
  const row = "TS_01 0 x 0 0 0 0 0 0 0 1 1 n\n";
  const path = await listFile(context, relion5.replace("TS_01     0", `${row.repeat(5000)}TS_01 0`));
  const read = await checkObjects(path, { tomogram });
  assert.equal(read.diagnostics.length, 21);
});

test("numbers are read exactly as JavaScript reads them, and written as their decimals", () => {
  let state = 12345;
  const random = () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 32;
  };
  for (let turn = 0; turn < 20_000; turn++) {
    const value = (random() - 0.5) * 10 ** Math.floor(random() * 30 - 12);
    const text = [String(value), value.toFixed(6), value.toExponential(4), value.toPrecision(17)][turn % 4];
    assert.equal(parseDecimal(Buffer.from(`<${text}>`), 1, 1 + text.length), Number(text), text);
  }
  for (const text of ["", "-", ".", "1.2.3", "0x10", "1e", "inf", "NaN", "--1", "1,5", "1e999"])
    assert.ok(Number.isNaN(parseDecimal(Buffer.from(text), 0, text.length)), text);
  const written = createByteText();
  for (const value of [0, -0, 1, -1.5, 123456.789, -0.0000004, 999.9999999, 1e-6]) {
    written.fixed(value, 6, 0);
    written.text(" ");
  }
  assert.equal(
    Buffer.from(written.finish()).toString(),
    "0.000000 0.000000 1.000000 -1.500000 123456.789000 0.000000 1000.000000 0.000001 ",
  );
});
