/** Finds the convolutions of a Keras file, in their order, without reading their values. */
import { TomoflowError } from "../../core/error.ts";
import { call, type Hdf5Dataset, type Hdf5File, type Hdf5Library } from "../../core/hdf5.ts";

/** A convolution as it lies in the file. */
export interface StoredConvolution {
  /** As the file names it. */
  readonly name: string;
  /** (kz, ky, kx, in, out). */
  readonly kernel: Hdf5Dataset;
  /** (out). */
  readonly bias: Hdf5Dataset;
}

interface OpenFile {
  readonly library: Hdf5Library;
  readonly file: Hdf5File;
  readonly path: string;
}

interface StoredLayer {
  readonly name: string;
  readonly weights: readonly Hdf5Dataset[];
}

/**
 * From whole models and weights of Keras 2 (in the order of `layer_names`) and from weights of Keras 3 (in the order of
 * its numbered names). @throws TomoflowError `weights-missing`, `weights-layer`
 */
export function findConvolutions(open: OpenFile): readonly StoredConvolution[] {
  const layers = call(open.library, open.path, () => layersOfKeras2(open) ?? layersOfKeras3(open)).filter(
    ({ weights }) => weights.length > 0,
  );
  if (layers.length === 0) throw missing(open);
  return layers.map((layer) => asConvolution(layer, open.path));
}

function layersOfKeras2({ library, file }: OpenFile): readonly StoredLayer[] | null {
  const inner = file.keys().includes("model_weights") ? file.get("model_weights") : null;
  const weights = inner && "keys" in inner ? inner : file;
  if (!("layer_names" in weights.attrs)) return null;
  return texts(weights.attrs.layer_names!.value).map((name) => {
    const group = weights.get(name);
    const names = group && "attrs" in group ? texts(group.attrs.weight_names?.value) : [];
    const datasets = names.map((dataset) => weights.get(`${name}/${dataset}`));
    return { name, weights: datasets.filter((dataset) => dataset instanceof library.Dataset) };
  });
}

/** `layers/conv3d_1/vars/0`; the same below `_layer_checkpoint_dependencies` in some versions of Keras 2. */
const variablePath = /^(?:layers|_layer_checkpoint_dependencies)\/([^/]+)\/vars\/(\d+)$/;

function layersOfKeras3({ library, file }: OpenFile): readonly StoredLayer[] {
  const layers = new Map<string, Hdf5Dataset[]>();
  for (const path of file.paths()) {
    const [, name, index] = variablePath.exec(path) ?? [];
    if (name === undefined) continue;
    const dataset = file.get(path);
    if (!(dataset instanceof library.Dataset)) continue;
    if (!layers.has(name)) layers.set(name, []);
    layers.get(name)![Number(index)] = dataset;
  }
  return [...layers]
    .map(([name, weights]) => ({ name, weights: weights.filter(Boolean) }))
    .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

/** A kernel and a bias are known by their number of axes. */
function asConvolution({ name, weights }: StoredLayer, path: string): StoredConvolution {
  const kernel = weights.find(({ shape }) => shape?.length === 5);
  const bias = weights.find(({ shape }) => shape?.length === 1);
  if (kernel && bias && weights.length === 2) return { name, kernel, bias };
  const shapes = weights.map(({ shape }) => shape?.join("×") || "a scalar").join(", ");
  throw new TomoflowError(
    "weights-layer",
    `${path}: layer ${name} is no 3-D convolution with a bias: its weights have the shapes ${shapes}`,
    {
      hint: "only the weights of DeepFinder's network can be read; tomoflow weights info shows the right layers",
    },
  );
}

function missing({ library, file, path }: OpenFile): TomoflowError {
  const names = call(library, path, () => file.keys());
  const holds =
    names.length === 0 ? "nothing" : names.slice(0, 8).join(", ") + (names.length > 8 ? ", …" : "");
  return new TomoflowError("weights-missing", `${path} is HDF5, but holds no weights of Keras`, {
    hint: `it holds ${holds}; give a file written by tomoflow train, by DeepFinder, or by Keras's model.save or save_weights`,
  });
}

/** Of an attribute: one text or many; an empty one may have any type. */
function texts(value: unknown): readonly string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((text): text is string => typeof text === "string");
}
