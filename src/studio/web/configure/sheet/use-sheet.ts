import { type ClipboardEvent, type KeyboardEvent, useState } from "react";
import { edit } from "../configure-store.ts";
import { textOfValue } from "../fields/value-text.ts";
import { asData } from "../outline.ts";
import { pasteCells, setCell } from "./table-edits.ts";

export interface Place {
  readonly row: number;
  readonly column: number;
}

export interface Sheet {
  readonly at: Place;
  /** What stands in the cell that is edited; null when none is. */
  readonly typing: string | null;
  goTo(place: Place): void;
  begin(place: Place): void;
  /** Writes the cell and goes on, by so many rows and columns. */
  write(place: Place, text: string, next: readonly [number, number]): void;
  move(row: number, column: number): void;
  onKey(event: KeyboardEvent): void;
  onPaste(event: ClipboardEvent): void;
}

interface SheetOptions {
  readonly rows: readonly unknown[];
  readonly columns: readonly string[];
  /** Shift and space. */
  onToggle(row: number): void;
}

/** Where the cursor of a sheet is and what keys do there. */
export function useSheet({ rows, columns, onToggle }: SheetOptions): Sheet {
  const [at, setAt] = useState<Place>({ row: 0, column: 0 });
  const [typing, setTyping] = useState<string | null>(null);
  const textAt = ({ row, column }: Place): string => textOfValue(asData(rows[row])[columns[column]!]);
  const put = ({ row, column }: Place, text: string): void =>
    edit(setCell(rows, { row, column: columns[column]!, text }));
  const move = (row: number, column: number): void => {
    const next = { row: within(row, rows.length), column: within(column, columns.length) };
    setAt(next);
    setTyping(null);
    // at once, so that no key is lost that comes before the next picture
    document.getElementById(cellId(next))?.focus();
  };
  const act = (event: KeyboardEvent): (() => void) | undefined => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const step = arrows[event.key];
    if (step && isPlain) return () => move(at.row + step[0], at.column + step[1]);
    if (event.key === "Enter" || event.key === "F2") return () => setTyping(textAt(at));
    if (event.key === "Delete" || event.key === "Backspace") return () => put(at, "");
    if (event.key === " " && event.shiftKey) return () => onToggle(at.row);
    return event.key.length === 1 && isPlain ? () => setTyping(event.key) : undefined;
  };
  return {
    at,
    typing,
    move,
    goTo: setAt,
    begin: (place) => {
      setAt(place);
      setTyping(textAt(place));
    },
    write: (place, text, [down, right]) => {
      put(place, text);
      move(place.row + down, place.column + right);
    },
    onKey: (event) => {
      const action = typing === null && isCell(event.target) ? act(event) : undefined;
      if (!action) return;
      event.preventDefault();
      action();
    },
    onPaste: (event) => {
      if (typing !== null || !isCell(event.target)) return;
      event.preventDefault();
      const text = event.clipboardData.getData("text/plain");
      edit(pasteCells(rows, { row: at.row, column: columns[at.column]!, text }, columns));
    },
  };
}

const isCell = (target: EventTarget): boolean => target instanceof HTMLTableCellElement;

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

export const cellId = ({ row, column }: Place): string => `cell-${row}-${column}`;

const within = (value: number, count: number): number => Math.max(0, Math.min(count - 1, value));
