/**
 * Three slices of a volume in one picture, as for a paper or a log: the plane across z, below it that across y, beside it that across x, all of
 * one scale; with labels and objects laid over, and a scale bar. IMOD's way round: y grows upwards.
 */

import { TomoflowError } from "../../core/error.ts";
import { encodePng } from "../../core/png.ts";
import {
  formatShape,
  type Shape3,
  type Triple,
  type VolumeReader,
  type VoxelArray,
} from "../../volume/volume.ts";
import type { TomogramObject } from "../object-list.ts";
import { drawGlyphs, glyphHeight, glyphWidth } from "./glyphs.ts";

export interface PictureOptions {
  /** Where the three planes cross, (z, y, x), voxels; the middle when not given. */
  readonly at?: Triple;
  /** A label map of the same shape. */
  readonly labels?: VolumeReader;
  readonly objects?: readonly TomogramObject[];
  /** Of the circles around objects, voxels, by label; 5 for the others. */
  readonly radii?: Readonly<Record<number, number>>;
  /** `#rrggbb` by label, from 1 on, over and over. */
  readonly colors: readonly string[];
  /** Pixels that the longest side of a slice has at most. */
  readonly side?: number;
  readonly signal?: AbortSignal;
}

export interface VolumePicture {
  readonly png: Buffer;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** nm; undefined without a voxel size. */
  readonly scaleBar?: number;
}

/** Two axes of a volume on a picture, and the axis that is looked along. */
interface View {
  readonly across: 0 | 1 | 2;
  readonly down: 0 | 1 | 2;
  readonly along: 0 | 1 | 2;
}

/** Of the voxels that are black, and white: a half of a percent at each end. */
const tails = 0.005;
const gap = 4;
const usualRadius = 5;
const labelShare = 0.45;

/** Throws `labels-shape` where the label map is of another shape, `picture-outside` for planes that are not in the volume. */
export async function drawVolume(reader: VolumeReader, options: PictureOptions): Promise<VolumePicture> {
  const { shape, voxelSizeAngstrom: size } = reader.info;
  const at = options.at ?? (shape.map((length) => Math.floor(length / 2)) as unknown as Triple);
  if (at.some((place, axis) => !(Number.isInteger(place) && place >= 0 && place < shape[axis]!)))
    throw new TomoflowError(
      "picture-outside",
      `the planes ${at.join(", ")} (z, y, x) are not in a volume of ${formatShape(shape)}`,
    );
  const other = options.labels?.info.shape;
  if (other && formatShape(other) !== formatShape(shape))
    throw new TomoflowError(
      "labels-shape",
      `the label map has ${formatShape(other)} voxels, and the volume ${formatShape(shape)}`,
      {
        hint: "give the label map of this very tomogram",
      },
    );
  // of unequal voxels each axis keeps its true length
  const unit = size ? Math.min(...size) : 1;
  const lengths = shape.map((length, axis) =>
    size ? (length * size[axis]!) / unit : length,
  ) as unknown as Triple;
  const zoom = Math.min(4, (options.side ?? 900) / Math.max(...lengths));
  const pixels = lengths.map((length) => Math.max(1, Math.round(length * zoom))) as unknown as Triple;
  const canvas = new Canvas(pixels[2] + gap + pixels[0], pixels[1] + gap + pixels[0]);
  const views: readonly (readonly [view: View, left: number, top: number])[] = [
    [{ across: 2, down: 1, along: 0 }, 0, 0],
    [{ across: 0, down: 1, along: 2 }, pixels[2] + gap, 0],
    [{ across: 2, down: 0, along: 1 }, 0, pixels[1] + gap],
  ];
  const planes = await Promise.all(views.map(([view]) => readPlane(reader, view, at, options.signal)));
  const [black, white] = greyRange(planes);
  for (const [index, [view, left, top]] of views.entries()) {
    const labels = options.labels && (await readPlane(options.labels, view, at, options.signal));
    const extent = { left, top, width: pixels[view.across], height: pixels[view.down] };
    drawSlice(canvas, {
      view,
      shape,
      extent,
      plane: planes[index]!,
      labels,
      black,
      white,
      colors: options.colors,
    });
    drawObjects(canvas, { view, shape, extent, at, options });
  }
  const scaleBar = size ? drawScaleBar(canvas, pixels, (zoom * 10) / unit) : undefined;
  const { width, height } = canvas;
  const png = encodePng(canvas.pixels, { width, height, rgb: true });
  return { png, width, height, ...(scaleBar !== undefined && { scaleBar }) };
}

/** (down, across), the volume's own order. */
async function readPlane(
  reader: VolumeReader,
  { along }: View,
  at: Triple,
  signal?: AbortSignal,
): Promise<VoxelArray> {
  const start: [number, number, number] = [0, 0, 0];
  const shape = [...reader.info.shape] as [number, number, number];
  start[along] = at[along];
  shape[along] = 1;
  return reader.readBox(start, shape, signal);
}

function greyRange(planes: readonly VoxelArray[]): readonly [black: number, white: number] {
  const values = planes.flatMap((plane) => {
    const step = Math.max(1, Math.floor(plane.length / 100_000));
    return Array.from({ length: Math.floor(plane.length / step) }, (_, index) => plane[index * step]!);
  });
  const sorted = Float64Array.from(values.filter(Number.isFinite)).sort();
  if (sorted.length === 0) return [0, 1];
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  const [black, white] = [at(tails), at(1 - tails)];
  return black < white ? [black, white] : [sorted[0]!, Math.max(sorted.at(-1)!, sorted[0]! + 1)];
}

