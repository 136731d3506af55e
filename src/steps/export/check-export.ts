/** The preflight of `export`: lists that can be read, headers with a voxel size, a number for every tomogram where a format asks for it. */
import { basename } from "node:path";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { type ExportParameters, numberedFormats } from "../export.ts";
import { knownFile } from "../known-file.ts";
import { checkRowObjects } from "../row-objects.ts";
import { type PreflightContext, type StepRow, tomogramIndexColumn } from "../step-kind.ts";
import { findHeader } from "../volume-header.ts";

export async function checkExport(
  context: PreflightContext<ExportParameters>,
): Promise<readonly Diagnostic[]> {
  const diagnostics: Diagnostic[] = [];
  const labels = context.classes.length > 0 ? context.classes.map(({ label }) => label) : undefined;
  for (const row of context.rows) {
    diagnostics.push(...(await checkRowObjects(context, row, { port: "detections", labels })).diagnostics);
    const header = await findHeader(knownFile(context, row.files.tomogram), diagnostics);
    if (header && !header.voxelSizeAngstrom) diagnostics.push(withoutVoxelSize(context, row));
    if (numberedFormats.has(context.parameters.format) && !hasNumber(row))
      diagnostics.push(withoutNumber(context, row));
  }
  return diagnostics;
}

const hasNumber = ({ values }: StepRow): boolean => {
  const cell = values[tomogramIndexColumn];
  return cell !== undefined && cell !== null && cell !== "";
};

function withoutVoxelSize({ table }: PreflightContext<ExportParameters>, { id, files }: StepRow): Diagnostic {
  const path = files.tomogram;
  return errorDiagnostic(
    "voxel-size-missing",
    `${basename(path)}: the header has no voxel size, which the list needs`,
    {
      location: table?.locate(id, "tomogram") ?? { file: path },
      hint: `write it into the file: tomoflow volume convert ${basename(path)} fixed.mrc --voxel-size 10`,
    },
  );
}

const withoutNumber = (
  { table, parameters }: PreflightContext<ExportParameters>,
  { id, files }: StepRow,
): Diagnostic =>
  errorDiagnostic(
    "tomogram-index",
    `${id} has no number, by which the format ${parameters.format} tells tomograms apart`,
    {
      location: table?.locate(id, "detections") ?? { file: files.detections },
      hint: "give the rows a column tomo_idx with the numbers that the other program has for them",
    },
  );
