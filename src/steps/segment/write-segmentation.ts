/** The work of `segment`: tiles are gathered into slabs of whole planes, which are written as soon as they are complete. */
import type { Engine } from "../../compute/engine.ts";
import { TomoflowError } from "../../core/error.ts";
import { readKerasWeights } from "../../network/keras.ts";
import type { SegmentationOptions } from "../../segmentation/options.ts";
import { segmentVolume } from "../../segmentation/segment.ts";
import { SlabAssembler } from "../../segmentation/slab-assembler.ts";
import { createVolume, createVolumeSet, openVolume } from "../../volume/formats.ts";
import type { Shape3, VolumeInfo, VolumeReader, VolumeSpec, VolumeWriter } from "../../volume/volume.ts";
import { checkFinite, checkMask, insistOn } from "../check-voxels.ts";
import { withEngine } from "../engine-shelf.ts";
import type { SegmentParameters } from "../segment.ts";
import type { RunContext } from "../step-kind.ts";
import { weightFiles } from "./check-segmentation.ts";

type Context = RunContext<SegmentParameters>;

export async function writeSegmentation(context: Context): Promise<void> {
  const { parameters, report } = context;
  const [{ files }] = context.rows as [(typeof context.rows)[number]];
  insistOn(await checkFinite({ path: files.tomogram, what: "the tomogram", addresses: true }), report);
  insistOn(await checkMask({ path: files.mask, what: "the mask", addresses: true }), report);
  const networks = await Promise.all(weightFiles(parameters).map(readKerasWeights));
  const [{ network }] = networks as [(typeof networks)[number]];
  if (networks.some((other) => JSON.stringify(other.network) !== JSON.stringify(network)))
    throw new TomoflowError(
      "weights-differ",
      "the weight files are of different networks, or of different widths or classes",
      {
        hint: "average only networks of one architecture",
      },
    );
  const weights = networks.map(({ parameters: values }) => values);
  await withEngine(context, (engine) =>
    segmentWith(engine, context, optionsOf(context, engine, { network, weights })),
  );
}

async function segmentWith(engine: Engine, context: Context, options: SegmentationOptions): Promise<void> {
  const { tomogram, mask } = context.rows[0]!.files;
  const opened: VolumeReader[] = [];
  const open = async (path: string): Promise<VolumeReader> => {
    const reader = await openVolume(path, { signal: context.signal });
    opened.push(reader);
    return reader;
  };
  try {
    const reader = await open(tomogram!);
    const tiles = segmentVolume(engine, reader, { ...options, ...(mask && { mask: await open(mask) }) });
    await write(context, { options, info: reader.info, tiles });
  } finally {
    await Promise.all(opened.map((reader) => reader.close()));
  }
}

/** Share of the memory that the network may fill. */
const usableShare = 0.7;

function optionsOf(
  { parameters, report, signal }: Context,
  engine: Engine,
  { network, weights }: Pick<SegmentationOptions, "network" | "weights">,
): SegmentationOptions {
  const { bias } = parameters;
  return {
    network,
    weights,
    tile: tileOf(parameters),
    tiling: parameters.tiling,
    testTimeAugmentation: parameters.testTimeAugmentation,
    memoryBytes: usableShare * engine.memoryBytes(),
    scores: parameters.scores || parameters.binned,
    ...(bias && { bias: Array.from({ length: network.classes }, (_, label) => bias[label] ?? 0) }),
    signal,
    onProgress: (done, total) => report({ type: "progress", done, total, unit: "voxel" }),
  };
}

const tileOf = ({ tileSize }: SegmentParameters): Shape3 | undefined =>
  typeof tileSize === "number" ? [tileSize, tileSize, tileSize] : tileSize;

interface Work {
  readonly options: SegmentationOptions;
  readonly info: VolumeInfo;
  readonly tiles: ReturnType<typeof segmentVolume>;
}

async function write({ parameters, outputs }: Context, { options, info, tiles }: Work): Promise<void> {
  const { shape } = info;
  const labels = await createVolume(outputs.labels!, specOf(info, shape, 1));
  const opened: Pick<VolumeWriter, "close" | "abort">[] = [labels];
  try {
    const classes = Array.from({ length: options.network.classes }, (_, label) => `class${label}`);
    const scoreSpec: VolumeSpec = { ...specOf(info, shape, 1), type: "float16" };
    const scores = parameters.scores ? await createVolumeSet(outputs.scores!, scoreSpec, classes) : undefined;
    if (scores) opened.push(scores);
    const half = shape.map((length) => Math.floor(length / 2)) as unknown as Shape3;
    const binned = parameters.binned ? await createVolume(outputs.binned!, specOf(info, half, 2)) : undefined;
    if (binned) opened.push(binned);
    const assembler = new SlabAssembler(shape, {
      classes: options.scores ? classes.length : 0,
      bins: binned !== undefined,
      bias: options.bias,
    });
    for await (const tile of tiles)
      for (const slab of assembler.add(tile)) {
        await labels.append(slab.labels);
        if (scores && slab.scores)
          for (const [label, name] of classes.entries()) await scores.append(name, slab.scores[label]!);
        if (binned && slab.binned && slab.binned.length > 0) await binned.append(slab.binned);
      }
    for (const writer of opened.splice(0)) await writer.close();
  } catch (error) {
    await Promise.all(opened.map((writer) => writer.abort()));
    throw error;
  }
}

/** Labels are stored in 8 bits; `factor`: how much larger the voxels are than the tomogram's. */
function specOf(
  { voxelSizeAngstrom, originAngstrom }: VolumeInfo,
  shape: Shape3,
  factor: number,
): VolumeSpec {
  const size = voxelSizeAngstrom?.map(
    (length) => length * factor,
  ) as unknown as VolumeSpec["voxelSizeAngstrom"];
  return {
    shape,
    type: "int8",
    voxelSizeAngstrom: size ?? null,
    originAngstrom,
    labels: ["tomoflow segment"],
  };
}