interface Extent {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

interface Slice {
  readonly view: View;
  readonly shape: Shape3;
  readonly extent: Extent;
  readonly plane: VoxelArray;
  readonly labels: VoxelArray | undefined;
  readonly black: number;
  readonly white: number;
  readonly colors: readonly string[];
}

/** Each pixel is the mean of its voxels; of labels the one in its middle. */
function drawSlice(
  canvas: Canvas,
  { view, shape, extent, plane, labels, black, white, colors }: Slice,
): void {
  const [columns, rows] = [shape[view.across], shape[view.down]];
  // a plane across x lies (z, y) in memory, and is looked at with y downwards
  const strideAcross = view.across === 0 ? rows : 1;
  const strideDown = view.across === 0 ? 1 : columns;
  for (let y = 0; y < extent.height; y++)
    for (let x = 0; x < extent.width; x++) {
      const [left, right] = spanOf(x, extent.width, columns);
      const [low, high] = spanOf(extent.height - 1 - y, extent.height, rows);
      let [sum, count] = [0, 0];
      for (let row = low; row < high; row++)
        for (let column = left; column < right; column++) {
          const value = plane[row * strideDown + column * strideAcross]!;
          if (!Number.isFinite(value)) continue;
          sum += value;
          count++;
        }
      const grey =
        count === 0 ? 0 : Math.max(0, Math.min(255, (255 * (sum / count - black)) / (white - black)));
      const label =
        labels?.[
          Math.floor((low + high - 1) / 2) * strideDown + Math.floor((left + right - 1) / 2) * strideAcross
        ] ?? 0;
      const color = label > 0 ? colorOf(colors, label) : undefined;
      const mixed = [0, 1, 2].map((part) =>
        Math.round(color ? grey * (1 - labelShare) + color[part]! * labelShare : grey),
      );
      canvas.put(extent.left + x, extent.top + y, mixed as [number, number, number]);
    }
}

/** The voxels of a pixel, one at least. */
function spanOf(pixel: number, pixels: number, voxels: number): readonly [from: number, to: number] {
  const from = Math.min(voxels - 1, Math.floor((pixel * voxels) / pixels));
  return [from, Math.max(from + 1, Math.min(voxels, Math.floor(((pixel + 1) * voxels) / pixels)))];
}

type Rgb = readonly [red: number, green: number, blue: number];

function colorOf(colors: readonly string[], label: number): Rgb {
  const color = colors[(label - 1) % colors.length] ?? "#ffffff";
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)) as unknown as Rgb;
}

interface Circles {
  readonly view: View;
  readonly shape: Shape3;
  readonly extent: Extent;
  readonly at: Triple;
  readonly options: PictureOptions;
}

/** The circle in which the sphere of an object cuts the plane. */
function drawObjects(canvas: Canvas, { view, shape, extent, at, options }: Circles): void {
  const { objects = [], radii = {}, colors } = options;
  const [perColumn, perRow] = [extent.width / shape[view.across], extent.height / shape[view.down]];
  for (const object of objects) {
    const place = [object.z, object.y, object.x] as const;
    const radius = radii[object.label] ?? usualRadius;
    const cut = radius ** 2 - (place[view.along] - at[view.along]) ** 2;
    if (cut <= 0) continue;
    const [across, down] = [place[view.across] + 0.5, shape[view.down] - place[view.down] - 0.5];
    const steps = Math.max(16, Math.ceil(8 * Math.sqrt(cut) * perColumn));
    for (let step = 0; step < steps; step++) {
      const angle = (2 * Math.PI * step) / steps;
      const x = Math.floor((across + Math.sqrt(cut) * Math.cos(angle)) * perColumn);
      const y = Math.floor((down + Math.sqrt(cut) * Math.sin(angle)) * perRow);
      if (x < 0 || y < 0 || x >= extent.width || y >= extent.height) continue;
      canvas.put(extent.left + x, extent.top + y, colorOf(colors, object.label));
    }
  }
}

/** Of a round length, about a quarter of the first slice; below right, where there is no slice. Returns its length, nm. */
function drawScaleBar(canvas: Canvas, pixels: Triple, pixelsPerNanometre: number): number {
  const most = pixels[2] / 4 / pixelsPerNanometre;
  const power = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((digit) => digit * power).find((one) => one <= most) ?? power;
  const bar = Math.max(1, Math.round(length * pixelsPerNanometre));
  const text = `${Number(length.toPrecision(1))} nm`;
  const scale = canvas.width > 500 ? 2 : 1;
  const thickness = 2 * scale;
  const [left, bottom] = [2 * scale + 2, pixels[1] - 3 * scale];
  const back = {
    x: left - 2,
    y: bottom - thickness - (glyphHeight + 3) * scale,
    width: Math.max(bar, text.length * glyphWidth * scale) + 4,
  };
  for (let y = Math.max(0, back.y - 2); y < bottom + 2; y++)
    for (let x = back.x; x < back.x + back.width; x++) canvas.put(x, y, [0, 0, 0]);
  for (let y = bottom - thickness; y < bottom; y++)
    for (let x = left; x < left + bar; x++) canvas.put(x, y, [255, 255, 255]);
  drawGlyphs(text, (x, y) => {
    for (let dy = 0; dy < scale; dy++)
      for (let dx = 0; dx < scale; dx++)
        canvas.put(left + x * scale + dx, back.y + y * scale + dy, [255, 255, 255]);
  });
  return length;
}

/** Red, green and blue of each pixel, rows from the top; white at first. */
class Canvas {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint8Array(3 * width * height).fill(255);
  }

  put(x: number, y: number, color: Rgb): void {
    if (x >= 0 && y >= 0 && x < this.width && y < this.height)
      this.pixels.set(color, 3 * (y * this.width + x));
  }
}
