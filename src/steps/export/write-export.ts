/** Gathers the objects of all rows, each with what the header of its tomogram says, and writes them as one list. */
import { TomoflowError } from "../../core/error.ts";
import type { KnownTomogram } from "../../objects/formats/object-format.ts";
import { writeObjects } from "../../objects/formats.ts";
import type { TomogramObject } from "../../objects/object-list.ts";
import { readVolumeInfo } from "../../volume/formats.ts";
import { type ExportParameters, numberedFormats } from "../export.ts";
import { readRowObjects } from "../row-objects.ts";
import { type RunContext, tomogramIndexColumn } from "../step-kind.ts";

export async function writeExport(context: RunContext<ExportParameters>): Promise<void> {
  const { parameters, rows, outputs, classes, report, signal } = context;
  const { format, binning } = parameters;
  const known = new Map<string, KnownTomogram>();
  const list: TomogramObject[] = [];
  for (const [index, row] of rows.entries()) {
    signal.throwIfAborted();
    const { shape, voxelSizeAngstrom } = await readVolumeInfo(row.files.tomogram);
    if (!voxelSizeAngstrom)
      throw new TomoflowError("voxel-size-missing", `${row.files.tomogram}: the header has no voxel size`, {
        hint: "tomoflow volume convert … --voxel-size writes one",
      });
    known.set(row.id, {
      shape,
      voxelSizeAngstrom,
      ...(binning !== undefined && { binning }),
      row: { id: row.id },
    });
    const number = Number(row.values[tomogramIndexColumn]);
    for (const object of await readRowObjects(row, "detections", { shape, voxelSizeAngstrom })) {
      const { tomogramIndex: _, ...own } = object;
      list.push({
        ...own,
        tomogramId: row.id,
        ...(numberedFormats.has(format) && { tomogramIndex: number }),
      });
    }
    report({ type: "progress", done: index + 1, total: rows.length, unit: "tomogram", detail: row.id });
  }
  const [first] = known.values();
  const { diagnostics } = await writeObjects(outputs.particles, list, {
    format,
    classes,
    tomogramOf: (id) => known.get(id),
    // of a list without objects, and what is one for all
    tomogram: {
      shape: first?.shape,
      voxelSizeAngstrom: first?.voxelSizeAngstrom,
      ...(binning !== undefined && { binning }),
    },
  });
  for (const { message } of diagnostics) report({ type: "log", text: message });
  report({
    type: "log",
    text: `${list.length} objects of ${rows.length} tomogram${rows.length === 1 ? "" : "s"}`,
  });
}
