/** An IMOD model of scattered points: one object a class. */
import type { ImodObject } from "./model.ts";

/** Open contours (8) of scattered points (512); model flags: version, origin of axes in the lower left of the first pixel. */
const [scattered, modelFlags] = [(1 << 3) | (1 << 9), (1 << 12) | (1 << 13) | (1 << 14) | (1 << 15)];

/** Red, green and blue of the objects, in turn. */
const colours = [
  [0, 1, 0],
  [0, 1, 1],
  [1, 0, 1],
  [1, 1, 0],
  [1, 0, 0],
  [0.2, 0.4, 1],
] as const;

export interface ModelImage {
  /** (x, y, z), pixels. */
  readonly size: readonly [number, number, number];
  /** Å; undefined where not known. */
  readonly pixelSize?: number;
}

export function writeBinaryModel(objects: readonly ImodObject[], image: ModelImage): Uint8Array {
  const bytes = new Uint8Array(lengthOf(objects));
  const view = new DataView(bytes.buffer);
  let at = 0;
  const text = (value: string, length: number): void => {
    for (let index = 0; index < Math.min(value.length, length); index++)
      bytes[at + index] = value.charCodeAt(index) & 0x7f;
    at += length;
  };
  const int = (...values: readonly number[]): void => {
    for (const value of values) {
      view.setInt32(at, value);
      at += 4;
    }
  };
  const float = (...values: readonly number[]): void => {
    for (const value of values) {
      view.setFloat32(at, value);
      at += 4;
    }
  };
  text("IMODV1.2", 8);
  text("tomoflow", 128);
  int(...image.size, objects.length, modelFlags, 1, 1, 0, 255);
  float(0, 0, 0, 1, 1, 1);
  int(0, 0, 0, 3, 128);
  float(image.pixelSize === undefined ? 1 : image.pixelSize / 10);
  // units: nanometres (-9), or pixels
  int(image.pixelSize === undefined ? 0 : -9, 0);
  float(0, 0, 0);
  for (const [index, { name, pointSize, contours }] of objects.entries()) {
    text("OBJT", 4);
    text(name, 64);
    at += 64;
    int(contours.length, scattered, 0, 1);
    float(...colours[index % colours.length]);
    int(pointSize);
    bytes.set([1, 3, 1, 1, 0, 0, 0, 0], at);
    at += 8;
    int(0, 0);
    for (const points of contours) {
      text("CONT", 4);
      int(points.length, 0, 0, 0);
      for (const { x, y, z } of points) float(x, y, z);
      if (!points.some(({ size }) => size !== undefined)) continue;
      text("SIZE", 4);
      int(points.length * 4);
      for (const { size } of points) float(size ?? -1);
    }
  }
  text("IEOF", 4);
  return bytes;
}

function lengthOf(objects: readonly ImodObject[]): number {
  let length = 240 + 4;
  for (const { contours } of objects) {
    length += 180;
    for (const points of contours) {
      length += 20 + points.length * 12;
      if (points.some(({ size }) => size !== undefined)) length += 8 + points.length * 4;
    }
  }
  return length;
}
