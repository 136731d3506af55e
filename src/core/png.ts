/** PNG of pictures: grey, with a table of colours, or of red, green and blue (PNG specification, third edition). */
import { crc32, deflateSync } from "node:zlib";

/**
 * @param pixels rows from the top, one byte a pixel, or three (red, green, blue) with `rgb`. @param colors red, green, blue of each byte's value;
 * grey when not given
 */
export function encodePng(
  pixels: Uint8Array,
  {
    width,
    height,
    colors,
    rgb = false,
  }: {
    readonly width: number;
    readonly height: number;
    readonly colors?: Uint8Array;
    readonly rgb?: boolean;
  },
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, rgb ? 2 : colors ? 3 : 0, 0, 0, 0], 8);
  const rowBytes = rgb ? 3 * width : width;
  const rows = Buffer.alloc(height * (rowBytes + 1));
  for (let row = 0; row < height; row++)
    rows.set(pixels.subarray(row * rowBytes, (row + 1) * rowBytes), row * (rowBytes + 1) + 1);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    ...(colors ? [chunk("PLTE", colors)] : []),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  whole.set(body, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}
