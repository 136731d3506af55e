/**
 * The blocks of a STAR file, as RELION, Warp, STOPGAP and the starfile package write them: `data_NAME`, then pairs `_name value`, or
 * `loop_`, the names of the columns and one line a row. A million rows are kept as the places of their values in the file's bytes;
 * a column is read when it is asked for.
 */
import { decodeText } from "../../../core/decode-text.ts";
import type { Diagnostic } from "../../../core/diagnostic.ts";
import { failure, type Result, success } from "../../../core/result.ts";
import { blockOf, placeIn, type StarBlock, starProblem } from "./star-table.ts";

const [newline, carriage, space, tab, hash, quote, apostrophe, underscore, semicolon] = [
  10, 13, 32, 9, 35, 34, 39, 95, 59,
];

/** No table has more columns, and what has is something else. */
const mostColumns = 4096;

/** Places are kept in 32 bits. */
const mostBytes = 0xffff_fffe;

/** Every block of the file, in its order; fails with `objects-star` at the first thing that makes the rest uncertain. */
export function readStarBlocks(bytes: Uint8Array, file: string): Result<readonly StarBlock[]> {
  const plain = plainBytes(bytes, file);
  if (!plain.ok) return plain;
  const reader = new Reader(plain.value, file);
  const problem = reader.read();
  return problem ? failure([problem]) : success(reader.blocks);
}

/** UTF-8 without a mark; most files are ASCII, which is seen without decoding them. */
function plainBytes(bytes: Uint8Array, file: string): Result<Buffer> {
  if (bytes.length > mostBytes)
    return failure([
      starProblem("a STAR file of 4 GiB or more is not read", { file }, "split it by tomogram"),
    ]);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isAscii(buffer)) return success(buffer);
  const text = decodeText(bytes, { source: file });
  return text.ok ? success(Buffer.from(text.value)) : text;
}

function isAscii(buffer: Buffer): boolean {
  for (let at = 0; at < buffer.length; at++) if (buffer[at] > 126 || buffer[at] === 0) return false;
  return true;
}

/** Goes through the lines once. Places of values: for the value v of a block, bytes [starts[v], ends[v]), row by row. */
class Reader {
  readonly blocks: StarBlock[] = [];
  readonly #buffer: Buffer;
  readonly #file: string;
  #starts = new Uint32Array(64);
  #ends = new Uint32Array(64);
  #count = 0;
  #name: string | undefined;
  #columns: string[] = [];
  #mode: "none" | "names" | "rows" | "pairs" = "none";
  /** Of the line that is being read. */
  #line = 0;

  constructor(buffer: Buffer, file: string) {
    this.#buffer = buffer;
    this.#file = file;
  }

  read(): Diagnostic | undefined {
    const buffer = this.#buffer;
    for (let at = 0; at < buffer.length; ) {
      let end = buffer.indexOf(newline, at);
      if (end < 0) end = buffer.length;
      this.#line = at;
      const problem = this.#readLine(at, end > at && buffer[end - 1] === carriage ? end - 1 : end);
      if (problem) return problem;
      at = end + 1;
    }
    return this.#endBlock();
  }

