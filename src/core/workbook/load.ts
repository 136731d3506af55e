/** Workbooks (.xlsx) of strangers, opened by exceljs once it is known that they do not fill the memory. */
import type { Workbook } from "exceljs";
import { TomoflowError } from "../error.ts";
import { checkSpread } from "./spread.ts";
import { checkUnpackedSize, readZip, unpackEntry } from "./zip.ts";

/** exceljs takes some twenty times as much memory. */
const mostUnpackedBytes = 96 << 20;
/** A list packs to a tenth or so: small files that unpack to much are no lists. */
const bestPacking = 40;
const leastBound = 16 << 20;

export async function createWorkbook(): Promise<Workbook> {
  const { default: excel } = await import("exceljs");
  return new excel.Workbook();
}

/** Throws TomoflowError `workbook-too-large` and `objects-xlsx` for what no list is, and what exceljs throws for other files. */
export async function loadWorkbook(bytes: Uint8Array): Promise<Workbook> {
  const most = Math.max(leastBound, Math.min(mostUnpackedBytes, bestPacking * bytes.length));
  await checkUnpackedSize(bytes, most);
  for (const entry of readZip(bytes)?.values() ?? [])
    if (/^xl\/worksheets\/[^/]*\.xml$/i.test(entry.name)) {
      const sheet = await unpackEntry(entry);
      if (!sheet)
        throw new TomoflowError(
          "objects-xlsx",
          `the workbook's ${entry.name} is damaged, or packed as no list is`,
          { hint: "save it again as .xlsx, or save the sheet as CSV" },
        );
      checkSpread(sheet.toString("utf8"));
    }
  const workbook = await createWorkbook();
  // exceljs declares a Buffer of its own; it takes any bytes that JSZip takes.
  await workbook.xlsx.load(bytes as unknown as Parameters<typeof workbook.xlsx.load>[0]);
  return workbook;
}
