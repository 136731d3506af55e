/** Codes at half the size: means, or for label maps the label that most voxels of a block have, the background last. */
import type { Shape3 } from "../../../volume/volume.ts";

/** The first `count` of `codes`. */
export function meanOfBlock(codes: readonly number[] | Uint16Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += codes[i]!;
  return Math.floor(sum / count + 0.5);
}

/** Small particles stay: the background wins only where there is nothing else. Of equally frequent labels the larger one. */
export function labelOfBlock(codes: readonly number[] | Uint16Array, count: number): number {
  let [best, most] = [0, 0];
  for (let i = 0; i < count; i++) {
    const label = codes[i]!;
    if (label === 0) continue;
    let number = 0;
    for (let j = 0; j < count; j++) if (codes[j] === label) number++;
    if (number > most || (number === most && label > best)) [best, most] = [label, number];
  }
  return best;
}

/**
 * A plane of codes (row, column) in blocks of `factor` × `factor`, those at the far edges smaller.
 * @returns (ceil(height / factor), ceil(width / factor)) codes
 */
export function shrinkPlane(
  codes: Uint16Array,
  { height, width, factor }: { readonly height: number; readonly width: number; readonly factor: number },
  isLabels: boolean,
): Uint16Array {
  if (factor === 1) return codes;
  const [rows, columns] = [Math.ceil(height / factor), Math.ceil(width / factor)];
  const target = new Uint16Array(rows * columns);
  if (!isLabels) return shrinkToMeans(codes, target, { height, width, factor });
  const block = new Uint16Array(factor * factor);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      let count = 0;
      const [bottom, right] = [Math.min(height, (row + 1) * factor), Math.min(width, (column + 1) * factor)];
      for (let y = row * factor; y < bottom; y++)
        for (let x = column * factor; x < right; x++) block[count++] = codes[y * width + x]!;
      target[row * columns + column] = labelOfBlock(block, count);
    }
  return target;
}

/** Row after row, as the codes lie in memory. */
function shrinkToMeans(
  codes: Uint16Array,
  target: Uint16Array,
  { height, width, factor }: { readonly height: number; readonly width: number; readonly factor: number },
): Uint16Array {
  const columns = Math.ceil(width / factor);
  const sums = new Float64Array(columns);
  for (let top = 0, row = 0; top < height; top += factor, row++) {
    const bottom = Math.min(height, top + factor);
    sums.fill(0);
    for (let y = top; y < bottom; y++)
      for (let column = 0, x = y * width; column < columns; column++) {
        const end = y * width + Math.min(width, (column + 1) * factor);
        let sum = 0;
        while (x < end) sum += codes[x++]!;
        sums[column]! += sum;
      }
    for (let column = 0; column < columns; column++) {
      const wide = Math.min(width, (column + 1) * factor) - column * factor;
      target[row * columns + column] = Math.floor(sums[column]! / ((bottom - top) * wide) + 0.5);
    }
  }
  return target;
}

/** A volume of codes (z, y, x) at half the size, rounded up. */
export function halveVolume(
  codes: Uint16Array,
  [depth, height, width]: Shape3,
  isLabels: boolean,
): Uint16Array {
  const [d, h, w] = [depth, height, width].map((length) => Math.ceil(length / 2)) as [number, number, number];
  const target = new Uint16Array(d * h * w);
  const reduce = isLabels ? labelOfBlock : meanOfBlock;
  const block = new Uint16Array(8);
  for (let z = 0, to = 0; z < d; z++)
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++) {
        let count = 0;
        for (let fz = 2 * z; fz < Math.min(depth, 2 * z + 2); fz++)
          for (let fy = 2 * y; fy < Math.min(height, 2 * y + 2); fy++)
            for (let fx = 2 * x; fx < Math.min(width, 2 * x + 2); fx++)
              block[count++] = codes[(fz * height + fy) * width + fx]!;
        target[to++] = reduce(block, count);
      }
  return target;
}
