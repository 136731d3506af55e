/**
 * How time and memory of a segmentation grow with the volume, full-width network, labels alone, each volume in a process of
 * its own: node --import tsx bench/growth.ts        some three minutes on two quiet cores, 12 GB of memory
 * 32 to 256 planes of 128², and 32 planes of 128² to 1024², all in one tile. Processor time is that of all threads: other work on
 * the machine changes it less than the clock; of small volumes the best of three counts.
 * Prints a table and the straight lines through it (least squares), and draws docs/pictures/growth.svg; `npm run bench` only
 * prints.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import type { Axes3 } from "../src/network/graph.ts";
import { fitLine } from "./growth/fit.ts";
import { drawGrowth, type GrowthPanel } from "./growth/picture.ts";
import { type SegmentationMeasured, segmentApart } from "./segmentation.ts";

type Print = (line: string) => void;

const picture = join(import.meta.dirname, "../docs/pictures/growth.svg");

/** Enough for the largest in one tile. */
const memoryBytes = 16e9;
/** Volumes below this are measured three times. */
const largeVoxels = 5e6;

const depths = [32, 64, 128, 256];
const sides = [128, 256, 512, 1024];
const side = 128;
const depth = 32;

/** Volumes that differ in one length, and what cost should be in proportion to. */
interface Series {
  readonly name: string;
  readonly axis: string;
  readonly shapes: readonly Axes3[];
  readonly size: (shape: Axes3) => number;
  readonly ticks: GrowthPanel["ticks"];
}

const series: readonly Series[] = [
  {
    name: `planes of ${side}²`,
    axis: `planes of ${side}² voxels`,
    shapes: depths.map((planes) => [planes, side, side]),
    size: ([planes]) => planes,
    ticks: depths.map((planes) => [planes, String(planes)]),
  },
  {
    name: `${depth} larger planes`,
    axis: `voxels of a plane, ${depth} planes`,
    shapes: sides.map((length) => [depth, length, length]),
    size: ([, rows, width]) => rows * width,
    // 128² would stand on the axis.
    ticks: sides.slice(1).map((length) => [length ** 2, `${length}²`]),
  },
];

export function benchGrowth(print: Print, threads = availableParallelism()): readonly GrowthPanel[] {
  const known = new Map<string, SegmentationMeasured>();
  const panels: GrowthPanel[] = [];
  for (const each of series) {
    print(`segmentation of ${each.name}, ${threads} threads`);
    const measured = each.shapes.map((shape) => {
      const name = shape.join("×");
      const one = known.get(name) ?? best(shape, threads);
      known.set(name, one);
      print(
        `${name}: ${one.seconds.toFixed(2)} s, processor ${one.processorSeconds.toFixed(2)} s, ` +
          `${(one.peakBytes / 1e9).toFixed(2)} GB, tile ${one.tile.join("×")}`,
      );
      return one;
    });
    panels.push(...panelsOf(each, measured));
  }
  for (const { title, axis, fit, unit } of panels)
    print(
      `${title.toLowerCase()} against ${axis}: ${fit.intercept.toFixed(2)} ${unit} + ${fit.slope.toPrecision(3)} ${unit} each, ` +
        `off the line by ${(100 * fit.deviation).toFixed(1)} % of the greatest at most`,
    );
  return panels;
}

function best(shape: Axes3, threads: number): SegmentationMeasured {
  const runs = shape[0] * shape[1] * shape[2] < largeVoxels ? 3 : 1;
  const measured = Array.from({ length: runs }, () => segmentApart(shape, threads, memoryBytes));
  return measured.reduce((a, b) => (b.processorSeconds < a.processorSeconds ? b : a));
}

async function draw(panels: readonly GrowthPanel[]): Promise<void> {
  const note = "Segmentation, 32/48/64 filters, labels alone: measured, and the straight line through it";
  await mkdir(dirname(picture), { recursive: true });
  await writeFile(picture, drawGrowth("How cost grows", note, panels));
}

function panelsOf(
  { axis, shapes, size, ticks }: Series,
  measured: readonly SegmentationMeasured[],
): GrowthPanel[] {
  const x = shapes.map(size);
  const panel = (title: string, unit: string, color: string, y: readonly number[]): GrowthPanel => ({
    title,
    axis,
    unit,
    color,
    x,
    y,
    ticks,
    fit: fitLine(x, y),
  });
  return [
    panel(
      "Processor time",
      "s",
      "#4e79a7",
      measured.map(({ processorSeconds }) => processorSeconds),
    ),
    panel(
      "Memory",
      "GB",
      "#e1662b",
      measured.map(({ peakBytes }) => peakBytes / 1e9),
    ),
  ];
}

if (import.meta.filename === process.argv[1])
  await draw(benchGrowth((line) => void process.stdout.write(`${line}\n`)));
