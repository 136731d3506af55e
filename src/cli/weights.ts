import type { Command } from "commander";
import { registerWeightsConversion } from "./weights/convert.ts";
import { registerWeightsInfo } from "./weights/info.ts";

/** `tomoflow weights`: what a weight file holds, and the same weights for other programs. */
export function registerWeightsCommands(program: Command): void {
  const weights = program
    .command("weights")
    .description("Look at weight files of tomoflow, DeepFinder and Keras, and write them for other programs.")
    .addHelpText("after", examples);
  registerWeightsInfo(weights);
  registerWeightsConversion(weights);
}

const examples = `
Examples:
  tomoflow weights info net_weights_FINAL.h5
  tomoflow weights convert weights.h5 network.onnx`;
