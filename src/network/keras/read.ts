/** Reads weights from the files of Keras 2 and 3, and says whose network they fit. */
import { open } from "node:fs/promises";
import { explainSystemError, TomoflowError } from "../../core/error.ts";
import { call, type Hdf5Dataset, type Hdf5File, type Hdf5Library, loadHdf5 } from "../../core/hdf5.ts";
import { checkRegularFile } from "../../core/regular-file.ts";
import { type Architecture, networkLayers, ownerOf } from "../networks.ts";
import type { ParameterValues } from "../parameters.ts";
import { findConvolutions, type StoredConvolution } from "./convolutions.ts";
import { describedDifferences } from "./description.ts";
import { fromKerasOrder } from "./kernel-order.ts";
import { architectureAttribute, mostClasses, mostFilters, parseArchitecture } from "./stored-architecture.ts";

export interface KerasWeights {
  readonly network: Architecture;
  readonly parameters: ParameterValues;
  /** The file describes its model, and the description is the network's; else nothing but shapes could be compared. */
  readonly isDescribed: boolean;
  /** (z, y, x), Å: of the tomograms that it was trained on; null where the file does not say. */
  readonly voxelSizeAngstrom: readonly [number, number, number] | null;
}

/** Of our own files, at the root: float64 (z, y, x), Å. */
export const voxelSizeAttribute = "voxel_size_angstrom";

function readVoxelSize(file: Hdf5File): KerasWeights["voxelSizeAngstrom"] {
  const value = file.attrs[voxelSizeAttribute]?.value;
  const size = value instanceof Float64Array && value.length === 3 ? [...value] : [];
  return size.length === 3 && size.every((edge) => edge > 0 && Number.isFinite(edge))
    ? (size as [number, number, number])
    : null;
}

/**
 * The network is the one that the file names; else DeepFinder's, whose filters and classes follow from the shapes. Layers are matched in order, whatever their names. All shapes, and the
 * description of the model where there is one, are checked before any values are read. @throws TomoflowError `weights-not-hdf5`, `weights-missing`, `weights-layer`,
 * `weights-shape`, `weights-model`, `weights-description`, `weights-type`, `weights-not-finite`, `network-unknown`, `weights-network`
 */
export async function readKerasWeights(path: string): Promise<KerasWeights> {
  await checkSignature(path);
  const library = await loadHdf5();
  const file = call(library, path, () => new library.File(path, "r"));
  try {
    const stored = findConvolutions({ library, file, path });
    const network = findArchitecture(file, { library, path }) ?? inferNetwork(stored);
    checkShapes(stored, network, path);
    const description = call(library, path, () => findDescription(file, path));
    if (description !== undefined)
      checkDescription(description, { network, path, weightNames: stored.map(({ name }) => name) });
    const parameters = readParameters(library, stored, { network, path });
    const voxelSizeAngstrom = call(library, path, () => readVoxelSize(file));
    return { network, parameters, isDescribed: description !== undefined, voxelSizeAngstrom };
  } finally {
    call(library, path, () => file.close());
  }
}

const hdf5Signature = "\u0089HDF\r\n\u001a\n";

async function checkSignature(path: string): Promise<void> {
  await checkRegularFile(path);
  const start = Buffer.alloc(hdf5Signature.length);
  try {
    const file = await open(path, "r");
    await file.read(start, 0, start.length, 0).finally(() => file.close());
  } catch (error) {
    throw explainSystemError(error, path);
  }
  if (start.toString("latin1") !== hdf5Signature)
    throw new TomoflowError(
      "weights-not-hdf5",
      `${path} is not an HDF5 file, so it holds no weights of Keras`,
      {
        hint: "weights are .h5 files written by tomoflow train, by DeepFinder or by Keras 2 or 3 (not .keras or SavedModel)",
      },
    );
}

/** Five layers belong to each resolution; a file of another number of them is told by what is missing of the original's. */
const resolutionsOf = (layers: number): number => (layers >= 10 && layers % 5 === 0 ? layers / 5 : 3);

/** DeepFinder's network, of the file's widths. */
function inferNetwork(stored: readonly StoredConvolution[]): Architecture {
  const channels = (index: number) => stored[index]?.kernel.shape?.[4] ?? 1;
  return {
    classes: channels(stored.length - 1),
    filters: Array.from({ length: resolutionsOf(stored.length) }, (_, level) => channels(2 * level)),
  };
}

/** The network that the file names, if it does. @throws TomoflowError `network-unknown`, `weights-network` */
function findArchitecture(
  file: Hdf5File,
  { library, path }: { library: Hdf5Library; path: string },
): Architecture | undefined {
  const value = call(library, path, () => file.attrs[architectureAttribute]?.value);
  return value === undefined ? undefined : parseArchitecture(value, path);
}

