/** Whether a list belongs to a tomogram: places inside of it, and the same size of voxels where the list says one. */
import { type Diagnostic, warningDiagnostic } from "../../../core/diagnostic.ts";
import { checkObjectList } from "../../../objects/check.ts";
import type { ObjectList } from "../../../objects/object-list.ts";
import type { VolumeInfo } from "../../../volume/volume.ts";

/** Warnings for people; none where they fit together as far as can be told. */
export function compareWithTomogram(
  list: ObjectList,
  { shape, voxelSizeAngstrom }: Pick<VolumeInfo, "shape" | "voxelSizeAngstrom">,
  source: string,
): readonly Diagnostic[] {
  const outside = checkObjectList(list, { source, shape }).map(
    (one): Diagnostic => ({ ...one, severity: "warning" }),
  );
  const listed = voxelSizeOfList(list);
  if (listed === undefined || voxelSizeAngstrom === null) return outside;
  const size = voxelSizeAngstrom[2];
  if (Math.abs(listed / size - 1) < 0.01) return outside;
  const message = `the list is for voxels of ${shown(listed)} Å, the tomogram has ${shown(size)} Å`;
  const hint = `its places are then ${shown(size / listed)} times too large: divide them by that with \`tomoflow objects scale\`, or open the tomogram that the list was made for`;
  return [warningDiagnostic("voxel-size-differs", message, { hint }), ...outside];
}

const shown = (value: number): string => String(Number(value.toPrecision(4)));

/** Columns in which programs of the field write Å a voxel. */
const sizeColumns =
  /^_?(rln)?(tomo(gram)?)?(tilt_?series)?_?(pixel|voxel)_?(size|spacing)(_?(angstroms?|a|å))?$/i;

/** Å; undefined where the list says none, or several. */
function voxelSizeOfList(list: ObjectList): number | undefined {
  const sizes = new Set<number>();
  for (const { extra } of list)
    for (const [name, value] of Object.entries(extra ?? {}))
      if (sizeColumns.test(name.trim()) && Number(value) > 0) sizes.add(Number(value));
  return sizes.size === 1 ? [...sizes][0] : undefined;
}
