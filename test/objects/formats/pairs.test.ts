/** Among all pairs of formats a list loses only what the format in between cannot hold, and that is told. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { ObjectField, ObjectFileOptions } from "../../../src/objects/formats/object-format.ts";
import { readObjects, writeObjects } from "../../../src/objects/formats.ts";
import { objectFormats } from "../../../src/objects/object-formats.ts";
import type { ObjectList, TomogramObject } from "../../../src/objects/object-list.ts";
import { rotationOf } from "../../../src/volume/rotation.ts";
import { temporaryFolder } from "../../support/temporary.ts";

/** One class of one tomogram, since there are formats that hold no more; numbers that every format holds to a thousandth. */
const full: ObjectList = [
  {
    ...{ label: 2, x: 12.5, y: 20.25, z: 3, tomogramIndex: 7, tomogramId: "7", objectId: 4 },
    ...{
      phi: -142,
      psi: 20,
      the: 83,
      clusterSize: 120,
      score: 0.5,
      margin: 0.25,
      extra: { note: "checked" },
    },
  },
  {
    ...{ label: 2, x: 0, y: 29, z: 19.125, tomogramIndex: 7, tomogramId: "7", objectId: 5 },
    ...{
      phi: 10,
      psi: -90,
      the: 30,
      clusterSize: 80,
      score: 0.125,
      margin: 0.5,
      extra: { note: "doubtful" },
    },
  },
];

const options: ObjectFileOptions = {
  tomogram: {
    ...{ row: { id: "7", index: 7 }, voxelSizeAngstrom: [8, 8, 8], shape: [20, 30, 41], binning: 2 },
  },
  classes: [{ label: 2, name: "ribosome" }],
};

const fieldNames: readonly ObjectField[] = [
  ...(["tomogramIndex", "tomogramId", "objectId", "clusterSize", "score", "margin"] as const),
];

/** What counts: places, classes, orientations as matrices, the other fields as far as they are there. */
const told = (list: ObjectList) =>
  list.map((object: TomogramObject) => ({
    ...{
      label: object.label,
      place: [object.x, object.y, object.z].map((value) => Number(value.toFixed(2))),
    },
    rotation:
      object.phi === undefined
        ? undefined
        : rotationOf(object as Required<TomogramObject>).map((value) => Number(value.toFixed(3)) + 0),
    ...Object.fromEntries(fieldNames.map((field) => [field, object[field]])),
    note: object.extra?.note,
  }));

const formats = await Promise.all(
  objectFormats.map(async (entry) => ({ entry, format: await entry.load() })),
);

for (const first of formats)
  test(`${first.entry.name}: through every other format and back`, async (context) => {
    const folder = await temporaryFolder(context);
    const write = async (list: ObjectList, { entry }: typeof first) => {
      const path = join(folder, `list_0_${entry.name}${entry.extensions[0]}`);
      const written = await writeObjects(path, list, { ...options, format: entry.name });
      return {
        list: await readObjects(path, { ...options, format: entry.name }),
        warnings: written.diagnostics.map(({ message }) => message).join("\n"),
      };
    };
    const start = (await write(full, first)).list;
    for (const second of formats) {
      const there = await write(start, second);
      const back = await write(there.list, first);
      const { fields, extra } = second.format.capabilities;
      const keeps = (object: TomogramObject): TomogramObject =>
        Object.fromEntries(
          Object.entries(object).filter(([field]) =>
            field === "extra" ? extra : fields.has(field as ObjectField),
          ),
        ) as unknown as TomogramObject;
      const expected = told((await write(start.map(keeps), first)).list);
      assert.deepEqual(told(back.list), expected, `${first.entry.name} → ${second.entry.name} → back`);
      for (const field of [...fieldNames, "phi"] as const)
        if (start[0][field] !== undefined && !fields.has(field))
          assert.match(
            there.warnings,
            new RegExp(`cannot hold .*\\b${field}\\b`),
            `${second.entry.name} tells ${field}`,
          );
    }
  });
