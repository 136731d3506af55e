/** The order of axes in an MRC file (MAPC, MAPR, MAPS). */
import { type AxisOrder, isUsual, usualOrder } from "../axis-order.ts";
import type { Oddity } from "../volume.ts";
import type { FileTriple } from "./fields.ts";

/** Reads MAPC, MAPR, MAPS; where they are missing or impossible the file's own order is taken and reported. */
export function readAxisOrder([columns, rows, sections]: FileTriple): {
  order: AxisOrder;
  oddities: Oddity[];
} {
  const names = `columns ${columns}, rows ${rows}, sections ${sections}`;
  if (columns === 0 && rows === 0 && sections === 0)
    return taken("axis-order-missing", "the header does not say which axis is which");
  if (![1, 2, 3].every((axis) => [columns, rows, sections].includes(axis)))
    return taken("axis-order-wrong", `the axis order of the header is impossible (${names})`);
  const order = [3 - sections, 3 - rows, 3 - columns] as unknown as AxisOrder;
  if (isUsual(order)) return { order, oddities: [] };
  const letter = (axis: number) => "xyz"[axis - 1];
  const message = `the columns run along ${letter(columns)}, the rows along ${letter(rows)}, the sections along ${letter(
    sections,
  )}; voxels are handed out in (z, y, x) order all the same`;
  return { order, oddities: [{ code: "axis-order", message }] };
}

const taken = (code: string, message: string) => ({
  order: usualOrder,
  oddities: [{ code, message: `${message}; columns, rows and sections are taken for x, y and z` }],
});
