/**
 * The particles of a STAR block as objects. A dialect says which columns hold what, and in which unit and from where it counts; a column
 * that it does not know survives as an own column, and those of the particle's optics group as `optics.NAME`.
 */
import { type Diagnostic, errorDiagnostic } from "../../../core/diagnostic.ts";
import { failure, type Result, success } from "../../../core/result.ts";
import { rotationOf } from "../../../volume/rotation.ts";
import { anglesFromRelion } from "../../euler-angles.ts";
import type { ObjectList, TomogramObject } from "../../object-list.ts";
import type { KnownTomogram, ObjectFileOptions, ObjectsByTomogram } from "../object-format.ts";
import { type Columns, readColumns } from "./columns.ts";
import type { ParticleDialect, ParticleTable, PixelSizes } from "./dialect.ts";
import { type OwnColumns, ownColumnsOf } from "./own-columns.ts";
import { baseOfTomogramName } from "./tomogram-name.ts";

/** Reads the columns, tells the mistakes in them, and answers with the objects of each tomogram. */
export function particlesOf(
  table: ParticleTable,
  dialect: ParticleDialect,
  options: ObjectFileOptions,
): Result<ObjectsByTomogram> {
  const { particles, source } = table;
  const mistakes: Diagnostic[] = [];
  const columns = readColumns(table, { dialect, options, mistakes });
  const extra = ownColumnsOf(table, { dialect, mistakes });
  const pixels =
    dialect.origin === "centre" ? success(undefined) : (dialect.pixelSize?.(table) ?? success(undefined));
  if (!pixels.ok) mistakes.push(...pixels.diagnostics);
  if (mistakes.length > 0 || !pixels.ok) return failure(mistakes);
  const pixelSizes = pixels.value;
  const { originsAngstrom, originPixels } = columns;
  const hasOrigins =
    (originsAngstrom ?? originPixels)?.some((axis) => axis.some((value) => value !== 0)) ?? false;
  const rowsOf = tomogramGroups(columns);
  const place = placer(columns, { dialect, pixelSizes });
  const objects = (tomogram: KnownTomogram): Result<ObjectList> => {
    const chosen = rowsOf(tomogram.row, source);
    if (!chosen.ok) return chosen;
    const { rows, id } = chosen.value;
    const placed = place(tomogram);
    const list: TomogramObject[] = new Array(rows?.length ?? particles.rows);
    for (let index = 0; index < list.length; index++) {
      const row = rows ? rows[index] : index;
      list[index] = objectAt(row, columns, { id, extra, place: placed });
    }
    return success(list);
  };
  const requires = requiredFor(dialect, { pixelSizes, hasOrigins });
  return success(Object.assign(objects, { requires, isScaled: true }));
}

/** What of the tomogram the places cannot be told without. */
function requiredFor(
  { origin, pixelSize }: ParticleDialect,
  { pixelSizes, hasOrigins }: { pixelSizes: PixelSizes | undefined; hasOrigins: boolean },
): readonly (keyof KnownTomogram)[] {
  if (origin === "centre") return ["voxelSizeAngstrom", "shape"];
  // a format without pixel sizes counts in voxels
  if (!pixelSize) return [];
  if (pixelSizes) return ["voxelSizeAngstrom"];
  return hasOrigins ? ["voxelSizeAngstrom", "binning"] : ["binning"];
}

interface ChosenRows {
  /** All where not given. */
  readonly rows?: readonly number[];
  /** What the tomogram is called, where it is the row's. */
  readonly id?: string;
}

/** The rows of a tomogram, by its id, or by a name of the file that is its path: `tomograms/TS_1.mrc`, `TS_1.tomostar`. */
function tomogramGroups({ tomogram, names, rows, tomogramIndex }: Columns) {
  let groups: number[][] | undefined;
  const groupRows = (): number[][] => {
    groups = names.map(() => []);
    for (let row = 0; row < rows; row++) groups[tomogram![row]].push(row);
    return groups;
  };
  return (row: KnownTomogram["row"], file: string): Result<ChosenRows> => {
    if (tomogram && row?.id !== undefined) {
      const { id } = row;
      const exact = names.indexOf(id);
      const alike =
        exact >= 0
          ? [exact]
          : names.flatMap((name, number) => (baseOfTomogramName(name) === id ? [number] : []));
      if (alike.length > 1)
        return failure([
          errorDiagnostic(
            "objects-several-tomograms",
            `${alike.map((number) => names[number]).join(" and ")} are both ${id}: the list does not say which is meant`,
            { location: { file }, hint: "call one row as the list does" },
          ),
        ]);
      if (alike.length === 1) return success({ rows: (groups ?? groupRows())[alike[0]], id });
    }
    if (!tomogram && tomogramIndex && row?.index !== undefined) {
      const own: number[] = [];
      for (let at = 0; at < rows; at++) if (tomogramIndex[at] === row.index) own.push(at);
      if (own.length > 0) return success({ rows: own });
    }
    return success({});
  };
}

