import assert from "node:assert/strict";
import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { KnownTomogram } from "../../src/objects/formats/object-format.ts";
import { readObjects, writeObjects } from "../../src/objects/formats.ts";
import { objectFormats } from "../../src/objects/object-formats.ts";
import type { TomogramObject } from "../../src/objects/object-list.ts";
import { temporaryFolder } from "../support/temporary.ts";

const list = [{ label: 1, x: 1, y: 2, z: 3 }];

test("every format of the registry keeps what it says it keeps", async (context) => {
  const folder = await temporaryFolder(context);
  const full = {
    label: 2,
    x: 1.5,
    y: 2.5,
    z: 3.5,
    tomogramIndex: 4,
    tomogramId: "t0",
    objectId: 5,
    phi: 6,
    psi: 7,
    the: 8,
    clusterSize: 9,
    score: 0.5,
    margin: 0.25,
    extra: { note: "n" },
  };
  for (const { name, extensions, load } of objectFormats) {
    const { capabilities } = await load();
    const path = join(folder, `list${extensions[0]}`);
    const tomogram: KnownTomogram = {
      row: { index: 4 },
      voxelSizeAngstrom: [8, 8, 8],
      shape: [20, 30, 40],
      binning: 2,
    };
    const known = { format: name, tomogram, classes: [{ label: 2, name: "ribosome" }] };
    const { diagnostics } = await writeObjects(path, [full], known);
    const [read] = await readObjects(path, known);
    const kept = Object.entries(full).filter(([field]) =>
      field === "extra" ? capabilities.extra : capabilities.fields.has(field as never),
    );
    // what a format must say beside, as optics groups or sizes of points, becomes own columns
    const { extra, ...fields } = read;
    const told: { -readonly [field in keyof TomogramObject]: TomogramObject[field] } = capabilities.extra
      ? { ...fields, extra: { note: extra?.note ?? "" } }
      : fields;
    // matrices tell angles to rounding
    for (const angle of ["phi", "psi", "the"] as const)
      if (told[angle] !== undefined) told[angle] = Number(told[angle].toFixed(9));
    assert.deepEqual(told, Object.fromEntries(kept), name);
    assert.equal(diagnostics.length > 0, kept.length < Object.keys(full).length, name);
  }
});

test("an unknown extension names the formats; `format` overrides it", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "picks.dat"), "1 2 3 4\n");
  await assert.rejects(readObjects(join(folder, "picks.dat")), {
    code: "objects-format-unknown",
    message: /extension "\.dat"/,
    hint: /xml \(\.xml\)/,
  });
  assert.equal((await readObjects(join(folder, "picks.dat"), { format: "csv" })).length, 1);
  await assert.rejects(readObjects("a.xml", { format: "pdf" }), { code: "objects-format-unknown" });
});

test("a missing file, a folder", async (context) => {
  const folder = await temporaryFolder(context);
  await assert.rejects(readObjects(join(folder, "a.xml")), { code: "file-missing" });
  await mkdir(join(folder, "b.xml"));
  await assert.rejects(readObjects(join(folder, "b.xml")), { code: "file-is-folder" });
});

test("writing makes the folder, leaves nothing half done, and keeps the old file when it fails", async (context) => {
  const folder = await temporaryFolder(context);
  const path = join(folder, "new", "list.xml");
  await writeObjects(path, list);
  assert.deepEqual(await readdir(join(folder, "new")), ["list.xml"]);
  await mkdir(join(folder, "taken.xml"));
  await assert.rejects(writeObjects(join(folder, "taken.xml"), list), { code: "file-is-folder" });
  assert.deepEqual((await readdir(folder)).toSorted(), ["new", "taken.xml"]);
});

test("a folder without write permission is told", async (context) => {
  if (process.getuid?.() === 0) {
    // root may write anywhere but into a pseudo file system
    await assert.rejects(writeObjects("/proc/list.xml", list), /./);
    return;
  }
  const folder = await temporaryFolder(context);
  await chmod(folder, 0o500);
  await assert.rejects(writeObjects(join(folder, "list.xml"), list), { code: "no-permission" });
});
