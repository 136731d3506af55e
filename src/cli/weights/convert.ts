/** `tomoflow weights convert`: weights in the file of another program. */
import type { Command } from "commander";
import { TomoflowError } from "../../core/error.ts";
import {
  type KerasWeights,
  readKerasWeights,
  writeKeras3Weights,
  writeKerasWeights,
} from "../../network/keras.ts";
import type { Architecture } from "../../network/networks.ts";
import type { ParameterValues } from "../../network/parameters.ts";
import { writeErrorLine } from "../output.ts";

export function registerWeightsConversion(weights: Command): void {
  weights
    .command("convert")
    .description(
      "Write weights as a Keras 2 model (.h5), as weights of Keras 3 (.weights.h5) or as ONNX (.onnx).",
    )
    .argument("<input>", ".h5 of tomoflow, DeepFinder or Keras")
    .argument("<output>", "file to write; its name says the format: .h5, .weights.h5 or .onnx")
    .addHelpText("after", "\nExample:\n  tomoflow weights convert net_weights_FINAL.h5 network.onnx")
    .action(async (input: string, output: string) => {
      const format = formatOf(output);
      const { network, parameters, voxelSizeAngstrom } = await readKerasWeights(input);
      await format.write(output, network, parameters, { voxelSizeAngstrom });
      const { name, classes, filters } = network;
      const which = name === undefined ? "" : `, ${name}`;
      writeErrorLine(
        `wrote ${output}: ${format.title}${which}, filters ${filters.join(", ")}, ${classes} classes`,
      );
    });
}

interface WeightsFormat {
  readonly extension: string;
  readonly title: string;
  /** The voxel size of the training goes where the format can hold it. */
  readonly write: (
    path: string,
    network: Architecture,
    parameters: ParameterValues,
    sampling: Pick<KerasWeights, "voxelSizeAngstrom">,
  ) => Promise<void>;
}

/** The first whose extension fits. */
const formats: readonly WeightsFormat[] = [
  { extension: ".weights.h5", title: "weights of Keras 3", write: writeKeras3Weights },
  { extension: ".h5", title: "Keras 2 model", write: writeKerasWeights },
  {
    extension: ".onnx",
    title: "ONNX model",
    write: async (path, network, parameters) =>
      (await import("../../compute/onnx/export.ts")).exportOnnx(path, network, parameters),
  },
];

function formatOf(path: string): WeightsFormat {
  const format = formats.find(({ extension }) => path.toLowerCase().endsWith(extension));
  if (format) return format;
  throw new TomoflowError("weights-extension", `the name of ${path} does not say a format for weights`, {
    hint: "end it in .h5 (Keras 2, DeepFinder), .weights.h5 (Keras 3) or .onnx",
  });
}
