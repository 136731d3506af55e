/** Finds the array to read in a Zarr store: the one that is named, or the finest level of the image. */
import { TomoflowError } from "../../core/error.ts";
import type { ByteFolder } from "../byte-folder.ts";
import type { Oddity } from "../volume.ts";
import type { ArrayMetadata } from "./array-metadata.ts";
import { isMap } from "./json-fields.ts";
import { keyIn, readNode, type ZarrNode } from "./nodes.ts";
import { type OmeImage, type OmeLevel, readOmeImage } from "./ome.ts";

export interface FoundArray {
  /** From the store. */
  readonly path: string;
  readonly version: 2 | 3;
  readonly array: ArrayMetadata;
  readonly attributes: ZarrNode["attributes"];
  /** What the group around it says. */
  readonly image?: OmeImage;
  readonly level?: OmeLevel;
  /** What tomoflow wrote of the volume's labels. */
  readonly texts?: unknown;
  readonly oddities: readonly Oddity[];
}

/**
 * `name` may be a level (`1`), another image or array in the store (`labels/membranes`), or a level of that. Throws `zarr-not-volume`,
 * `zarr-missing`, `zarr-metadata`, `zarr-codec`.
 */
export async function findArray(
  store: ByteFolder,
  name: string | undefined,
  signal?: AbortSignal,
): Promise<FoundArray> {
  const path = (name ?? "").replace(/^\/+|\/+$/g, "");
  const node = await readNode(store, path, signal);
  if (!node) throw noNode(store, path, await readNode(store, "", signal));
  if (node.array) return inItsImage(store, { ...node, array: node.array }, signal);
  const image = readOmeImage(node.attributes);
  if (image) return finestLevel(store, node, { image, signal });
  return onlyImage(store, node, signal);
}

/** An array that is named: the group above may say how large its voxels are. */
async function inItsImage(
  store: ByteFolder,
  node: ZarrNode & { readonly array: ArrayMetadata },
  signal?: AbortSignal,
): Promise<FoundArray> {
  const { path, version, array, attributes } = node;
  const found = { path, version, array, attributes, oddities: [] };
  const parts = path.split("/");
  // the path of a level may have several parts
  for (let length = parts.length - 1; path !== "" && length >= 0; length--) {
    const above = await readNode(store, parts.slice(0, length).join("/"), signal);
    const image = above && readOmeImage(above.attributes);
    const level = image?.levels.find((one) => one.path === parts.slice(length).join("/"));
    if (image && level) return { ...found, image, level, texts: textsOf(above), oddities: image.oddities };
  }
  return found;
}

async function finestLevel(
  store: ByteFolder,
  group: ZarrNode,
  { image, signal }: { readonly image: OmeImage; readonly signal: AbortSignal | undefined },
): Promise<FoundArray> {
  const level = image.levels[0]!;
  const path = keyIn(group.path, level.path);
  const node = await readNode(store, path, signal);
  if (!node?.array)
    throw new TomoflowError("zarr-missing", `${store.name} has no array \`${path}\`, though it says so`, {
      hint: "the copy is not complete: copy the folder again",
    });
  const { version, array, attributes } = node;
  return { path, version, array, attributes, image, level, texts: textsOf(group), oddities: image.oddities };
}

const textsOf = ({ attributes: { tomoflow } }: ZarrNode): unknown =>
  isMap(tomoflow) ? tomoflow.labels : undefined;

/** Files of Bio-Formats hold numbered images. */
async function onlyImage(store: ByteFolder, group: ZarrNode, signal?: AbortSignal): Promise<FoundArray> {
  const first = keyIn(group.path, "0");
  const node = await readNode(store, first, signal);
  if (!node) throw noImage(store, group.path);
  if (!node.array && !readOmeImage(node.attributes)) throw noImage(store, first);
  const found = await findArray(store, first, signal);
  const message = `the group does not describe an image; read \`${found.path}\` in it`;
  return { ...found, oddities: [{ code: "dataset-unnamed", message }, ...found.oddities] };
}

const noImage = (store: ByteFolder, path: string): TomoflowError =>
  new TomoflowError(
    "zarr-not-volume",
    `${store.name} is Zarr, but ${path === "" ? "it" : `\`${path}\` in it`} describes no image (OME-Zarr's multiscales)`,
    { hint: `name the array, as in ${shortName(store)}#/GROUP/ARRAY or with --dataset GROUP/ARRAY` },
  );

function noNode(store: ByteFolder, path: string, root: ZarrNode | undefined): TomoflowError {
  const levels = (root && readOmeImage(root.attributes)?.levels.map((level) => level.path)) ?? [];
  return new TomoflowError("zarr-missing", `${store.name} has no group or array \`${path}\``, {
    hint:
      levels.length > 0
        ? `its levels are ${levels.slice(0, 12).join(", ")}`
        : "check the name; it is the path inside the folder",
  });
}

const shortName = ({ name }: ByteFolder): string => name.replace(/\/+$/, "").split("/").at(-1) ?? name;
