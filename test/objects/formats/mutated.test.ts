/**
 * Files of every format with bytes changed, cut, doubled or swapped: what is read is told, or is a list of whole objects; nothing else is thrown,
 * and nothing hangs. MUTATIONS files a format (20,000 for a thorough run).
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { TomoflowError } from "../../../src/core/error.ts";
import { Random } from "../../../src/core/random.ts";
import type { ObjectFileOptions } from "../../../src/objects/formats/object-format.ts";
import { writeObjects } from "../../../src/objects/formats.ts";
import { objectFormats } from "../../../src/objects/object-formats.ts";
import type { ObjectList } from "../../../src/objects/object-list.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const count = Number(process.env.MUTATIONS ?? 300);

const list: ObjectList = Array.from({ length: 6 }, (_, index) => ({
  ...{
    label: 2,
    x: index * 1.5,
    y: 20 - index,
    z: 3,
    tomogramIndex: 7,
    tomogramId: "7",
    objectId: index,
    score: 0.5,
  },
  ...{
    phi: index * 10,
    psi: 20,
    the: 83,
    clusterSize: 10 + index,
    extra: { rlnOpticsGroup: "1", "optics.rlnVoltage": "300" },
  },
}));

const options: ObjectFileOptions = {
  tomogram: { row: { id: "7", index: 7 }, voxelSizeAngstrom: [8, 8, 8], shape: [20, 30, 41], binning: 2 },
  classes: [{ label: 2, name: "ribosome" }],
};

const tokens = [
  "nan",
  "1e999",
  "-1",
  "\0",
  '"',
  "<",
  "{",
  "_rlnX",
  "loop_",
  "data_",
  "\n",
  "\r",
  ";",
  "__proto__",
  "é",
  "9".repeat(30),
];

function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = Buffer.from(bytes);
  const place = () => Math.floor(random.uniform() * copy.length);
  switch (Math.floor(random.uniform() * 5)) {
    case 0:
      for (let turn = 0; turn < 3; turn++) copy[place()] = Math.floor(random.uniform() * 256);
      return copy;
    case 1:
      return copy.subarray(0, place());
    case 2: {
      const at = place();
      const token = tokens[Math.floor(random.uniform() * tokens.length)];
      return Buffer.concat([copy.subarray(0, at), Buffer.from(token), copy.subarray(at)]);
    }
    case 3: {
      const [from, to] = [place(), place()].sort((a, b) => a - b);
      return Buffer.concat([copy.subarray(0, to), copy.subarray(from)]);
    }
    default: {
      const [from, to] = [place(), place()].sort((a, b) => a - b);
      return Buffer.concat([copy.subarray(0, from), copy.subarray(to)]);
    }
  }
}

for (const { name, extensions, load } of objectFormats.filter(
  (entry) => !["xlsx", "tsv"].includes(entry.name),
))
  test(`${name}: ${count} broken files are told, or read whole`, async (context) => {
    const path = join(await temporaryFolder(context), `a_b_ribosome${extensions[0]}`);
    await writeObjects(path, list, { ...options, format: name });
    const bytes = await readFile(path);
    const format = await load();
    const random = new Random(7);
    let [read, refused] = [0, 0];
    for (let turn = 0; turn < count; turn++) {
      const broken = mutate(bytes, random);
      try {
        const found = await format.read(broken, "broken", options);
        const result = found.ok && typeof found.value === "function" ? found.value(options.tomogram!) : found;
        if (!result.ok) {
          refused++;
          assert.ok(result.diagnostics.length > 0 && result.diagnostics.length <= 10_000);
          for (const { code, message } of result.diagnostics)
            assert.ok(code && message && !message.includes("\n"), message);
          continue;
        }
        read++;
        for (const object of result.value as ObjectList) {
          assert.ok(Number.isInteger(object.label) && object.label >= 1, `label ${object.label}`);
          for (const field of ["x", "y", "z"] as const)
            assert.ok(Number.isFinite(object[field]), `${field} ${object[field]}`);
          for (const field of ["phi", "psi", "the", "score"] as const)
            assert.ok(
              object[field] === undefined || Number.isFinite(object[field]),
              `${field} ${object[field]}`,
            );
        }
      } catch (error) {
        assert.ok(
          error instanceof TomoflowError,
          `turn ${turn}: ${error instanceof Error ? error.stack : error}\n${broken.toString()}`,
        );
        refused++;
      }
    }
    assert.ok(read > 0 && refused > 0, `${read} read, ${refused} refused`);
  });
