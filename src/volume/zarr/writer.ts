/**
 * Writes OME-Zarr: a folder with an image of several levels, each half as fine as the one before. Densities of a coarser level are means of
 * 2×2×2 voxels; of whole numbers, which may be labels, every second voxel is taken. Version 0.5 (Zarr 3), or 0.4 (Zarr 2).
 */
import { mkdir, rm } from "node:fs/promises";
import { explainSystemError } from "../../core/error.ts";
import { checkComplete, checkPlanes, checkSpec } from "../planes.ts";
import type { CreateOptions, VolumeSpec, VolumeWriter, VoxelArray } from "../volume.ts";
import { chunkShape, LevelWriter } from "./level-writer.ts";
import { describeImage, levelsOf } from "./write-metadata.ts";

/** Creates the folder. Planes are appended in order of z; the chunks of a layer are written when its planes are there. */
export async function createZarr(
  path: string,
  spec: VolumeSpec,
  { omeZarr = "0.5" }: CreateOptions = {},
): Promise<VolumeWriter> {
  checkSpec(spec);
  const levels = levelsOf(spec);
  const writers: LevelWriter[] = [];
  for (const [index, level] of [...levels.entries()].reverse())
    writers.unshift(
      new LevelWriter({
        folder: `${path}/${index}`,
        shape: level.shape,
        type: spec.type,
        chunk: chunkShape(level.shape),
        version: omeZarr,
        coarser: writers[0],
      }),
    );
  try {
    await mkdir(path);
    await describeImage(path, { spec, levels, version: omeZarr });
  } catch (error) {
    await rm(path, { recursive: true, force: true });
    throw explainSystemError(error, path);
  }
  return new ZarrWriter(path, spec, writers[0]!);
}

class ZarrWriter implements VolumeWriter {
  readonly #path: string;
  readonly #spec: VolumeSpec;
  readonly #finest: LevelWriter;
  #planes = 0;

  constructor(path: string, spec: VolumeSpec, finest: LevelWriter) {
    this.#path = path;
    this.#spec = spec;
    this.#finest = finest;
  }

  async append(planes: VoxelArray): Promise<void> {
    this.#planes += checkPlanes(planes, this.#spec.shape, this.#planes);
    await this.#explained(this.#finest.append(planes));
  }

  async close(): Promise<void> {
    checkComplete(this.#planes, this.#spec.shape, this.#path);
    await this.#explained(this.#finest.finish());
  }

  async abort(): Promise<void> {
    await rm(this.#path, { recursive: true, force: true });
  }

  #explained(work: Promise<void>): Promise<void> {
    return work.catch((error) => {
      throw explainSystemError(error, this.#path);
    });
  }
}
