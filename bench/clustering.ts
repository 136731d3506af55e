/**
 * Mean-shift by prefix sums: node --import tsx bench/clustering.ts [DATA]
 *
 * DATA holds `reference/` and `shrec19/` (default: $TOMOFLOW_DATA, else ../shared/data). Two maps: the reference crop at radius 8,
 * beside scikit-learn's own answer, and a whole 200×512×512 map of 12 classes, all voxels together at radius 5 and 8, and
 * each class on its own, as `cluster` does. DeepFinder's clustering of such a map took a median of 2670 s.
 *
 * Measured (one of two cores of a shared virtual machine, Node 20): the crop 0.15 s; 366 thousand voxels 0.5 s; 2.3 million voxels
 * 1.3 to 5 s, nearly all of it in the look-ups of `sumBall`.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { clusterObjects } from "../src/objects/clustering/cluster-objects.ts";
import { meanShift } from "../src/objects/clustering/mean-shift.ts";
import { type VoxelPoints, voxelPointsOf } from "../src/objects/clustering/voxel-points.ts";
import { readObjects } from "../src/objects/formats.ts";
import type { ObjectList } from "../src/objects/object-list.ts";
import { readVolume } from "../src/volume/formats.ts";
import { paintSpheres } from "../src/volume/painting.ts";

interface Reference {
  readonly radius: number;
  readonly clusters: readonly { readonly center: readonly number[]; readonly size: number }[];
}

/** Prints the figures through `print`. @param folder holds `reference/` and `shrec19/` */
export async function benchClustering(folder: string, print: (line: string) => void): Promise<void> {
  await compareWithReference(folder, print);
  const objects = await readObjects(join(folder, "shrec19/object_list_tomo0.xml"));
  const some = fullMap(objects, 3.2);
  const all = fullMap(objects, 6);
  for (const [points, radius] of [
    [some, 5],
    [all, 5],
    [all, 8],
  ] as const) {
    const { seconds, value } = await timed(() => meanShift(points, { radius }));
    print(`${size(points)}, radius ${radius}: ${value.sizes.length} clusters in ${seconds.toFixed(2)} s`);
  }
  const { seconds, value } = await timed(() =>
    clusterObjects(all, { method: "mean-shift", perClass: true, radius: 6 }),
  );
  print(
    `${size(all)}, each of 12 classes alone, radius 6: ${value.length} objects in ${seconds.toFixed(2)} s`,
  );
}

const size = ({ index, shape }: VoxelPoints): string => `${index.length} voxels in ${shape.join("×")}`;

async function compareWithReference(folder: string, print: (line: string) => void): Promise<void> {
  const reference: Reference = JSON.parse(
    await readFile(join(folder, "reference/meanshift_r8.json"), "utf8"),
  );
  const { data, shape } = await readVolume(join(folder, "reference/target_shapes_crop.mrc.gz"));
  const points = voxelPointsOf(data, shape);
  const { seconds, value } = await timed(() => meanShift(points, { radius: reference.radius }));
  const centers = reference.clusters.flatMap(({ center }) => center);
  const farthest = Math.max(...centers.map((coordinate, at) => Math.abs(coordinate - value.centres[at])));
  const sameSizes = reference.clusters.every((cluster, index) => cluster.size === value.sizes[index]);
  print(
    `${size(points)}, radius ${reference.radius}: ${value.sizes.length} clusters (scikit-learn ${reference.clusters.length}) ` +
      `in ${seconds.toFixed(2)} s; coordinates differ by ${farthest.toExponential(1)} at most, sizes ${sameSizes ? "equal" : "DIFFER"}`,
  );
}

/** The SHREC'19 objects as balls in a map of 200×512×512. */
function fullMap(objects: ObjectList, radius: number): VoxelPoints {
  const shape = [200, 512, 512] as const;
  const data = new Uint8Array(200 * 512 * 512);
  const radii = new Map(objects.map(({ label }) => [label, radius]));
  paintSpheres({ data, shape, start: [0, 0, 0] }, objects, { radii, rounding: "nearest" });
  return voxelPointsOf(data, shape);
}

async function timed<T>(work: () => Promise<T>): Promise<{ seconds: number; value: T }> {
  const start = performance.now();
  const value = await work();
  return { seconds: (performance.now() - start) / 1000, value };
}

if (import.meta.filename === process.argv[1]) {
  const folder =
    process.argv[2] ?? process.env.TOMOFLOW_DATA ?? join(import.meta.dirname, "../../shared/data");
  await benchClustering(folder, (line) => process.stdout.write(`${line}\n`));
}
