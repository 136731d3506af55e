/**
 * Writes workbooks. exceljs makes one that holds the header row alone; the rows of the objects are put into its sheet as text,
 * which takes a tenth of the time and memory that exceljs takes for them. Texts stand in their cells, as openpyxl writes them.
 * Source: ECMA-376 part 1, 18.3.1.
 */

import { TomoflowError } from "../../../core/error.ts";
import { createWorkbook } from "../../../core/workbook/load.ts";
import { packEntry, readZip, unpackEntry, writeZip } from "../../../core/workbook/zip.ts";
import type { ObjectList, TomogramObject } from "../../object-list.ts";
import { extraNamesOf } from "../column-order.ts";
import { extraOf, objectFields, originalFieldCount } from "../fields.ts";
import { encodeImpossible } from "../xml-text.ts";

/** Of a sheet, the header's included. */
const mostRows = 1_048_576;

/**
 * A workbook with the columns that the list needs. The same list always gives the same bytes.
 * @throws TomoflowError `objects-xlsx` for more objects than a sheet has rows
 */
export async function writeWorkbook(list: ObjectList): Promise<Uint8Array> {
  if (list.length >= mostRows)
    throw new TomoflowError("objects-xlsx", `a sheet of xlsx has no room for ${list.length} objects`, {
      hint: `write .xml or .csv, or split the list: at most ${mostRows - 1} objects`,
    });
  const fields = objectFields.filter(
    ({ field }, index) => index < originalFieldCount || list.some((object) => object[field] !== undefined),
  );
  const extra = extraNamesOf(list);
  const columns = [...fields.map(({ header }) => header), ...extra];
  const letters = columns.map((_, index) => lettersOf(index + 1));
  const rowOf = (object: TomogramObject, number: number): string => {
    let cells = "";
    for (let column = 0; column < columns.length; column++) {
      const value =
        column < fields.length
          ? object[fields[column].field]
          : numberIfExact(extraOf(object, columns[column]));
      if (value !== undefined) cells += cellOf(letters[column], number, value);
    }
    return `<row r="${number}">${cells}</row>`;
  };
  const parts: Buffer[] = [];
  for (let start = 0; start < list.length; start += rowsAtOnce) {
    const rows = list.slice(start, start + rowsAtOnce);
    parts.push(Buffer.from(rows.map((object, index) => rowOf(object, start + index + 2)).join("")));
  }
  return fillSheet(await headerWorkbook(columns), parts, `A1:${letters.at(-1)}${list.length + 1}`);
}

/** Turned into bytes together: the text of all rows would be in memory several times. */
const rowsAtOnce = 500;

async function headerWorkbook(columns: readonly string[]): Promise<Uint8Array> {
  const workbook = await createWorkbook();
  workbook.created = new Date(0);
  workbook.modified = new Date(0);
  const sheet = workbook.addWorksheet("objects", { views: [{ state: "frozen", ySplit: 1 }] });
  sheet.addRow(columns.map(encodeImpossible)).font = { bold: true };
  return new Uint8Array(await workbook.xlsx.writeBuffer());
}

const sheetPath = "xl/worksheets/sheet1.xml";

/** Puts rows behind those of the first sheet, which then has the cells `range`. */
async function fillSheet(workbook: Uint8Array, rows: readonly Buffer[], range: string): Promise<Uint8Array> {
  const entries = [...(readZip(workbook)?.values() ?? [])];
  const sheet = entries.find(({ name }) => name === sheetPath);
  const xml = (sheet && (await unpackEntry(sheet)))?.toString("utf8");
  if (!xml?.includes("</sheetData>")) throw new Error(`exceljs wrote no ${sheetPath}`);
  const end = xml.indexOf("</sheetData>");
  const start = xml.slice(0, end).replace(/<dimension ref="[^"]*"/, `<dimension ref="${range}"`);
  const filled = Buffer.concat([Buffer.from(start), ...rows, Buffer.from(xml.slice(end))]);
  const packed = await packEntry(sheetPath, filled);
  return writeZip(entries.map((entry) => (entry === sheet ? packed : entry)));
}

function cellOf(column: string, row: number, value: string | number): string {
  if (typeof value === "string")
    return `<c r="${column}${row}" t="inlineStr"><is><t xml:space="preserve">${escapeText(value)}</t></is></c>`;
  return Number.isFinite(value) ? `<c r="${column}${row}"><v>${value}</v></c>` : "";
}

/** Carriage returns would be read as line ends. */
const escapeText = (text: string): string =>
  encodeImpossible(text)
    .replaceAll("\r", "_x000D_")
    .replace(/[&<>]/g, (character) => entities[character]!);

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

const lettersOf = (column: number): string =>
  column > 26
    ? lettersOf(Math.floor((column - 1) / 26)) + lettersOf(((column - 1) % 26) + 1)
    : String.fromCharCode(64 + column);

/** A text that is exactly how a number is written becomes one, so that an unknown column of numbers stays numeric. */
const numberIfExact = (text: string | undefined): string | number | undefined =>
  text !== undefined && text !== "" && String(Number(text)) === text && Number.isFinite(Number(text))
    ? Number(text)
    : text;
