/** IMOD's binary models (https://bio3d.colorado.edu/imod/doc/binspec.html): chunks of big-endian numbers. */
import type { ImodModel, ImodPoint } from "./model.ts";

const [headerBytes, objectBytes, contourBytes] = [240, 176, 16];

export const isBinaryModel = (bytes: Uint8Array): boolean =>
  bytes.length >= 8 && String.fromCharCode(...bytes.subarray(0, 4)) === "IMOD";

/** The model, or what is wrong with the file. */
export function readBinaryModel(bytes: Uint8Array): ImodModel | string {
  if (bytes.length < headerBytes) return "the file is cut off in its header";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = String.fromCharCode(...bytes.subarray(4, 8));
  if (version !== "V1.2") return `the version is ${JSON.stringify(version)}, and V1.2 is what is read`;
  const objects: { name: string; pointSize: number; contours: ImodPoint[][] }[] = [];
  let shift: ImodModel["shift"] = [0, 0, 0];
  for (let at = headerBytes; at + 4 <= bytes.length; ) {
    const id = String.fromCharCode(...bytes.subarray(at, at + 4));
    at += 4;
    if (id === "IEOF") return { objects, shift };
    const object = objects.at(-1);
    if (id === "OBJT") {
      if (at + objectBytes > bytes.length) return "the file is cut off in an object";
      const pointSize = view.getInt32(at + 156);
      objects.push({ name: textIn(bytes, at, 64), pointSize: Math.max(0, pointSize), contours: [] });
      at += objectBytes;
    } else if (id === "CONT") {
      if (!object) return "a contour stands before every object";
      if (at + contourBytes > bytes.length) return "the file is cut off in a contour";
      const count = view.getInt32(at);
      at += contourBytes;
      if (count < 0 || at + count * 12 > bytes.length)
        return `a contour has ${count} points, more than the file holds`;
      const points: ImodPoint[] = [];
      for (let point = 0; point < count; point++, at += 12) {
        const [x, y, z] = [view.getFloat32(at), view.getFloat32(at + 4), view.getFloat32(at + 8)];
        if (!Number.isFinite(x + y + z)) return "a point's coordinates are no numbers";
        points.push({ x, y, z });
      }
      object.contours.push(points);
    } else if (id === "MESH") {
      if (at + 16 > bytes.length) return "the file is cut off in a mesh";
      const [vertices, indices] = [view.getInt32(at), view.getInt32(at + 4)];
      if (vertices < 0 || indices < 0) return "a mesh has a negative length";
      at += 16 + vertices * 12 + indices * 4;
    } else {
      if (at + 4 > bytes.length) return `the file is cut off in a part ${JSON.stringify(id)}`;
      const length = view.getInt32(at);
      at += 4;
      if (length < 0 || at + length > bytes.length)
        return `the part ${JSON.stringify(id)} is longer than the file`;
      if (id === "SIZE") setSizes(object?.contours.at(-1), { view, at, length });
      if (id === "MINX" && length >= 72) {
        const found = imageShift(view, at);
        if (typeof found === "string") return found;
        shift = found;
      }
      at += length;
    }
  }
  return "the file is cut off: it does not end with IEOF";
}

/** Radii by point; below 0 there is none of its own. */
function setSizes(
  points: ImodPoint[] | undefined,
  { view, at, length }: { view: DataView; at: number; length: number },
): void {
  if (!points) return;
  for (let index = 0; index < points.length && (index + 1) * 4 <= length; index++) {
    const size = view.getFloat32(at + index * 4);
    if (Number.isFinite(size) && size >= 0) points[index] = { ...points[index], size };
  }
}

/** (refoldtrans − refcurtrans) / refcurscale, as IMOD's description of its models has it; a turned image cannot be followed. */
function imageShift(view: DataView, at: number): ImodModel["shift"] | string {
  const three = (offset: number) => [0, 4, 8].map((axis) => view.getFloat32(at + offset + axis));
  const [oldTranslation, scale, translation, rotation] = [three(12), three(36), three(48), three(60)];
  if (rotation.some((angle) => angle !== 0))
    return "the model was drawn on a turned image, whose angles it holds: its coordinates are not those of the tomogram";
  const shift = oldTranslation.map((old, axis) => (old - translation[axis]) / (scale[axis] || 1));
  return shift.every(Number.isFinite) ? (shift as unknown as ImodModel["shift"]) : [0, 0, 0];
}

function textIn(bytes: Uint8Array, at: number, length: number): string {
  const end = bytes.indexOf(0, at);
  return new TextDecoder("latin1").decode(
    bytes.subarray(at, end < 0 || end > at + length ? at + length : end),
  );
}
