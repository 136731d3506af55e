/** The objects of one tomogram in a list for several, by all that a step can see of them: in their order, with every field. */
import { stat } from "node:fs/promises";
import { TomoflowError } from "../../core/error.ts";
import { canonicalJson, sha256 } from "../../core/hash.ts";
import type { KnownTomogram } from "../../objects/formats/object-format.ts";
import { type ObjectFile, openObjectFile } from "../../objects/formats.ts";
import type { ObjectList } from "../../objects/object-list.ts";
import { objectsOfTomogram } from "../../objects/operations/of-tomogram.ts";
import type { FilePart } from "../../schema/step-description.ts";

type Tomogram = Extract<FilePart, { type: "tomogram" }>;

/**
 * As `readRowObjects` reads them. Undefined where the list cannot be read or does not say whose its objects are, which the preflight
 * tells; and where the objects are not to be told without the size or the header of the tomogram.
 */
export async function objectsContent(
  path: string,
  { id, index: cell }: Tomogram,
): Promise<{ readonly sha256: string; readonly size: number } | undefined> {
  const file = await fileAt(path);
  if (file === undefined || !isToldByRow(file)) return undefined;
  const index = cell === undefined ? undefined : Number(cell);
  const read = file.objects({ row: { id, index }, ...(file.isScaled && anyTomogram) });
  const found = read.ok ? objectsOfTomogram(read.value, { id, index }) : undefined;
  if (!found?.ok || !found.value.selected) return undefined;
  const text = canonicalJson(found.value.objects.map(exactly));
  return { sha256: sha256(text), size: Buffer.byteLength(text) };
}

const isToldByRow = ({ isPlain, isScaled, requires }: ObjectFile): boolean =>
  isPlain || isScaled || (requires.length > 0 && requires.every((one) => one === "row"));

/** What the file says is the same in every tomogram, where that scales and shifts coordinates alone. */
const anyTomogram: Omit<KnownTomogram, "row"> = {
  voxelSizeAngstrom: [1, 1, 1],
  shape: [2, 2, 2],
  binning: 1,
};

/** JSON has no word for what is no number. */
const exactly = (object: ObjectList[number]): unknown =>
  Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      name,
      typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
    ]),
  );

interface Parsed {
  readonly key: string;
  /** Milliseconds since 1970 from which on it is read again. */
  readonly until: number;
  readonly file: Promise<ObjectFile | undefined>;
}

/** Hundreds of rows ask for their parts of one list, one after the other. */
let latest: Parsed | undefined;

/** Milliseconds: a file changed just now may change again and look the same. */
const [young, patience] = [2000, 200];

async function fileAt(path: string): Promise<ObjectFile | undefined> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  if (stats === undefined) return undefined;
  const { dev, ino, size, mtimeNs, ctimeNs, mtimeMs, ctimeMs } = stats;
  const key = [path, dev, ino, size, mtimeNs, ctimeNs].join(" ");
  const now = Date.now();
  const isYoung = now - Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs) < young;
  if (latest?.key !== key || now >= latest.until)
    latest = { key, until: isYoung ? now + patience : Number.POSITIVE_INFINITY, file: openFile(path) };
  return latest.file;
}

async function openFile(path: string): Promise<ObjectFile | undefined> {
  try {
    const file = await openObjectFile(path);
    return file.ok ? file.value : undefined;
  } catch (error) {
    if (!(error instanceof TomoflowError)) throw error;
    return undefined;
  }
}