type Place = (row: number, axis: number) => number;

/** Voxels of the tomogram, 0 the centre of the first; axes x, y, z. */
function placer(
  columns: Columns,
  { dialect, pixelSizes }: { dialect: ParticleDialect; pixelSizes: PixelSizes | undefined },
) {
  const { coordinates, shifts, originsAngstrom, originPixels, subtomogram } = columns;
  const turned = originsAngstrom && subtomogram ? turnOrigins(originsAngstrom, subtomogram) : originsAngstrom;
  return ({ voxelSizeAngstrom, shape, binning }: KnownTomogram): Place => {
    // what the caller requires is there; Å are asked for only where the file has them
    const voxel = [2, 1, 0].map((axis) => voxelSizeAngstrom?.[axis] ?? Number.NaN);
    if (dialect.origin === "centre") {
      const centre = [2, 1, 0].map((axis) => shape![axis] / 2);
      return (row, axis) => {
        const offset = turned ? turned[axis][row] : 0;
        return (coordinates[axis][row] - offset) / voxel[axis] + centre[axis];
      };
    }
    const first = dialect.origin;
    return (row, axis) => {
      const pixel = binning === undefined ? pixelSizes?.(row) : undefined;
      // how many of the file's pixels are a voxel
      const pixels = binning ?? (pixel === undefined ? 1 : voxel[axis] / pixel);
      const shift = (shifts ? shifts[axis][row] : 0) - first - (originPixels ? originPixels[axis][row] : 0);
      const place = (coordinates[axis][row] + shift) / pixels;
      const offset = turned ? turned[axis][row] : 0;
      return offset === 0 ? place : place - offset / voxel[axis];
    };
  };
}

/** RELION 4 and 5 turn a particle's offset by its subtomogram's rotation (`ParticleSet::getPosition`). */
function turnOrigins(
  origins: readonly Float64Array[],
  angles: readonly Float64Array[],
): readonly Float64Array[] {
  const turned = origins.map((axis) => axis.slice());
  for (let row = 0; row < turned[0].length; row++) {
    const [rot, tilt, psi] = angles.map((angle) => angle[row]);
    if (rot === 0 && tilt === 0 && psi === 0) continue;
    const rotation = rotationOf(anglesFromRelion({ rot, tilt, psi }));
    for (let axis = 0; axis < 3; axis++)
      turned[axis][row] =
        rotation[3 * axis] * origins[0][row] +
        rotation[3 * axis + 1] * origins[1][row] +
        rotation[3 * axis + 2] * origins[2][row];
  }
  return turned;
}

interface ObjectSources {
  readonly id: string | undefined;
  readonly extra: OwnColumns | undefined;
  readonly place: Place;
}

/** Fields are always set in one order, so that all objects of a list have one shape in memory. */
function objectAt(row: number, columns: Columns, { id, extra, place }: ObjectSources): TomogramObject {
  const { label, tomogram, names, tomogramIndex, objectId, score, phi, psi, the } = columns;
  const object: { -readonly [name in keyof TomogramObject]: TomogramObject[name] } = {
    label: typeof label === "number" ? label : label[row],
    x: place(row, 0),
    y: place(row, 1),
    z: place(row, 2),
  };
  if (tomogramIndex) object.tomogramIndex = tomogramIndex[row];
  if (tomogram) object.tomogramId = id ?? names[tomogram[row]];
  if (objectId) object.objectId = objectId[row];
  if (phi && psi && the) {
    object.phi = phi[row];
    object.psi = psi[row];
    object.the = the[row];
  }
  if (score) object.score = score[row];
  if (extra) object.extra = extra(row);
  return object;
}
