/** Groups and arrays of a Zarr store, as their metadata say: versions 2 (`.zgroup`, `.zarray`, `.zattrs`) and 3 (`zarr.json`). */
import type { ByteFolder } from "../byte-folder.ts";
import { type ArrayMetadata, parseArray2, parseArray3 } from "./array-metadata.ts";
import { isMap, type JsonMap, shownJson, wrongMetadata } from "./json-fields.ts";

export interface ZarrNode {
  /** Of Zarr, not of OME-Zarr. */
  readonly version: 2 | 3;
  /** From the store, without slashes at its ends; empty for the store itself. */
  readonly path: string;
  readonly attributes: JsonMap;
  /** Absent for a group. */
  readonly array?: ArrayMetadata;
}

/** More is no description of a volume. */
const largestMetadata = 16 << 20;

/** The group or array at a path; undefined where there is none. Throws `zarr-metadata`, `zarr-codec`. */
export async function readNode(
  store: ByteFolder,
  path: string,
  signal?: AbortSignal,
): Promise<ZarrNode | undefined> {
  const json = (name: string) => readJson(store, keyIn(path, name), signal);
  const third = await json("zarr.json");
  if (third) return node3(store, path, third);
  const [array, group, attributes] = [await json(".zarray"), await json(".zgroup"), await json(".zattrs")];
  if (!array && !group && !attributes) return undefined;
  const shown = shownKey(store, keyIn(path, ".zarray"));
  return {
    version: 2,
    path,
    attributes: attributes ?? {},
    ...(array && { array: parseArray2(array, shown) }),
  };
}

function node3(store: ByteFolder, path: string, json: JsonMap): ZarrNode {
  const shown = shownKey(store, keyIn(path, "zarr.json"));
  if (json.zarr_format !== 3 || (json.node_type !== "array" && json.node_type !== "group"))
    throw wrongMetadata(
      shown,
      `is of zarr_format ${shownJson(json.zarr_format)}, ${shownJson(json.node_type)}`,
    );
  const attributes = isMap(json.attributes) ? json.attributes : {};
  return {
    version: 3,
    path,
    attributes,
    ...(json.node_type === "array" && { array: parseArray3(json, shown) }),
  };
}

export const keyIn = (path: string, name: string): string => (path === "" ? name : `${path}/${name}`);

export const shownKey = (store: ByteFolder, key: string): string =>
  `${store.name.replace(/\/+$/, "")}/${key}`;

/** Undefined where there is no such key. */
async function readJson(store: ByteFolder, key: string, signal?: AbortSignal): Promise<JsonMap | undefined> {
  const source = await store.open(key);
  if (!source) return undefined;
  try {
    if (source.size > largestMetadata)
      throw wrongMetadata(shownKey(store, key), `has ${source.size} bytes, too many for a description`);
    const bytes = new Uint8Array(source.size);
    await source.read(0, bytes, signal);
    return parseJson(bytes, shownKey(store, key));
  } finally {
    await source.close();
  }
}

function parseJson(bytes: Uint8Array, shown: string): JsonMap {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw wrongMetadata(shown, "is no JSON", cause);
  }
  if (!isMap(value)) throw wrongMetadata(shown, "is no JSON object");
  return value;
}
