/** A format whose files do not say all: it counts in Å from the middle of a volume, one list over many tomograms. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { errorDiagnostic } from "../../src/core/diagnostic.ts";
import { failure, success } from "../../src/core/result.ts";
import type {
  KnownTomogram,
  ObjectFormat,
  ObjectFormatEntry,
} from "../../src/objects/formats/object-format.ts";
import { checkObjects, readObjects, writeObjects } from "../../src/objects/formats.ts";
import { objectFormats } from "../../src/objects/object-formats.ts";
import type { TomogramObject } from "../../src/objects/object-list.ts";
import { checkRowObjects, readRowObjects } from "../../src/steps/row-objects.ts";
import type { PreflightTable, StepRow } from "../../src/steps/step-kind.ts";
import { writeVolume } from "../../src/volume/formats.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** Lines `tomogram label x y z`; the tomogram is the id of a row, or `#` and its number. */
function centredFormat(counts = { read: 0 }): ObjectFormatEntry {
  const middle = ({ shape, voxelSizeAngstrom }: KnownTomogram) => ({
    half: shape!.map((n) => (n - 1) / 2),
    size: voxelSizeAngstrom!,
  });
  const format: ObjectFormat = {
    name: "centred",
    capabilities: {
      fields: new Set(["label", "x", "y", "z", "tomogramId"]),
      extra: false,
      requires: ["row", "voxelSizeAngstrom", "shape"],
    },
    read: async (bytes, source) => {
      counts.read++;
      const lines = Buffer.from(bytes)
        .toString()
        .trim()
        .split("\n")
        .map((line) => line.split(" "));
      return success((tomogram) => {
        const { half, size } = middle(tomogram);
        const objects = lines.map(([name, ...values], index): TomogramObject | number => {
          const [label, x, y, z] = values.map(Number);
          if (![label, x, y, z].every(Number.isFinite)) return index + 1;
          const isOwn = name === `#${tomogram.row!.index}`;
          return {
            tomogramId: isOwn ? tomogram.row!.id : name,
            label: label!,
            x: x! / size[2] + half[2]!,
            y: y! / size[1] + half[1]!,
            z: z! / size[0] + half[0]!,
          };
        });
        const broken = objects.filter((object) => typeof object === "number");
        return broken.length > 0
          ? failure(
              broken.map((line) =>
                errorDiagnostic("object-value", "no numbers", { location: { file: source, line } }),
              ),
            )
          : success(objects.filter((object) => typeof object !== "number"));
      });
    },
    write: async (list, { tomogram }) => {
      const { half, size } = middle(tomogram!);
      const line = ({ label, x, y, z }: TomogramObject) =>
        [
          tomogram!.row!.id,
          label,
          (x - half[2]!) * size[2],
          (y - half[1]!) * size[1],
          (z - half[0]!) * size[0],
        ].join(" ");
      return Buffer.from(`${list.map(line).join("\n")}\n`);
    },
  };
  return { name: "centred", title: "centred Å", extensions: [".centred"], load: async () => format };
}

/** Two tomograms of other sizes and voxel sizes, and one list over both. */
async function prepare(context: TestContext, lines: readonly string[]) {
  const folder = await temporaryFolder(context);
  const path = join(folder, "all.centred");
  await writeFile(path, lines.join("\n"));
  const row = async (
    id: string,
    shape: readonly [number, number, number],
    voxelSize: number,
  ): Promise<StepRow> => {
    const tomogram = join(folder, `${id}.mrc`);
    const data = new Int8Array(shape[0] * shape[1] * shape[2]);
    await writeVolume(tomogram, {
      data,
      shape,
      voxelSizeAngstrom: [voxelSize, voxelSize, voxelSize],
      originAngstrom: [0, 0, 0],
    });
    return { id, values: {}, files: { objects: path, tomogram } };
  };
  return { path, t0: await row("t0", [5, 7, 9], 10), t1: await row("t1", [11, 7, 9], 4) };
}

const lines = ["t0 1 -40 0 20", "t1 2 0 4 -20", "t0 1 0 -30 0"];
const places = (list: readonly TomogramObject[] | undefined) =>
  list?.map(({ label, x, y, z }) => [label, x, y, z]);
const expected = {
  t0: [
    [1, 0, 3, 4],
    [1, 4, 0, 2],
  ],
  t1: [[2, 4, 4, 0]],
};

test("one list over many tomograms: each row gets its objects, in voxels of its own tomogram", async (context) => {
  const { t0, t1 } = await prepare(context, lines);
  const formats = [...objectFormats, centredFormat()];
  assert.deepEqual(places(await readRowObjects(t0, "objects", { formats })), expected.t0);
  assert.deepEqual(places(await readRowObjects(t1, "objects", { formats })), expected.t1);
  const known = { formats, shape: [5, 7, 9], voxelSizeAngstrom: [20, 20, 20] } as const;
  assert.deepEqual(
    places(await readRowObjects(t0, "objects", known)),
    [
      [1, 2, 3, 3],
      [1, 4, 1.5, 2],
    ],
    "the step knows better",
  );
});

