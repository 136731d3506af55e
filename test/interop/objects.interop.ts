/**
 * Our xlsx and xml opened by openpyxl and Python, an xlsx edited there read back, and mean-shift against the
 * scikit-learn that is installed. TOMOFLOW_PYTHON names the interpreter (python3); what is missing there fails the test.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Random } from "../../src/core/random.ts";
import { meanShift } from "../../src/objects/clustering/mean-shift.ts";
import { voxelPointsOf } from "../../src/objects/clustering/voxel-points.ts";
import { readObjects, writeObjects } from "../../src/objects/formats.ts";
import type { ObjectList } from "../../src/objects/object-list.ts";
import type { Shape3 } from "../../src/volume/volume.ts";
import { temporaryFolder } from "../support/temporary.ts";

const python = process.env.TOMOFLOW_PYTHON ?? "python3";

/** Runs a Python script and returns what it prints as JSON. */
const runPython = (script: string, ...words: readonly string[]): unknown =>
  JSON.parse(execFileSync(python, ["-c", script, ...words], { encoding: "utf8" }));

const list: ObjectList = [
  {
    label: 3,
    x: 1.5,
    y: 0.125,
    z: 300,
    phi: -142,
    psi: 20,
    the: 83,
    tomogramIndex: 0,
    objectId: 12,
    clusterSize: 512,
  },
  { label: 1, x: 4, y: 5, z: 6, score: 0.25, tomogramId: "t1", extra: { reviewer: "Ada & Björn" } },
];

test("openpyxl reads the columns A to J as documented, and what it saves reads back", async (context) => {
  const path = join(await temporaryFolder(context), "list.xlsx");
  await writeObjects(path, list);
  const rows = runPython(
    `
import json, sys, openpyxl
book = openpyxl.load_workbook(sys.argv[1])
sheet = book.worksheets[0]
rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
sheet["D3"] = 44.5
sheet["N1"] = "Checked"
sheet["N2"] = True
sheet.insert_rows(3)
book.save(sys.argv[1])
print(json.dumps(rows))`,
    path,
  );
  assert.deepEqual(rows, [
    [
      ...["Tomo IDX", "Object ID", "Class label", "x", "y", "z", "psi", "phi", "theta", "Cluster size"],
      ...["Score", "Tomogram ID", "reviewer"],
    ],
    [0, 12, 3, 1.5, 0.125, 300, 20, -142, 83, 512, null, null, null],
    [null, null, 1, 4, 5, 6, null, null, null, null, 0.25, "t1", "Ada & Björn"],
  ]);
  assert.deepEqual(await readObjects(path), [
    { ...list[0], extra: { Checked: "true" } },
    { ...list[1], x: 44.5 },
  ]);
});

test("Python's XML parser reads our attributes in the documented order", async (context) => {
  const path = join(await temporaryFolder(context), "list.xml");
  await writeObjects(path, list);
  const elements = runPython(
    `
import json, sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
print(json.dumps([root.tag, [list(element.attrib.items()) for element in root]]))`,
    path,
  );
  assert.deepEqual(elements, [
    "objlist",
    [
      [
        ...[
          ["tomo_idx", "0"],
          ["obj_id", "12"],
          ["class_label", "3"],
        ],
        ...[
          ["x", "1.500"],
          ["y", "0.125"],
          ["z", "300.000"],
        ],
        ...[
          ["psi", "20.000"],
          ["phi", "-142.000"],
          ["the", "83.000"],
          ["cluster_size", "512"],
        ],
      ],
      [
        ...[
          ["class_label", "1"],
          ["x", "4.000"],
          ["y", "5.000"],
          ["z", "6.000"],
        ],
        ...[
          ["score", "0.25"],
          ["tomo_id", "t1"],
          ["reviewer", "Ada & Björn"],
        ],
      ],
    ],
  ]);
});

test("what Python's XML writer makes reads", async (context) => {
  const path = join(await temporaryFolder(context), "list.xml");
  runPython(
    `
import json, sys, xml.etree.ElementTree as tree
root = tree.Element("objlist")
tree.SubElement(root, "object", tomo_idx="1", class_label="2", x="3.25", y="4", z="5", note="<é>")
tree.ElementTree(root).write(sys.argv[1], encoding="UTF-8", xml_declaration=True)
print("null")`,
    path,
  );
  assert.deepEqual(await readObjects(path), [
    { tomogramIndex: 1, label: 2, x: 3.25, y: 4, z: 5, extra: { note: "<é>" } },
  ]);
});

test("mean-shift is that of the installed scikit-learn, on random blobs", async (context) => {
  const path = join(await temporaryFolder(context), "points.json");
  const shape: Shape3 = [19, 33, 47];
  const random = new Random(2);
  const blobs = Array.from({ length: 25 }, () => [...shape, 4].map((length) => random.uniform() * length));
  const data = Uint8Array.from({ length: 19 * 33 * 47 }, (_, at) => {
    const [z, y, x] = [Math.floor(at / (33 * 47)), Math.floor(at / 47) % 33, at % 47];
    return blobs.some((blob) => Math.hypot(z - blob[0], y - blob[1], x - blob[2]) <= blob[3]) ? 1 : 0;
  });
  const points = voxelPointsOf(data, shape);
  await writeFile(path, JSON.stringify([...points.index]));
  for (const radius of [3, 5.5]) {
    const expected = runPython(
      `
import json, sys, numpy
from sklearn.cluster import MeanShift
shape = json.loads(sys.argv[2])
points = numpy.stack(numpy.unravel_index(json.load(open(sys.argv[1])), shape), axis=-1)
print(json.dumps(MeanShift(bandwidth=float(sys.argv[3]), bin_seeding=True).fit(points).cluster_centers_.tolist()))`,
      path,
      JSON.stringify(shape),
      String(radius),
    ) as number[][];
    const { centres } = await meanShift(points, { radius });
    assert.equal(centres.length / 3, expected.length);
    expected.flat().forEach((value, at) => {
      assert.ok(Math.abs(centres[at] - value) < 1e-6, `radius ${radius}, coordinate ${at}`);
    });
  }
});

test("an xml that ElementTree writes in ASCII reads as in UTF-8, and ours with any column is one for it", async (context) => {
  const folder = await temporaryFolder(context);
  const [ours, theirs] = [join(folder, "ours.xml"), join(folder, "theirs.xml")];
  const extra = { "size (nm)": "1.5", note: 'Zürich\u0001 <&> "so"\nnext', "10": " edges " };
  const written: ObjectList = [{ label: 1, x: 1, y: 2, z: 3, tomogramId: "Zürich", extra }];
  await writeObjects(ours, written);
  runPython(
    `
import sys, xml.etree.ElementTree as tree
tree.parse(sys.argv[1]).write(sys.argv[2], encoding="us-ascii", xml_declaration=True)
print("{}")`,
    ours,
    theirs,
  );
  assert.deepEqual(await readObjects(theirs), written);
});
