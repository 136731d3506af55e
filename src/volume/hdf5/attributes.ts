/** Attributes of data sets and groups, as plain values. */
import type { Hdf5Library } from "../../core/hdf5.ts";
import type { Triple } from "../volume.ts";

interface Described {
  readonly attrs: Readonly<
    Record<string, { readonly json_value: unknown; readonly metadata: AttributeType }>
  >;
  readonly file_id: bigint;
  readonly path: string;
}

/** What the library says of an attribute's values. */
interface AttributeType {
  /** Of texts: each lies elsewhere, in a heap. */
  readonly vlen: boolean;
  readonly type: number;
  readonly size: number;
  readonly total_size: number;
}

/** HDF5's class of texts. */
const textClass = 3;

const mostTexts = 4096;

/** The texts of an attribute; empty where it holds none. */
export function textsAttribute(library: Hdf5Library, described: Described, name: string): readonly string[] {
  const attribute = described.attrs[name];
  if (attribute?.metadata.type !== textClass || attribute.metadata.total_size > mostTexts) return [];
  if (attribute.metadata.vlen) return textsOfHeap(library, described, name);
  const value = attribute.json_value;
  return (Array.isArray(value) ? value : [value]).filter((text) => typeof text === "string");
}

/** Not by h5wasm's own way, which frees the texts also where reading them failed, and ends the process's use of the library. */
function textsOfHeap({ module }: Hdf5Library, { attrs, file_id, path }: Described, name: string): string[] {
  const { size, total_size: count } = attrs[name].metadata;
  const pointer = module._malloc(size * count);
  if (pointer === 0) throw new Error("Memory allocation failed");
  try {
    module.get_attribute_data(file_id, path, name, BigInt(pointer));
    const view = new DataView(module.HEAPU8.buffer, pointer, size * count);
    const texts = Array.from({ length: count }, (_, index) =>
      module.UTF8ToString(view.getUint32(index * size, true)),
    );
    module.reclaim_vlen_memory(file_id, path, name, BigInt(pointer));
    return texts;
  } finally {
    module._free(pointer);
  }
}

/** Null where it is no finite number. */
export function numberAttribute({ attrs }: Described, name: string): number | null {
  const value = attrs[name]?.json_value;
  const number = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

/** Null where one of them is no finite number. */
export function numbersAttribute({ attrs }: Described, name: string): number[] | null {
  const value = attrs[name]?.json_value;
  if (!Array.isArray(value)) return null;
  const numbers = value.map(Number);
  return numbers.every(Number.isFinite) ? numbers : null;
}

export function tripleAttribute(described: Described, name: string): Triple | null {
  const numbers = numbersAttribute(described, name);
  return numbers?.length === 3 ? [numbers[0], numbers[1], numbers[2]] : null;
}

/** The object in an attribute of JSON text; null where there is none, and for what is no JSON. */
export function jsonAttribute(library: Hdf5Library, described: Described, name: string): object | null {
  const [text, ...more] = textsAttribute(library, described, name);
  if (text === undefined || more.length > 0) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
