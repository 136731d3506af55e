/** IMOD's text models (https://bio3d.colorado.edu/imod/doc/asciispec.html), as `imodinfo -a` prints and `imodauto`, `wmod2imod` and 3dmod read them. */
import { shortNumber } from "../lines/number-lines.ts";
import type { ImodModel, ImodObject, ImodPoint } from "./model.ts";
import type { ModelImage } from "./write-binary.ts";

/** The model, or what is wrong with the text and in which line. */
export function readTextModel(text: string): ImodModel | { readonly line: number; readonly message: string } {
  const objects: { name: string; pointSize: number; contours: ImodPoint[][] }[] = [];
  const reference: Record<string, readonly number[]> = {};
  let points: { left: number; readonly list: ImodPoint[] } | undefined;
  let [vertices, hasBegun, number] = [0, false, 0];
  for (const raw of text.split(/\r\n|\r|\n/)) {
    number++;
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const broken = (message: string) => ({ line: number, message });
    const words = line.split(/\s+/);
    const numbers = words.map(Number);
    if (!hasBegun) {
      if (words[0] !== "imod") return broken("a text model begins with imod and the number of objects");
      hasBegun = true;
    } else if (points && points.left > 0) {
      const [x, y, z, size] = numbers;
      if (![x, y, z].every(Number.isFinite))
        return broken(`here a point x y z is missing: its contour has ${points.left} more`);
      points.list.push({ x, y, z, ...(Number.isFinite(size) && size >= 0 && { size }) });
      points.left--;
    } else if (vertices > 0) vertices--;
    else if (words[0] === "object") {
      objects.push({ name: "", pointSize: 0, contours: [] });
      points = undefined;
    } else if (words[0] === "contour") {
      const count = numbers[3];
      if (!Number.isInteger(count) || count < 0)
        return broken("a contour is written as contour NUMBER SURFACE POINTS");
      const object = objects.at(-1);
      if (!object) return broken("a contour stands before every object");
      points = { left: count, list: [] };
      object.contours.push(points.list);
    } else if (words[0] === "mesh") vertices = (numbers[2] || 0) + (numbers[3] || 0);
    else if (words[0] === "name" && objects.length > 0) objects.at(-1)!.name = line.slice(4).trim();
    else if (words[0] === "pointsize" && objects.length > 0)
      objects.at(-1)!.pointSize = Math.max(0, numbers[1] || 0);
    else if (words[0].startsWith("ref")) reference[words[0]] = numbers.slice(1, 4);
  }
  if (!hasBegun) return { line: 1, message: "a text model begins with imod and the number of objects" };
  if (points && points.left > 0)
    return { line: number, message: `the text ends, and a contour has ${points.left} more points` };
  return shifted(objects, reference);
}

function shifted(
  objects: readonly ImodObject[],
  {
    refcurscale: scale,
    refcurtrans: translation,
    refoldtrans: old,
    refcurrot: rotation,
  }: Readonly<Record<string, readonly number[]>>,
): ImodModel | { readonly line: number; readonly message: string } {
  if (rotation?.some((angle) => angle !== 0))
    return {
      line: 1,
      message:
        "the model was drawn on a turned image (refcurrot): its coordinates are not those of the tomogram",
    };
  const shift = [0, 1, 2].map(
    (axis) => ((old?.[axis] ?? 0) - (translation?.[axis] ?? 0)) / (scale?.[axis] || 1),
  );
  return {
    objects,
    shift: shift.map((value) => (Number.isFinite(value) ? value : 0)) as unknown as ImodModel["shift"],
  };
}

export function writeTextModel(objects: readonly ImodObject[], { size, pixelSize }: ModelImage): string {
  const lines = [
    `imod ${objects.length}`,
    `max ${size.join(" ")}`,
    ...["offsets 0 0 0", "angles 0 0 0", "scale 1 1 1"],
    ...(pixelSize === undefined ? [] : [`pixsize ${shortNumber(pixelSize / 10)}`, "units nm"]),
  ];
  for (const [index, { name, pointSize, contours }] of objects.entries()) {
    lines.push(`object ${index} ${contours.length} 0`, `name ${name}`, "scattered", `pointsize ${pointSize}`);
    for (const [contour, points] of contours.entries()) {
      lines.push(`contour ${contour} 0 ${points.length}`);
      for (const { x, y, z } of points) lines.push([x, y, z].map(shortNumber).join(" "));
    }
  }
  return `${lines.join("\n")}\n`;
}
