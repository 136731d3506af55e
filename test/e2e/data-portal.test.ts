/** workflows/data-portal.yaml against a bucket of this machine, with faults: the labels of the local folder. */
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Random } from "../../src/core/random.ts";
import { writeKerasWeights } from "../../src/network/keras.ts";
import { readVolume, writeVolume } from "../../src/volume/formats.ts";
import { tomoflow } from "../support/command-line.ts";
import { folderContent, serveFaultily } from "../support/faulty-server.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { tinyWeights } from "../support/tiny-segmentation.ts";
import { tinyNetwork } from "../support/tiny-training.ts";

/** (z, y, x); its second level is what the workflow reads. */
const shape = [48, 136, 144] as const;

test("tomograms at addresses are segmented as those on disk, over a network that fails", async (context) => {
  const folder = await temporaryFolder(context);
  await mkdir(join(folder, "bucket"));
  const random = new Random(5);
  for (const id of ["TS_1", "TS_2"]) {
    const data = Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, () => 7 + 3 * random.normal());
    const voxelSizeAngstrom = [5, 5, 5] as const;
    await writeVolume(join(folder, `bucket/${id}.zarr`), {
      data,
      shape,
      voxelSizeAngstrom,
      originAngstrom: [0, 0, 0],
    });
  }
  await writeKerasWeights(join(folder, "weights.h5"), tinyNetwork, tinyWeights(6));
  const server = await serveFaultily(context, folderContent(join(folder, "bucket")), {
    cutEvery: 3,
    failEvery: 5,
  });
  const text = await readFile(join(repositoryRoot, "workflows/data-portal.yaml"), "utf8");
  const address = /https:\/\/files[^"#]*\/(TS_\d\.zarr)/g;
  const write = (name: string, place: string) =>
    writeFile(
      join(folder, `${name}.yaml`),
      text.replace(address, `${place}/$1`).replace("name: data-portal", `name: ${name}`),
    );
  await write("remote", server.url);
  await write("local", "bucket");
  const environment = { TOMOFLOW_REMOTE_CACHE: join(folder, "remote-cache") };
  const type = async (...words: string[]) => {
    const { code, stdout, stderr } = await tomoflow(words, { folder, environment });
    assert.equal(code, 0, `${words.join(" ")}\n${stdout}${stderr}`);
    return stdout;
  };
  await type("run", "remote.yaml");
  await type("run", "local.yaml");
  for (const id of ["TS_1", "TS_2"]) {
    const labels = async (name: string) =>
      readVolume(join(folder, "results", name, "segment", id, "labels.mrc"));
    const [there, here] = [await labels("remote"), await labels("local")];
    assert.deepEqual(there.shape, [24, 68, 72]);
    assert.deepEqual(there.voxelSizeAngstrom, [10, 10, 10]);
    assert.ok(new Set(there.data).size > 1);
    assert.deepEqual(there, here);
  }
  assert.ok(
    server.requests.every((request) => !request.includes("zarr/0/c/")),
    "the finest level is not touched",
  );

  const states = async () => {
    const { tasks } = JSON.parse(await type("plan", "remote.yaml", "--json")) as {
      tasks: { id: string; state: string }[];
    };
    return Object.fromEntries(tasks.map(({ id, state }) => [id, state]));
  };
  const fresh = {
    "segment@TS_1": "fresh",
    "segment@TS_2": "fresh",
    "cluster@TS_1": "fresh",
    "cluster@TS_2": "fresh",
  };
  await server.stop();
  assert.deepEqual(await states(), fresh, "also without a network");
});

test("an address where a file of this machine is read is a mistake with its place", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(
    join(folder, "workflow.yaml"),
    `version: 1
name: lists
classes: {1: {name: ribosome, radius: 4}}
tomograms: [{id: t0, tomogram: t0.mrc, objects: "https://127.0.0.1:1/picks.xml"}]
steps:
  target: {uses: target, with: {strategy: spheres}}
`,
  );
  await writeVolume(join(folder, "t0.mrc"), {
    data: new Float32Array(1000),
    shape: [10, 10, 10],
    voxelSizeAngstrom: [10, 10, 10],
    originAngstrom: [0, 0, 0],
  });
  const { code, stderr } = await tomoflow(["validate", "workflow.yaml"], { folder });
  assert.equal(code, 2);
  assert.match(
    stderr,
    /workflow\.yaml:4:49: error: https:\/\/127\.0\.0\.1:1\/picks\.xml is an address, and a file of this machine is read here/,
  );
});