/** @throws TomoflowError `weights-shape` with the file's and the network's shapes */
function checkShapes(stored: readonly StoredConvolution[], network: Architecture, path: string): void {
  const misfit = (faults: readonly string[]) => misfitOf(path, faults, network);
  const layers = networkLayers(network);
  if (stored.length !== layers.length)
    throw misfit([`it holds ${stored.length} convolutions, the network has ${layers.length}`]);
  const faults = layers.flatMap(({ size, into, out }, index) => {
    const wanted = convolutionText([size, size, size, into, out], out);
    const { name, kernel, bias } = stored[index]!;
    const found = convolutionText(kernel.shape!, bias.shape![0]!);
    return found === wanted ? [] : [`its ${name} is ${found}, the network's is ${wanted}`];
  });
  const { classes, filters } = network;
  if (Math.max(...filters) > mostFilters || classes > mostClasses || classes < 2)
    faults.push(`filters ${filters.join(", ")} and ${classes} classes are no sensible network`);
  if (faults.length > 0) throw misfit(faults);
}

/**
 * What the file says of its model, in whatever form it was written; undefined where it says nothing.
 * @throws TomoflowError `weights-description` for a description in no form that is known: it must not pass for none
 */
function findDescription(file: Hdf5File, path: string): string | undefined {
  for (const name of ["model_weights", ""]) {
    const place = name === "" ? file : file.keys().includes(name) ? file.get(name) : null;
    if (!place || !("attrs" in place) || !("model_config" in place.attrs)) continue;
    const value: unknown = place.attrs.model_config!.value;
    const [one] = Array.isArray(value) ? value : [value];
    if (typeof one === "string") return one;
    if (value instanceof Uint8Array || value instanceof Int8Array)
      return Buffer.from(value).toString("utf8").replace(/\0+$/, "");
    throw new TomoflowError(
      "weights-description",
      `${path}: the description of the model (model_config) is no text`,
      {
        hint: "save the weights alone, with save_weights, if you know that the model is DeepFinder's",
      },
    );
  }
  return undefined;
}

/** @throws TomoflowError `weights-model` where the model is another one */
function checkDescription(description: string, described: Parameters<typeof describedDifferences>[1]): void {
  const { path } = described;
  const faults = describedDifferences(description, described);
  if (faults.length === 0) return;
  const more = faults.length > 3 ? `; and ${faults.length - 3} more` : "";
  throw new TomoflowError(
    "weights-model",
    `${path} holds another network than ${ownerOf(described.network)}: ${faults.slice(0, 3).join("; ")}${more}`,
    {
      hint: "its labels would be wrong: only DeepFinder's network can be used; docs/weights.md lists its layers",
    },
  );
}

function misfitOf(path: string, faults: readonly string[], network: Architecture): TomoflowError {
  const more = faults.length > 3 ? `; and ${faults.length - 3} more` : "";
  return new TomoflowError(
    "weights-shape",
    `${path} does not fit ${ownerOf(network)} network: ${faults.slice(0, 3).join("; ")}${more}`,
    {
      hint:
        network.name === undefined
          ? "only that network can be read, of any width, depth and number of classes; docs/weights.md lists its layers"
          : "the file names the network, but holds the weights of another: it is damaged",
    },
  );
}

/** `kernel` is (kz, ky, kx, in, out). */
const convolutionText = ([kz, ky, kx, into, out]: readonly number[], biases: number): string =>
  `${kz}×${ky}×${kx} from ${into} to ${out} channels${biases === out ? "" : ` with ${biases} biases`}`;

function readParameters(
  library: Hdf5Library,
  stored: readonly StoredConvolution[],
  { network, path }: { network: Architecture; path: string },
): ParameterValues {
  const parameters = new Map<string, Float32Array>();
  networkLayers(network).forEach(({ name, size, into, out }, index) => {
    const { kernel, bias, name: storedName } = stored[index]!;
    const read = (dataset: Hdf5Dataset) => readFloats(library, dataset, { path, layer: storedName });
    parameters.set(`${name}/kernel`, fromKerasOrder(read(kernel), [out, into, size, size, size]));
    parameters.set(`${name}/bias`, Float32Array.from(read(bias)));
  });
  return parameters;
}

/** H5T_FLOAT. */
const floatType = 1;

function readFloats(
  library: Hdf5Library,
  dataset: Hdf5Dataset,
  { path, layer }: { readonly path: string; readonly layer: string },
): Float32Array | Float64Array {
  const what = `${path}: layer ${layer}`;
  if (call(library, path, () => dataset.metadata.type === floatType && dataset.metadata.size === 2))
    throw new TomoflowError("weights-type", `${what} holds 16-bit floats, not 32- or 64-bit ones`, {
      hint: "save the weights with Keras's floatx set to float32",
    });
  const values = call(library, path, () => dataset.value);
  if (!(values instanceof Float32Array || values instanceof Float64Array))
    throw new TomoflowError(
      "weights-type",
      `${what} holds ${String(dataset.dtype)}, not 32- or 64-bit floats`,
      {
        hint: "save the weights with Keras's floatx set to float32",
      },
    );
  if (!values.every(Number.isFinite))
    throw new TomoflowError("weights-not-finite", `${what} holds NaN or infinite weights`, {
      hint: "the training diverged: take an earlier checkpoint, or train with a smaller learning rate",
    });
  return values;
}
