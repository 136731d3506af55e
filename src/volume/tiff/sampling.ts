/** Voxel size in a TIFF stack, where ImageJ or an OME-XML description tells it: the resolution alone is that of a print. */
import { angstromOfUnit } from "../length-units.ts";
import type { Triple } from "../volume.ts";
import { number, type Page, tags, text } from "./directory.ts";

const rounded = (length: number): number => Number(length.toPrecision(6));

export function voxelSizeOf(page: Page): Triple | null {
  const description = text(page, tags.description);
  const size = /^ImageJ=/.test(description) ? fromImageJ(page, description) : fromOme(description);
  return size?.every((length) => length > 0 && Number.isFinite(length)) ? size : null;
}

/** `spacing` between planes, voxels a unit in the resolution tags. */
function fromImageJ(page: Page, description: string): Triple | null {
  const field = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(description)?.[1]?.trim();
  const unit = (field("unit") ?? "").replace(/\\u00B5/gi, "µ").replace(/\\u00C5/gi, "Å");
  const factor = angstromOfUnit(unit);
  if (factor === undefined) return null;
  const [x, y] = [number(page, tags.xResolution, 0), number(page, tags.yResolution, 0)];
  const spacing = Number(field("spacing") ?? 1 / x);
  return [rounded(spacing * factor), rounded(factor / y), rounded(factor / x)];
}

/** `PhysicalSizeX="0.001348" PhysicalSizeXUnit="µm"`; micrometres where no unit is given. */
function fromOme(description: string): Triple | null {
  const pixels = /<Pixels\s([^>]*)>/.exec(description)?.[1];
  if (!pixels) return null;
  const length = (axis: string): number => {
    const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(pixels)?.[1];
    const unit = angstromOfUnit(attribute(`PhysicalSize${axis}Unit`) ?? "µm");
    return rounded(Number(attribute(`PhysicalSize${axis}`)) * (unit ?? Number.NaN));
  };
  return [length("Z"), length("Y"), length("X")];
}

/** Planes that ImageJ keeps behind the first page; undefined for other programs' files. */
export function imageJPlanes(page: Page): number | undefined {
  const planes = /^ImageJ=[\s\S]*?^images=(\d+)/m.exec(text(page, tags.description))?.[1];
  return planes === undefined ? undefined : Number(planes);
}
