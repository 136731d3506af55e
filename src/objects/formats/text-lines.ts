/** The lines of a text table taken apart into cells; a cell in double quotes may hold delimiters, line ends and `""` for a quote. */

export interface Cell {
  readonly text: string;
  /** From 1, in the line. */
  readonly column: number;
}

export interface Line {
  /** From 1; of the first, where a cell in quotes goes over several. */
  readonly number: number;
  readonly text: string;
  readonly cells: readonly Cell[];
}

export interface LineProblem {
  readonly number: number;
  /** From 1. */
  readonly column: number;
  readonly text: string;
  readonly message: string;
  readonly hint: string;
}

export interface LinesRead {
  /** The first that makes all that follows uncertain. */
  readonly problem?: LineProblem;
  /** Rows of empty cells, as spreadsheets write them. */
  readonly emptyRows: number;
  /** Comments between rows: those above the first are its heading. */
  readonly comments: number;
}

type Delimiter = "\t" | ";" | "," | " ";

/** No table has longer lines, nor more columns; what has is something else, and would fill the memory. */
const longestLine = 1 << 20;
const mostCells = 16_384;

export interface LineReader {
  /** Whether these are the names of a header: the delimiter under which the first line has them is the file's. */
  namesCoordinates(cells: readonly Cell[]): boolean;
  /** Called for each line with values; false ends the reading. */
  read(line: Line): boolean;
}

/** Takes a text apart, line by line, so that no more than one is in memory. A first line `sep=;`, as Excel takes it, names the delimiter. */
export function readLines(text: string, { namesCoordinates, read }: LineReader): LinesRead {
  let [emptyRows, comments, number, isFirst] = [0, 0, 0, true];
  let delimiter: Delimiter | undefined;
  for (let at = 0; at < text.length; ) {
    number++;
    const start = at;
    const end = endOfLine(text, at);
    const content = text.slice(start, end);
    at = behindLineEnd(text, end);
    if (!saysSomething(content)) {
      if (!isFirst && content.trim() !== "") comments++;
      continue;
    }
    const named = delimiter === undefined ? /^sep=([,;\t])$/i.exec(content)?.[1] : undefined;
    if (named) {
      delimiter = named as Delimiter;
      continue;
    }
    if (content.length > longestLine) return { problem: tooLong(content, number), emptyRows, comments };
    delimiter ??= delimiterOf(content, namesCoordinates);
    const record = content.includes('"')
      ? readQuotedRecord(text, { start, number, delimiter })
      : { cells: splitPlain(content, delimiter), end };
    if ("message" in record) return { problem: record, emptyRows, comments };
    const { cells } = record;
    if (isFirst && cells.length > mostCells)
      return { problem: tooManyCells(content, cells.length, number), emptyRows, comments };
    if (delimiter !== " " && cells.every((cell) => cell.text === "")) emptyRows++;
    else if (read({ number, text: content, cells })) isFirst = false;
    else break;
    if (record.end > end) {
      number += countLineEnds(text.slice(start, record.end));
      at = behindLineEnd(text, record.end);
    }
  }
  return { emptyRows, comments };
}

const saysSomething = (line: string): boolean => line.trim() !== "" && !line.trimStart().startsWith("#");

function endOfLine(text: string, at: number): number {
  lineEnd.lastIndex = at;
  return lineEnd.test(text) ? lineEnd.lastIndex - 1 : text.length;
}

const lineEnd = /[\r\n]/g;

const behindLineEnd = (text: string, end: number): number =>
  text[end] === "\r" && text[end + 1] === "\n" ? end + 2 : end + 1;

const countLineEnds = (text: string): number => text.match(/\r\n|\r|\n/g)?.length ?? 0;

const tooLong = (line: string, number: number): LineProblem => ({
  number,
  column: 1,
  text: line.slice(0, 200),
  message: `this line holds ${line.length} characters: no row of an object list is that long`,
  hint: "is this the right file, with one object a line?",
});

const tooManyCells = (line: string, count: number, number: number): LineProblem => ({
  ...tooLong(line, number),
  message: `this line names ${count} columns: no object list has more than ${mostCells}`,
});

