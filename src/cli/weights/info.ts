/** `tomoflow weights info`: the network that a file of weights belongs to, layer by layer. */
import type { Command } from "commander";
import { floatingPointOperations } from "../../network/cost.ts";
import { GraphBuilder } from "../../network/graph.ts";
import { readKerasWeights } from "../../network/keras.ts";
import {
  type Architecture,
  addNetwork,
  deepFinderFilters,
  networkLayers,
  networkOf,
  networks,
  sideMultipleOf,
} from "../../network/networks.ts";
import { type ReceptiveField, receptiveField } from "../../network/receptive-field.ts";
import { formatTable, paint, writeJson, writeLine } from "../output.ts";

export function registerWeightsInfo(weights: Command): void {
  weights
    .command("info")
    .description("Show layers, shapes, filters, classes, receptive field and number of parameters.")
    .argument("<file>", ".h5 of tomoflow, DeepFinder or Keras")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  tomoflow weights info net_weights_FINAL.h5 --json")
    .action(async (file: string, { json }: { json?: boolean }) => {
      const { network, isDescribed, voxelSizeAngstrom } = await readKerasWeights(file);
      const description = { ...describeNetwork(network), isDescribed, voxelSizeAngstrom };
      if (json) writeJson({ path: file, ...description });
      else writeLine(formatDescription(file, description));
    });
}

interface NetworkDescription {
  /** The file describes its model, and it is this network. */
  readonly isDescribed: boolean;
  /** (z, y, x), Å: of the training; null where the file does not say. */
  readonly voxelSizeAngstrom: readonly number[] | null;
  /** Its name, as `train` calls it. */
  readonly network: string;
  /** Of what it has beside filters. */
  readonly settings: Readonly<Record<string, number>>;
  /** Background included. */
  readonly classes: number;
  readonly filters: readonly number[];
  readonly parameters: number;
  /** Voxels along each axis. */
  readonly receptiveField: ReceptiveField;
  readonly floatingPointOperationsPerVoxel: number;
  readonly layers: readonly LayerDescription[];
}

interface LayerDescription {
  readonly name: string;
  /** (kz, ky, kx). */
  readonly kernel: readonly number[];
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly parameters: number;
}

function describeNetwork(
  network: Architecture,
): Omit<NetworkDescription, "isDescribed" | "voxelSizeAngstrom"> {
  const layers = networkLayers(network).map(({ name, size, into, out }) => ({
    name,
    kernel: [size, size, size],
    inputChannels: into,
    outputChannels: out,
    parameters: (size ** 3 * into + 1) * out,
  }));
  const builder = new GraphBuilder();
  const side = sideMultipleOf(network);
  const extent = [side, side, side] as const;
  builder.output("logits", addNetwork(builder, network, { batch: 1, extent }).logits);
  return {
    network: networkOf(network).name,
    settings: network.settings ?? {},
    classes: network.classes,
    filters: network.filters,
    parameters: layers.reduce((sum, { parameters }) => sum + parameters, 0),
    receptiveField: receptiveField(network),
    floatingPointOperationsPerVoxel: floatingPointOperations(builder.build()) / side ** 3,
    layers,
  };
}

const grouped = (value: number): string => Math.round(value).toLocaleString("en-US");

function formatDescription(file: string, description: NetworkDescription): string {
  const { classes, filters, parameters, layers } = description;
  const { before, after } = description.receptiveField;
  const { network } = description;
  const isDeepFinders = network === networks[0].name;
  const usual = isDeepFinders && filters.join() === deepFinderFilters.join() ? ", DeepFinder's own" : "";
  const settings = Object.entries(description.settings).map(([name, value]) => `, ${name} ${value}`);
  const rows = [
    ["network", `${network}${settings.join("")}`],
    [
      "model",
      description.isDescribed
        ? `as the file describes it: ${isDeepFinders ? "DeepFinder's network" : network}, layer by layer`
        : "the file has no description of its model: only shapes were compared",
    ],
    [
      "voxel size",
      description.voxelSizeAngstrom
        ? `${description.voxelSizeAngstrom.join(" × ")} Å (z, y, x), of the training`
        : "not in the file",
    ],
    ["classes", `${classes}, background included`],
    ["filters", `${filters.join(", ")} from the full resolution down${usual}`],
    ["parameters", `${grouped(parameters)} (${formatMegabytes(4 * parameters)} of float32)`],
    ["sees", `${before} voxels before and ${after} behind a voxel along each axis`],
    ["work", `${grouped(description.floatingPointOperationsPerVoxel)} floating-point operations a voxel`],
  ];
  const table = formatTable(
    layers.map((layer) => [
      `  ${layer.name}`,
      layer.kernel.join("×"),
      `${layer.inputChannels} → ${layer.outputChannels}`,
      grouped(layer.parameters),
    ]),
    {
      header: ["  layer", "kernel", "channels", "parameters"],
      align: ["left", "left", "left", "right"],
    },
  );
  const facts = formatTable(rows.map(([name, value]) => [`  ${paint("dim", name!)}`, value!]));
  return [paint("bold", file), facts, "", table].join("\n");
}

const formatMegabytes = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
