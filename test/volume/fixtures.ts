import { readFileSync } from "node:fs";

/** What mrcfile, h5py or the script that made a fixture say it holds. */
export interface ExpectedVolume {
  readonly shape: readonly [number, number, number];
  readonly type: string;
  readonly voxelSizeAngstrom: readonly number[] | null;
  readonly originAngstrom: readonly number[];
  /** (z, y, x). */
  readonly values: readonly number[];
  /** Their codes, where the script knows them. */
  readonly oddities?: readonly string[];
}

const folder = new URL("../fixtures/volume/", import.meta.url);

/** The path of a fixture, e.g. `mrc/mode0.mrc`. */
export const fixture = (name: string): string => new URL(name, folder).pathname;

const readExpected = (name: string) =>
  JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Record<string, ExpectedVolume>;

/** By file, or `file:dataset` for HDF5. */
export const expectedVolumes: Readonly<Record<string, ExpectedVolume>> = {
  ...readExpected("expected.json"),
  ...readExpected("expected-programs.json"),
};

/** A fixture's file and data set. */
export function split(key: string): { path: string; dataset?: string } {
  const [name, dataset] = key.split(":");
  return { path: fixture(name), dataset };
}
