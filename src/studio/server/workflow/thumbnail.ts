/** A small picture of a volume's middle plane. */
import { encodePng } from "../../../core/png.ts";
import { openVolume } from "../../../volume/formats.ts";
import type { VoxelArray } from "../../../volume/volume.ts";
import { findGreyRange } from "../lists/gallery.ts";

export interface ThumbnailOptions {
  /** Longest side, pixels. */
  readonly side: number;
  /** Colours by label, `#rrggbb`, for label maps. */
  readonly labels?: readonly string[];
  readonly signal?: AbortSignal;
}

/** PNG; throws what `openVolume` throws. */
export async function drawThumbnail(
  path: string,
  { side, labels, signal }: ThumbnailOptions,
): Promise<Buffer> {
  const reader = await openVolume(path);
  try {
    const [depth, height, width] = reader.info.shape;
    const plane = await reader.readBox([Math.floor(depth / 2), 0, 0], [1, height, width], signal);
    const step = Math.max(1, Math.max(width, height) / side);
    const size = {
      width: Math.max(1, Math.floor(width / step)),
      height: Math.max(1, Math.floor(height / step)),
    };
    // IMOD's y grows upwards
    const at = (x: number, y: number): number =>
      (height - 1 - Math.min(height - 1, Math.floor((y + 0.5) * step))) * width +
      Math.min(width - 1, Math.floor((x + 0.5) * step));
    if (labels) return labelPicture(plane, { ...size, at, labels });
    const [black, white] = await findGreyRange(reader, signal);
    const mean = boxMean(plane, { width, height, radius: Math.floor(step / 2) });
    const pixels = new Uint8Array(size.width * size.height);
    for (let y = 0; y < size.height; y++)
      for (let x = 0; x < size.width; x++)
        pixels[y * size.width + x] = Math.max(
          0,
          Math.min(255, Math.round((255 * (mean(at(x, y)) - black)) / (white - black))),
        );
    return encodePng(pixels, size);
  } finally {
    await reader.close();
  }
}

/** Of the voxels around, so that what is left out does not make noise of it. */
function boxMean(
  plane: VoxelArray,
  { width, height, radius }: { readonly width: number; readonly height: number; readonly radius: number },
): (index: number) => number {
  if (radius === 0) return (index) => plane[index]!;
  return (index) => {
    const [x, y] = [index % width, Math.floor(index / width)];
    let [sum, count] = [0, 0];
    for (let row = Math.max(0, y - radius); row <= Math.min(height - 1, y + radius); row++)
      for (let column = Math.max(0, x - radius); column <= Math.min(width - 1, x + radius); column++) {
        sum += plane[row * width + column]!;
        count++;
      }
    return sum / count;
  };
}

interface LabelPicture {
  readonly width: number;
  readonly height: number;
  at(x: number, y: number): number;
  readonly labels: readonly string[];
}

function labelPicture(plane: VoxelArray, { width, height, at, labels }: LabelPicture): Buffer {
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const label = plane[at(x, y)]!;
      pixels[y * width + x] = label > 0 && label < 256 ? label : 0;
    }
  const colors = new Uint8Array(256 * 3).fill(160);
  colors.set([8, 9, 10]);
  labels.forEach((color, index) => {
    if (/^#[0-9a-f]{6}$/i.test(color) && index < 255)
      colors.set(
        [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16)),
        (index + 1) * 3,
      );
  });
  return encodePng(pixels, { width, height, colors });
}