function delimiterOf(first: string, namesCoordinates: (cells: readonly Cell[]) => boolean): Delimiter {
  const delimiters: readonly Delimiter[] = [",", "\t", ";", " "];
  const ofHeader = delimiters.find((delimiter) => namesCoordinates(splitLoosely(first, delimiter)));
  if (ofHeader) return ofHeader;
  const line = first.replace(/"([^"]|"")*"/g, "text");
  if (line.includes(";")) return ";";
  if (line.includes(",")) return ",";
  const numbersAlone = line
    .trim()
    .split(/\s+/)
    .every((text) => Number.isFinite(Number(text)));
  return line.includes("\t") && !numbersAlone ? "\t" : " ";
}

/** Of a header that may have names in quotes; what is wrong with them is said later. */
function splitLoosely(line: string, delimiter: Delimiter): readonly Cell[] {
  if (!line.includes('"')) return splitPlain(line, delimiter);
  const read = readQuotedRecord(line, { start: 0, number: 1, delimiter });
  return "message" in read ? [] : read.cells;
}

/** Without quotes. */
function splitPlain(line: string, delimiter: Delimiter): readonly Cell[] {
  const cells: Cell[] = [];
  let at = 0;
  do {
    if (cells.length > 0) at++;
    while (isBlank(line[at], delimiter)) at++;
    if (at >= line.length && delimiter === " " && cells.length > 0) break;
    const start = at;
    while (at < line.length && !isDelimiter(line[at], delimiter)) at++;
    cells.push({ text: line.slice(start, at).trim(), column: start + 1 });
  } while (at < line.length);
  return cells;
}

const isDelimiter = (character: string | undefined, delimiter: Delimiter): boolean =>
  character === delimiter || (delimiter === " " && character === "\t");

const isBlank = (character: string | undefined, delimiter: Delimiter): boolean =>
  character === " " || (character === "\t" && delimiter !== "\t");

interface RecordStart {
  readonly start: number;
  /** Of the line, from 1. */
  readonly number: number;
  readonly delimiter: Delimiter;
}

/** The cells of the record that starts there and the index of the line end behind it, or what is wrong with its quotes. */
function readQuotedRecord(
  text: string,
  { start, number, delimiter }: RecordStart,
): { readonly cells: readonly Cell[]; readonly end: number } | LineProblem {
  const cells: Cell[] = [];
  let at = start;
  for (;;) {
    while (isBlank(text[at], delimiter)) at++;
    if (isEnd(text[at]) && delimiter === " " && cells.length > 0) return { cells, end: at };
    const begin = at;
    if (text[at] === '"') {
      at = behindQuoted(text, at);
      const content = text.slice(begin + 1, at - 1);
      while (isBlank(text[at], delimiter) && !isDelimiter(text[at], delimiter)) at++;
      if (at > text.length || !(isEnd(text[at]) || isDelimiter(text[at], delimiter)))
        return quoteProblem(text, { start, begin, number, open: at > text.length });
      cells.push({ text: content.replaceAll('""', '"'), column: begin - start + 1 });
    } else {
      while (!isEnd(text[at]) && !isDelimiter(text[at], delimiter)) at++;
      cells.push({ text: text.slice(begin, at).trim(), column: begin - start + 1 });
    }
    if (isEnd(text[at])) return { cells, end: Math.min(at, text.length) };
    at++;
  }
}

const isEnd = (character: string | undefined): boolean =>
  character === undefined || character === "\n" || character === "\r";

/** The index behind the quote that ends the text which begins at `at`; behind the text's end by more than one where none does. */
function behindQuoted(text: string, at: number): number {
  let end = at + 1;
  for (;;) {
    const quote = text.indexOf('"', end);
    if (quote < 0 || quote - at > longestLine) return text.length + 1;
    if (text[quote + 1] !== '"') return quote + 1;
    end = quote + 2;
  }
}

function quoteProblem(
  text: string,
  { start, begin, number, open }: { start: number; begin: number; number: number; open: boolean },
): LineProblem {
  const before = text.slice(start, begin);
  const lineStart = Math.max(before.lastIndexOf("\n"), before.lastIndexOf("\r")) + 1;
  return {
    number: number + countLineEnds(before),
    column: before.length - lineStart + 1,
    text: text.slice(start + lineStart, endOfLine(text, begin)).slice(0, longestLine),
    message: open
      ? "a quote begins here and does not end"
      : "there is more behind the quote that ends this value",
    hint: 'put the whole value in quotes and double those inside: "5"" gold"',
  };
}
