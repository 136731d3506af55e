/**
 * Writes weights as `model.save` of Keras 2 does, with the description of the model: `load_model` and `load_weights` of
 * Keras 2 and 3 take the file, and so does DeepFinder. Equal parameters give equal bytes.
 */
import { TomoflowError } from "../../core/error.ts";
import { call, type Hdf5File, loadHdf5 } from "../../core/hdf5.ts";
import { writeWholeFile } from "../../core/whole-file.ts";
import { elementCount, type ParameterValues } from "../parameters.ts";
import { type UNet3dOptions, unet3dParameters } from "../unet3d.ts";
import { toKerasOrder } from "./kernel-order.ts";
import { type KerasLayer, kerasLayers, kerasModelConfig } from "./model-config.ts";

type Hdf5Group = ReturnType<Hdf5File["create_group"]>;

/** The version whose layout is written. */
const kerasVersion = "2.12.0";

/** Replaces `path` as a whole. @throws TomoflowError `parameters-shape` when `parameters` are not those of `network` */
export async function writeKerasWeights(
  path: string,
  network: UNet3dOptions,
  parameters: ParameterValues,
): Promise<void> {
  checkParameters(network, parameters);
  const library = await loadHdf5();
  await writeWholeFile(path, async (temporary) =>
    call(library, temporary, () => {
      const file = new library.File(temporary, "w", { libver: ["earliest", "latest"] });
      try {
        fill(file, network, parameters);
      } finally {
        file.close();
      }
    }),
  );
}

function checkParameters(network: UNet3dOptions, parameters: ParameterValues): void {
  for (const { name, shape } of unet3dParameters(network)) {
    const found = parameters.get(name)?.length ?? 0;
    if (found !== elementCount(shape))
      throw new TomoflowError(
        "parameters-shape",
        `${name} has ${found} values, the network needs ${elementCount(shape)} (${shape.join("×")})`,
      );
  }
}

function fill(file: Hdf5File, network: UNet3dOptions, parameters: ParameterValues): void {
  const layers = kerasLayers(network);
  const shapes = new Map(unet3dParameters(network).map(({ name, shape }) => [name, shape]));
  describe(file, JSON.stringify(kerasModelConfig(network)), "model_config");
  const group = file.create_group("model_weights");
  for (const target of [file, group]) {
    describe(target, kerasVersion, "keras_version");
    describe(target, "tensorflow", "backend");
  }
  describe(
    group,
    layers.map(({ name }) => name),
    "layer_names",
  );
  for (const layer of layers) fillLayer(group, layer, { parameters, shapes });
}

function fillLayer(
  weights: Hdf5Group,
  { className, name }: KerasLayer,
  { parameters, shapes }: { parameters: ParameterValues; shapes: ReadonlyMap<string, readonly number[]> },
): void {
  const group = weights.create_group(name);
  const parts = className === "Conv3D" ? ["kernel", "bias"] : [];
  describe(
    group,
    parts.map((part) => `${name}/${part}:0`),
    "weight_names",
  );
  if (parts.length === 0) return;
  const inner = group.create_group(name);
  for (const part of parts) {
    const shape = shapes.get(`${name}/${part}`)!;
    const values = parameters.get(`${name}/${part}`)!;
    const [out, into, ...size] = shape;
    inner.create_dataset(
      part === "kernel"
        ? { name: `${part}:0`, data: toKerasOrder(values, shape), shape: [...size, into!, out!], dtype: "<f" }
        : { name: `${part}:0`, data: values, shape: [...shape], dtype: "<f" },
    );
  }
}

/** Text of fixed length: every version of Keras decodes it, whatever its h5py. */
function describe(target: Hdf5Group, text: string | readonly string[], attribute: string): void {
  const bytes = Math.max(0, ...[text].flat().map((part) => Buffer.byteLength(part as string)));
  const shape = typeof text === "string" ? [] : [text.length];
  target.create_attribute(attribute, text as string | string[], shape, `A${bytes + 1}`);
}
