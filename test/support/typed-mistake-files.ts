/** What is wrong with the files of each typed mistake of docs/mistakes.md, by title. */
import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, rename, rm, statfs, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeVolume } from "../../src/volume/formats.ts";
import type { CommandShell } from "./command-line.ts";

type Spoil = (folder: string, tools: SpoilTools) => Promise<unknown>;

/** Takes what has to be undone before the folder of the test is removed. */
export type CleanUp = (action: () => void) => void;

export interface SpoilTools {
  readonly cleanUp: CleanUp;
  /** Runs a command of tomoflow. */
  readonly type: CommandShell["type"];
}

/** Puts 32-bit numbers into an MRC header, by byte offset, and zeros behind the last voxel. */
const header =
  (file: string, numbers: Readonly<Record<number, number>>, extraBytes = 0): Spoil =>
  async (folder) => {
    const bytes = await readFile(join(folder, file));
    for (const [offset, number] of Object.entries(numbers)) bytes.writeInt32LE(number, Number(offset));
    await writeFile(join(folder, file), Buffer.concat([bytes, Buffer.alloc(extraBytes)]));
  };

const text =
  (file: string, content: string): Spoil =>
  (folder) =>
    writeFile(join(folder, file), content);

const replace =
  (file: string, from: string | RegExp, to: string): Spoil =>
  async (folder) => {
    const before = await readFile(join(folder, file), "utf8");
    const after = before.replaceAll(from, to);
    if (after === before) throw new Error(`${file} does not hold ${from}`);
    await writeFile(join(folder, file), after);
  };

const copy =
  (from: string, to: string): Spoil =>
  async (folder) =>
    writeFile(join(folder, to), await readFile(join(folder, from)));

const labels =
  (file: string, shape: readonly [number, number, number]): Spoil =>
  (folder) =>
    writeVolume(join(folder, file), {
      data: new Uint8Array(shape[0] * shape[1] * shape[2]),
      shape,
      voxelSizeAngstrom: [10, 10, 10],
      originAngstrom: [0, 0, 0],
      labels: [],
    });

/** The spoils one after the other. */
const all =
  (...spoils: readonly Spoil[]): Spoil =>
  async (folder, tools) => {
    for (const spoil of spoils) await spoil(folder, tools);
  };

/** A run that went well, before something goes wrong. */
const run =
  (...words: string[]): Spoil =>
  async (folder, { type }) => {
    const { code, stdout, stderr } = await type(["run", ...words], folder);
    if (code !== 0) throw new Error(stdout + stderr);
  };

const filesBelow = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

/** Every file below a folder is overwritten, with its length kept or not. */
const damage =
  (place: string, length?: number): Spoil =>
  async (folder) => {
    for (const file of await filesBelow(join(folder, place))) {
      const bytes = await readFile(file);
      await rm(file);
      await writeFile(file, Buffer.alloc(length ?? bytes.length, 0x5a));
    }
  };

export const spoils: Readonly<Record<string, Spoil>> = {
  "A truncated MRC file": (folder) => truncate(join(folder, "data/t1.mrc"), 20_000),
  "A file shorter than a header": (folder) => truncate(join(folder, "data/t1.mrc"), 500),
  "A header that promises more than the file holds": header("data/t2.mrc", {
    0: 200_000,
    4: 200_000,
    8: 200_000,
  }),
  "Complex numbers": header("data/t0.mrc", { 12: 4 }, 60_000),
  "A mode that MRC does not have": header("data/t0.mrc", { 12: 9 }),
  "No MRC at all": (folder) => writeFile(join(folder, "data/t0.mrc"), Buffer.alloc(5000, "PNG")),
  "A damaged TIFF file": text("data/t0.mrc", `II*\0${" ".repeat(2000)}`),
  "XML that is not an object list": text("data/t0.xml", "<html><body>404 Not Found</body></html>\n"),
  "XML that is cut off": text("data/t0.xml", '<objlist>\n  <object class_label="1" x="1\n'),
  "A list of points without classes": text("data/t0.csv", "x,y,z\n13,11,9\n7,17,12\n"),
  "An object without a coordinate": replace("data/t0.xml", ' y="17.000"', ""),
  "A coordinate that is no number": replace("data/t0.xml", 'y="17.000"', 'y="17,5"'),
  "An object outside the volume": replace("data/t0.xml", 'y="17.000"', 'y="99"'),
  "A label without a class": replace(
    "data/t0.xml",
    "</objlist>",
    '  <object class_label="7" x="3.000" y="4.000" z="5.000"/>\n</objlist>',
  ),
  "Validation on the training objects": copy("data/t0.xml", "data/t1.xml"),
  "A class that is never trained": replace("data/t0.xml", 'class_label="2"', 'class_label="1"'),
  "Objects without angles for shapes": replace("data/t0.xml", / psi="[^"]*"/g, ""),
  "A mask that is not a cube": copy("data/t0.mrc", "masks/ribosome.mrc"),
  "A target of another size": all(labels("data/y0.mrc", [16, 24, 28]), labels("data/y1.mrc", [20, 24, 28])),
  "Weights that are not weights": text("weights.h5", "git-lfs pointer\n"),
  "A volume instead of weights": (folder, { type }) =>
    type(["volume", "convert", "data/t0.mrc", "weights.h5"], folder),
  "A folder without a workflow": (folder) => rm(join(folder, "workflow.yaml")),
  "A workflow of another name": (folder) =>
    rename(join(folder, "workflow.yaml"), join(folder, "chlamy.yaml")),
  "A lock file with merge conflicts": text(
    "workflow.lock.yaml",
    "version: 1\n<<<<<<< HEAD\ntasks: {}\n=======\ntasks:\n>>>>>>> other\n",
  ),
  "A lock file that is cut off": all(run("--only", "target"), async (folder) => {
    const path = join(folder, "workflow.lock.yaml");
    await truncate(path, (await readFile(path)).length - 200);
  }),
  "A lock file that is no lock file": text("workflow.lock.yaml", "hello\n"),
  "A label map that is a tomogram": async () => {},
  "A read-only results folder": async (folder, { cleanUp }) => {
    await mkdir(join(folder, "results"));
    mountSmallDisk(join(folder, "results"), { cleanUp, options: "ro" });
  },
  "A disk without room for the results": all(run("--only", "target@t0"), (folder) => fill(folder, 8192)),
  "A full disk": all(run("--only", "target@t0"), (folder) => fill(folder, 16_384 + record)),
  "A damaged cache": all(run("--only", "target"), damage(".tomoflow/cache/blobs"), (folder) =>
    rm(join(folder, "results/chlamy/target/t0/target.mrc")),
  ),
  "A result edited by hand": all(
    run("--only", "target"),
    text("results/chlamy/target/t0/target.mrc", "mine\n"),
  ),
  "A damaged checkpoint": all(run("--only", "train"), damage(".tomoflow/checkpoints", 500)),
};

/** Bytes that the record of the next run takes on such a disk. */
const record = 4096;

/** Leaves so many bytes of a small disk. */
async function fill(folder: string, left: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  await writeFile(join(folder, "filler"), Buffer.alloc(Math.max(0, bavail * bsize - left)));
}

/** Mounts a small disk of its own over an empty folder; false where this user may not. */
export function mountSmallDisk(
  folder: string,
  { cleanUp, options }: { cleanUp: CleanUp; options: string },
): boolean {
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]);
  if (status === 0) cleanUp(() => void spawnSync("umount", ["-l", folder]));
  return status === 0;
}