test("the row's number finds its objects as well as its id", async (context) => {
  const { t0 } = await prepare(context, ["#8 1 -40 0 20", "#9 2 0 4 -20"]);
  const formats = [centredFormat()];
  const numbered = { ...t0, values: { tomo_idx: 8 } };
  assert.deepEqual(places(await readRowObjects(numbered, "objects", { formats })), [[1, 0, 3, 4]]);
  await assert.rejects(readRowObjects(t0, "objects", { formats }), { code: "objects-other-tomogram" });
});

/** A table of these rows, which keeps looks as that of a workflow does. */
function tableOf(rows: readonly StepRow[]): PreflightTable {
  const looks = new Map<string, Promise<unknown>>();
  return {
    locate: (id) => ({ file: "workflow.yaml", line: 4 + rows.findIndex((row) => row.id === id), column: 3 }),
    rowsReading: () => rows,
    rowsBehind: () => [],
    once: <T>(key: string, look: () => Promise<T>) => {
      const known = looks.get(key) ?? look();
      looks.set(key, known);
      return known as Promise<T>;
    },
  };
}

test("a preflight parses the list once for all rows, and places what each gets", async (context) => {
  const { t0, t1 } = await prepare(context, lines);
  const counts = { read: 0 };
  const formats = [centredFormat(counts)];
  const rows = [t0, t1];
  const look = { rows, table: tableOf(rows) };
  for (const row of rows) {
    const { list, diagnostics } = await checkRowObjects(look, row, { port: "objects", formats });
    assert.deepEqual([places(list), diagnostics], [expected[row.id as "t0" | "t1"], []]);
  }
  assert.equal(counts.read, 1);
  const inside = await checkRowObjects(look, t0, {
    port: "objects",
    formats,
    shape: [2, 2, 2],
    voxelSizeAngstrom: [10, 10, 10],
  });
  assert.deepEqual(
    inside.diagnostics.map(({ code }) => code),
    ["object-outside"],
  );
});

test("a tomogram that is yet to be made is waited for; one without voxel size is a mistake", async (context) => {
  const { t0 } = await prepare(context, lines);
  const formats = [centredFormat()];
  const pending = new Set([t0.files.tomogram!]);
  const rows = [t0];
  assert.deepEqual(await checkRowObjects({ rows, pending }, t0, { port: "objects", formats }), {
    diagnostics: [],
  });
  const data = new Int8Array(5 * 7 * 9);
  await writeVolume(t0.files.tomogram!, {
    data,
    shape: [5, 7, 9],
    voxelSizeAngstrom: null,
    originAngstrom: [0, 0, 0],
  });
  const { list, diagnostics } = await checkRowObjects({ rows, table: tableOf(rows) }, t0, {
    port: "objects",
    formats,
  });
  assert.equal(list, undefined);
  assert.deepEqual(
    diagnostics.map(({ code, message, location }) => [code, message, location?.line]),
    [
      [
        "objects-option-missing",
        "all.centred for t0: the format centred tells objects only together with the voxel size of its tomogram, not known here",
        4,
      ],
    ],
  );
  await assert.rejects(readRowObjects(t0, "objects", { formats }), { code: "objects-option-missing" });
});

test("mistakes told with the tomogram keep their place in the list", async (context) => {
  const { t0 } = await prepare(context, [...lines, "t0 1 a b c"]);
  const formats = [centredFormat()];
  const { diagnostics } = await checkRowObjects({ rows: [t0] }, t0, { port: "objects", formats });
  assert.deepEqual(
    diagnostics.map(({ message, location }) => [message, location?.line]),
    [["no numbers", 4]],
  );
  await assert.rejects(readRowObjects(t0, "objects", { formats }), {
    code: "object-value",
    message: /all\.centred:4: no numbers/,
  });
});

test("without a tomogram the format is neither read nor written, and says what it needs", async (context) => {
  const { path } = await prepare(context, lines);
  const formats = [centredFormat()];
  const told = {
    code: "objects-option-missing",
    message: `${path}: the format centred tells objects only together with the name, voxel size, and size of its tomogram, not known here`,
  };
  await assert.rejects(readObjects(path, { formats }), told);
  await assert.rejects(writeObjects(path, [], { formats }), told);
  const tomogram = { row: { id: "t1" }, shape: [11, 7, 9], voxelSizeAngstrom: [4, 4, 4] } as const;
  const list = [{ label: 3, x: 1, y: 2, z: 10 }];
  await writeObjects(path, list, { formats, tomogram });
  const read = await checkObjects(path, { formats, tomogram });
  assert.deepEqual(read.ok && places(read.value), [[3, 1, 2, 10]]);
});
