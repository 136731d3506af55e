/** The directories of a TIFF file, one a page: classic TIFF and BigTIFF, both byte orders. Sources: TIFF 6.0; the BigTIFF design of Aperio. */
import { TomoflowError } from "../../core/error.ts";
import type { ByteSource } from "../byte-source.ts";

export const tags = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  description: 270,
  stripOffsets: 273,
  samples: 277,
  rowsPerStrip: 278,
  stripCounts: 279,
  xResolution: 282,
  yResolution: 283,
  predictor: 317,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileCounts: 325,
  sampleFormat: 339,
} as const;

/** Values of a page's tags: numbers, a fraction counting as one, or a text. */
export type Page = ReadonlyMap<number, readonly number[] | string>;

export interface TiffPages {
  readonly littleEndian: boolean;
  readonly pages: readonly Page[];
}

const mostPages = 200_000;
const mostEntries = 4096;
const mostValues = 1 << 22;

/** Bytes of a value, by its type in the file. */
const typeBytes: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  17: 8,
  18: 8,
};

/** Throws `tiff-damaged`. */
export async function readPages(source: ByteSource, signal?: AbortSignal): Promise<TiffPages> {
  const reader = await headerOf(source, signal);
  const pages: Page[] = [];
  const seen = new Set<number>();
  for (let at = reader.first; at !== 0; ) {
    if (seen.has(at)) throw damaged(source, "its pages lead in circles");
    if (pages.length >= mostPages) throw damaged(source, `it has more than ${mostPages} pages`);
    seen.add(at);
    const { page, next } = await readPage(reader, at, pages.length === 0);
    pages.push(page);
    at = next;
  }
  if (pages.length === 0) throw damaged(source, "it has no page");
  return { littleEndian: reader.littleEndian, pages };
}

export const damaged = ({ name }: Pick<ByteSource, "name">, what: string): TomoflowError =>
  new TomoflowError("tiff-damaged", `${name} is damaged: ${what}`, { hint: "copy the file again" });

interface Reader {
  readonly source: ByteSource;
  readonly littleEndian: boolean;
  readonly big: boolean;
  readonly first: number;
  readonly view: (position: number, bytes: number) => Promise<DataView>;
}

async function headerOf(source: ByteSource, signal?: AbortSignal): Promise<Reader> {
  const view = async (position: number, bytes: number): Promise<DataView> => {
    if (!(position >= 0 && position + bytes <= source.size)) throw damaged(source, "it is cut off");
    const target = new Uint8Array(bytes);
    await source.read(position, target, signal);
    return new DataView(target.buffer);
  };
  const start = await view(0, 8);
  const littleEndian = start.getUint8(0) === 0x49;
  const big = start.getUint16(2, littleEndian) === 43;
  const first = big
    ? Number((await view(8, 8)).getBigUint64(0, littleEndian))
    : start.getUint32(4, littleEndian);
  return { source, littleEndian, big, first, view };
}

async function readPage(reader: Reader, at: number, isFirst: boolean): Promise<{ page: Page; next: number }> {
  const { big, littleEndian, source } = reader;
  const [countBytes, entryBytes, linkBytes] = big ? [8, 20, 8] : [2, 12, 4];
  const head = await reader.view(at, countBytes);
  const count = big ? Number(head.getBigUint64(0, littleEndian)) : head.getUint16(0, littleEndian);
  if (count > mostEntries) throw damaged(source, `a page has ${count} entries`);
  const body = await reader.view(at + countBytes, count * entryBytes + linkBytes);
  const known: ReadonlySet<number> = new Set(Object.values(tags));
  const page = new Map<number, readonly number[] | string>();
  for (let entry = 0; entry < count; entry++) {
    const tag = body.getUint16(entry * entryBytes, littleEndian);
    if (!known.has(tag) || (tag === tags.description && !isFirst)) continue;
    page.set(tag, await readValues(reader, body, entry * entryBytes));
  }
  const link = count * entryBytes;
  return {
    page,
    next: big ? Number(body.getBigUint64(link, littleEndian)) : body.getUint32(link, littleEndian),
  };
}

async function readValues(reader: Reader, body: DataView, at: number): Promise<readonly number[] | string> {
  const { big, littleEndian, source } = reader;
  const type = body.getUint16(at + 2, littleEndian);
  const count = big ? Number(body.getBigUint64(at + 4, littleEndian)) : body.getUint32(at + 4, littleEndian);
  const each = typeBytes[type];
  if (each === undefined || count > mostValues)
    throw damaged(source, `an entry has ${count} values of the type ${type}`);
  const room = big ? 8 : 4;
  const place = at + (big ? 12 : 8);
  const bytes = count * each;
  const view =
    bytes <= room
      ? new DataView(body.buffer, place, bytes)
      : await reader.view(
          big ? Number(body.getBigUint64(place, littleEndian)) : body.getUint32(place, littleEndian),
          bytes,
        );
  if (type === 2) return new TextDecoder("utf-8").decode(view).replace(/\0[\s\S]*$/, "");
  return Array.from({ length: count }, (_, index) => valueAt(view, index * each, { type, littleEndian }));
}

function valueAt(
  view: DataView,
  at: number,
  { type, littleEndian }: { type: number; littleEndian: boolean },
): number {
  switch (type) {
    case 1:
    case 7:
      return view.getUint8(at);
    case 6:
      return view.getInt8(at);
    case 3:
      return view.getUint16(at, littleEndian);
    case 8:
      return view.getInt16(at, littleEndian);
    case 4:
    case 13:
      return view.getUint32(at, littleEndian);
    case 9:
      return view.getInt32(at, littleEndian);
    case 5:
      return view.getUint32(at, littleEndian) / view.getUint32(at + 4, littleEndian);
    case 10:
      return view.getInt32(at, littleEndian) / view.getInt32(at + 4, littleEndian);
    case 11:
      return view.getFloat32(at, littleEndian);
    case 12:
      return view.getFloat64(at, littleEndian);
    case 17:
      return Number(view.getBigInt64(at, littleEndian));
    default:
      return Number(view.getBigUint64(at, littleEndian));
  }
}

export const numbers = (page: Page, tag: number): readonly number[] => {
  const value = page.get(tag);
  return typeof value === "string" || value === undefined ? [] : value;
};

export const number = (page: Page, tag: number, otherwise: number): number =>
  numbers(page, tag)[0] ?? otherwise;

export const text = (page: Page, tag: number): string => {
  const value = page.get(tag);
  return typeof value === "string" ? value : "";
};
