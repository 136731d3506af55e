import { element, fitText } from "../../../core/svg.ts";
import type { Evaluation } from "../evaluate-objects.ts";
import { picture, text } from "./picture.ts";

const cell = 52;
const labelWidth = 150;
const headHeight = 150;
const gap = 8;
const margin = 24;

/**
 * The confusion matrix as SVG: rows are what is there, columns what was found at its place; behind a gap, what was
 * missed and what was found where nothing is. A cell is the darker the larger its share of the row.
 */
export function confusionPicture(
  { labels, confusion }: Evaluation,
  names: ReadonlyMap<number, string>,
): string {
  const classes = labels.length;
  const titles = labels.map((label) => names.get(label) ?? `class ${label}`);
  const width = margin * 2 + labelWidth + (classes + 1) * cell + gap + 16;
  const height = margin * 2 + headHeight + (classes + 1) * cell + gap;
  const marks = [
    ...heading(classes),
    ...titles.flatMap((title, index) => [
      rowTitle(title, index, classes),
      columnTitle(title, index, classes),
    ]),
    rowTitle("nothing there", classes, classes, true),
    columnTitle("missed", classes, classes, true),
    ...confusion.flatMap((counts, row) =>
      counts.map((count, column) => drawCell(count, { row, column, counts, classes })),
    ),
  ];
  return picture({ width, height }, "Confusion matrix", marks);
}

function heading(classes: number): string[] {
  const middle = rowPosition(classes, classes) / 2 + (margin + headHeight) / 2;
  return [
    text(margin, margin + 16, "Confusion matrix", { "font-size": 18, "font-weight": 600 }),
    text(margin, margin + 36, "matched by place", {
      "font-size": 12,
      fill: "#66727f",
      style: "fill:#66727f",
    }),
    text(columnPosition(classes, classes) + cell, margin + 16, "found →", {
      "font-size": 12,
      "text-anchor": "end",
      style: "fill:#66727f",
    }),
    text(0, 0, "truth", {
      "font-size": 12,
      "text-anchor": "middle",
      style: "fill:#66727f",
      transform: `translate(${margin - 8} ${middle}) rotate(-90)`,
    }),
  ];
}

const columnPosition = (column: number, classes: number): number =>
  margin + labelWidth + column * cell + (column === classes ? gap : 0);

const rowPosition = (row: number, classes: number): number =>
  margin + headHeight + row * cell + (row === classes ? gap : 0);

const rowTitle = (title: string, row: number, classes: number, aside = false): string =>
  text(
    margin + labelWidth - 10,
    rowPosition(row, classes) + cell / 2 + 4,
    fitText(title, labelWidth - 20, 13),
    {
      "font-size": 13,
      "text-anchor": "end",
      style: aside ? "fill:#66727f;font-style:italic" : undefined,
    },
  );

const columnTitle = (title: string, column: number, classes: number, aside = false): string =>
  text(0, 0, fitText(title, headHeight - 60, 13), {
    "font-size": 13,
    style: aside ? "fill:#66727f;font-style:italic" : undefined,
    transform: `translate(${columnPosition(column, classes) + cell / 2 + 4} ${margin + headHeight - 10}) rotate(-45)`,
  });

interface CellPlace {
  readonly row: number;
  readonly column: number;
  readonly counts: readonly number[];
  readonly classes: number;
}

function drawCell(count: number, { row, column, counts, classes }: CellPlace): string {
  const isCorner = row === classes && column === classes;
  if (isCorner) return "";
  const total = counts.reduce((sum, value) => sum + value, 0);
  const share = total === 0 ? 0 : count / total;
  const [x, y] = [columnPosition(column, classes), rowPosition(row, classes)];
  const isRight = row === column;
  const box = element("rect", {
    x: x + 1,
    y: y + 1,
    width: cell - 2,
    height: cell - 2,
    rx: 4,
    fill: shade(share, isRight ? "right" : row === classes || column === classes ? "aside" : "wrong"),
  });
  const dark = share > 0.55;
  // Of what was found where nothing is there is no whole to be a share of.
  const hasPercent = count > 0 && row < classes;
  const number = text(x + cell / 2, y + cell / 2 + (hasPercent ? 0 : 5), count === 0 ? "·" : String(count), {
    "font-size": 15,
    "font-weight": isRight && count > 0 ? 600 : 400,
    "text-anchor": "middle",
    style: `fill:${count === 0 ? "#b8c2cc" : dark ? "#ffffff" : "#1f2933"}`,
  });
  if (!hasPercent) return box + number;
  const percent = text(x + cell / 2, y + cell / 2 + 15, `${Math.round(share * 100)}%`, {
    "font-size": 10,
    "text-anchor": "middle",
    style: `fill:${dark ? "#ffffff" : "#66727f"}`,
  });
  return box + number + percent;
}

/** From nearly white to the full colour of right, wrong, and missed or spurious. */
function shade(share: number, kind: "right" | "wrong" | "aside"): string {
  const full = { right: [31, 90, 160], wrong: [196, 70, 40], aside: [82, 96, 109] }[kind];
  const pale = [243, 246, 249];
  const mixed = full.map((value, index) =>
    Math.round(pale[index] + (value - pale[index]) * Math.sqrt(share)),
  );
  return `rgb(${mixed.join(",")})`;
}
