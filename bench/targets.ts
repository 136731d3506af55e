/**
 * Shape targets for the SHREC'19 training tomogram: node --import tsx bench/targets.ts [DATA]
 *
 * DATA holds `reference/` and `shrec19/` (default: $TOMOFLOW_DATA, else ../shared/data). 2498 objects, 12 masks of 40³ voxels,
 * 200×512×512 voxels. Expected: the balls around the masks hold 14.5 million voxels in all, some 10 ns each to turn back and
 * look up; 2.3 million cells lie at a surface and cost some 15 ns more to interpolate; together 0.2 s. Measured (two cores of a
 * shared virtual machine, Node 20): 0.20 to 0.28 s, every voxel as DeepFinder's.
 */
import { join } from "node:path";
import { compareWithShrec19 } from "./shrec19.ts";

const runs = 3;

export async function benchTargets(folder: string, print: (line: string) => void): Promise<void> {
  for (let run = 1; run <= runs; run++) {
    const result = await compareWithShrec19(folder);
    const different = result.countDifferences.filter((difference) => difference !== 0).length;
    print(
      `${result.objects} objects: read ${result.readSeconds.toFixed(2)} s, painted ${result.paintSeconds.toFixed(2)} s; ` +
        `voxel counts differ for ${different} of ${result.countDifferences.length} labels, ` +
        `${result.cropDifferences} of ${result.cropVoxels} voxels differ in the crop`,
    );
  }
}

if (import.meta.filename === process.argv[1]) {
  const folder =
    process.argv[2] ?? process.env.TOMOFLOW_DATA ?? join(import.meta.dirname, "../../shared/data");
  await benchTargets(folder, (line) => process.stdout.write(`${line}\n`));
}