  #readLine(start: number, end: number): Diagnostic | undefined {
    const buffer = this.#buffer;
    let at = start;
    while (at < end && isBlank(buffer[at])) at++;
    if (at === end || buffer[at] === hash) return undefined;
    if (this.#mode === "rows") {
      // a row cannot begin with data_ or loop_: RELION would take it for a new block as well
      if (!this.#isWord(at, end, "data_") && !this.#isWord(at, end, "loop_")) return this.#readRow(at, end);
    }
    if (this.#isWord(at, end, "data_")) {
      const problem = this.#endBlock();
      this.#name = this.#word(at, end).slice(5);
      return problem;
    }
    if (this.#name === undefined)
      return this.#problem(at, "a STAR file begins with a line data_", "is this a STAR file?");
    if (this.#isWord(at, end, "loop_")) return this.#beginLoop(at);
    if (buffer[at] === underscore) return this.#readName(at, end);
    if (this.#mode === "names" && this.#columns.length > 0) {
      this.#mode = "rows";
      this.#reserve(end - start);
      return this.#readRow(at, end);
    }
    return this.#problem(at, "a value without a name: neither a loop_ nor a line _name stands before it");
  }

  #beginLoop(at: number): Diagnostic | undefined {
    if (this.#mode !== "none")
      return this.#problem(at, "a second table in one block", "begin it with a line data_ of its own");
    this.#mode = "names";
    return undefined;
  }

  #readName(at: number, end: number): Diagnostic | undefined {
    const name = this.#word(at, end).slice(1);
    if (this.#columns.includes(name)) return this.#problem(at, `the column _${name} is there twice`);
    if (this.#columns.length >= mostColumns) return this.#problem(at, `more than ${mostColumns} columns`);
    this.#columns.push(name);
    if (this.#mode === "names") return undefined;
    this.#mode = "pairs";
    let value = at + name.length + 1;
    while (value < end && !isBlank(this.#buffer[value])) value++;
    const before = this.#count;
    const problem = this.#readValues(value, end, 1);
    if (problem) return problem;
    return this.#count === before + 1 ? undefined : this.#problem(at, `_${name} has no value`);
  }

  #readRow(at: number, end: number): Diagnostic | undefined {
    const before = this.#count;
    const wanted = this.#columns.length;
    const problem = this.#readValues(at, end, wanted);
    if (problem) return problem;
    const found = this.#count - before;
    return found === wanted
      ? undefined
      : this.#problem(
          at,
          `this row has ${found} value${found === 1 ? "" : "s"}, and the table ${wanted} columns`,
          "put what has blanks into double quotes; was the file cut off?",
        );
  }

  /** Takes a line apart; what is behind a blank and # is a comment. */
  #readValues(from: number, end: number, wanted: number): Diagnostic | undefined {
    const buffer = this.#buffer;
    let at = from;
    for (let found = 0; ; found++) {
      while (at < end && isBlank(buffer[at])) at++;
      if (at >= end || buffer[at] === hash) return undefined;
      if (found === wanted)
        return this.#problem(
          at,
          `there are more values than the ${wanted} column${wanted === 1 ? "" : "s"} of the table`,
          "put what has blanks into double quotes",
        );
      const mark = buffer[at];
      if (mark === semicolon && at === this.#line)
        return this.#problem(at, "a text of several lines (;) is not read: no program writes particles so");
      let start = at;
      if (mark === quote || mark === apostrophe) {
        const close = this.#closingQuote(at, end, mark);
        if (close < 0) return this.#problem(at, "a quote begins here and does not end in this line");
        start = at + 1;
        this.#keep(start, close);
        at = close + 1;
      } else {
        while (at < end && buffer[at] !== space && buffer[at] !== tab) at++;
        this.#keep(start, at);
      }
    }
  }

  /** A quote ends a value only before a blank or the line's end. */
  #closingQuote(open: number, end: number, mark: number): number {
    for (let at = open + 1; at < end; at++)
      if (this.#buffer[at] === mark && (at + 1 === end || isBlank(this.#buffer[at + 1]))) return at;
    return -1;
  }

  #keep(start: number, end: number): void {
    if (this.#count === this.#starts.length) this.#grow(this.#starts.length * 2);
    this.#starts[this.#count] = start;
    this.#ends[this.#count++] = end;
  }

  /** Room for rows like the first in the rest of the file. */
  #reserve(rowBytes: number): void {
    const rows = Math.ceil((this.#buffer.length - this.#line) / Math.max(2, rowBytes)) + 1;
    // of a first row that is much shorter than the others no more than one value a byte pair is made
    const values = Math.min(
      rows * this.#columns.length,
      Math.ceil((this.#buffer.length - this.#line) / 2) + 1,
    );
    if (values > this.#starts.length) this.#grow(values);
  }

  #grow(length: number): void {
    const [starts, ends] = [new Uint32Array(length), new Uint32Array(length)];
    starts.set(this.#starts.subarray(0, this.#count));
    ends.set(this.#ends.subarray(0, this.#count));
    [this.#starts, this.#ends] = [starts, ends];
  }

  #endBlock(): Diagnostic | undefined {
    const [name, columns] = [this.#name, this.#columns];
    if (name !== undefined && columns.length > 0)
      this.blocks.push(
        blockOf({
          ...{ name, columns, buffer: this.#buffer, file: this.#file },
          ...{ starts: this.#starts, ends: this.#ends, rows: this.#count / columns.length },
        }),
      );
    [this.#starts, this.#ends, this.#count] = [new Uint32Array(64), new Uint32Array(64), 0];
    [this.#name, this.#columns, this.#mode] = [undefined, [], "none"];
    return undefined;
  }

  #isWord(at: number, end: number, word: string): boolean {
    if (end - at < word.length) return false;
    for (let index = 0; index < word.length; index++)
      if (this.#buffer[at + index] !== word.charCodeAt(index)) return false;
    return word !== "loop_" || at + word.length === end || isBlank(this.#buffer[at + word.length]);
  }

  #word(at: number, end: number): string {
    let stop = at;
    while (stop < end && !isBlank(this.#buffer[stop])) stop++;
    return this.#buffer.toString("utf8", at, stop);
  }

  #problem(at: number, message: string, hint?: string): Diagnostic {
    return starProblem(message, placeIn(this.#buffer, this.#file, at), hint);
  }
}

const isBlank = (byte: number): boolean => byte === space || byte === tab || byte === carriage;
