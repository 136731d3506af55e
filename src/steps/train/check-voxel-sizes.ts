/** Compares the voxel sizes of the rows that a network learns from: one network learns one size of the particles. */
import { type Diagnostic, warningDiagnostic } from "../../core/diagnostic.ts";
import type { Triple, VolumeInfo } from "../../volume/volume.ts";
import type { StepRow } from "../step-kind.ts";

/** Networks find particles of the size that they know: a share of 2 % is as nothing to them. */
export const differInSize = (a: Triple, b: Triple): boolean =>
  a.some((edge, axis) => Math.abs(edge / b[axis]! - 1) > tolerance);

const tolerance = 0.02;

type Sampled = Pick<VolumeInfo, "voxelSizeAngstrom">;

/** Warns of rows whose voxel size is more than 2 % from the first row that has one; unknown sizes are not told. */
export function checkVoxelSizes(
  rows: readonly StepRow[],
  headers: ReadonlyMap<string, Sampled>,
): Diagnostic[] {
  const sized = rows.flatMap((row) => {
    const size = headers.get(row.id)?.voxelSizeAngstrom;
    return size ? [{ row, size }] : [];
  });
  const [first, ...others] = sized;
  if (first === undefined) return [];
  return others
    .filter(({ size }) => differInSize(size, first.size))
    .map(({ row, size }) =>
      warningDiagnostic(
        "voxel-size-differs",
        `${row.id}: the tomogram has ${size.join(" × ")} Å a voxel, that of ${first.row.id} ${first.size.join(" × ")}`,
        {
          location: { file: row.files.tomogram! },
          hint: "train on tomograms of one voxel size: rescale this one, or correct its header",
        },
      ),
    );
}
