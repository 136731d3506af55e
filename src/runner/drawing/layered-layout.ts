/**
 * Places the nodes of a graph without cycles in columns from left to right, so that arrows point right and cross rarely:
 * the method of Sugiyama, Tagawa and Toda (1981). Columns by the longest way from a start, order within a column by the
 * mean place of the neighbours, arrows over several columns led through a place of their own in each.
 */

export interface LayoutNode {
  readonly id: string;
  readonly dependsOn: readonly string[];
}

export interface LayoutOptions {
  /** Pixels. */
  readonly nodeWidth: number;
  readonly nodeHeight: number;
  readonly columnGap: number;
  readonly rowGap: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Upper left corner by id. */
  readonly places: ReadonlyMap<string, Point>;
  /** From the right side of `from` to the left side of `to`, with the points that it passes; pixels. */
  readonly arrows: readonly {
    readonly from: string;
    readonly to: string;
    readonly points: readonly Point[];
  }[];
}

/** A node, or the place where an arrow passes a column. */
interface Cell {
  readonly id?: string;
  readonly column: number;
  readonly before: Cell[];
  readonly after: Cell[];
  /** Upper side. */
  y: number;
  readonly height: number;
}

const sweeps = 12;
/** An arrow that passes takes less room than a node. */
const passHeight = 10;

/** `nodes` in dependency order. */
export function layOutGraph(nodes: readonly LayoutNode[], options: LayoutOptions): Layout {
  const cells = new Map<string, Cell>();
  const columns: Cell[][] = [];
  const chains: { from: string; to: string; cells: readonly Cell[] }[] = [];
  const addCell = (column: number, height: number, id?: string): Cell => {
    const cell: Cell = { ...(id !== undefined && { id }), column, before: [], after: [], y: 0, height };
    columns[column] ??= [];
    columns[column].push(cell);
    return cell;
  };
  for (const { id, dependsOn } of nodes) {
    const before = dependsOn.flatMap((name) => cells.get(name) ?? []);
    const column = before.reduce((most, cell) => Math.max(most, cell.column), -1) + 1;
    cells.set(id, addCell(column, options.nodeHeight, id));
  }
  for (const { id, dependsOn } of nodes)
    for (const name of dependsOn) {
      const [from, to] = [cells.get(name), cells.get(id)!];
      if (!from) continue;
      const passes: Cell[] = [];
      for (let column = from.column + 1; column < to.column; column++)
        passes.push(addCell(column, passHeight));
      const chain = [from, ...passes, to];
      chain.slice(1).forEach((cell, index) => {
        cell.before.push(chain[index]!);
        chain[index]!.after.push(cell);
      });
      chains.push({ from: name, to: id, cells: chain });
    }
  orderColumns(columns, options);
  straighten(columns, options);
  return measure(columns, cells, { chains, options });
}

function stack(column: readonly Cell[], { rowGap }: LayoutOptions): void {
  let y = 0;
  for (const cell of column) {
    cell.y = y;
    y += cell.height + rowGap;
  }
}

const middle = ({ y, height }: Cell): number => y + height / 2;
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function orderColumns(columns: Cell[][], options: LayoutOptions): void {
  for (const column of columns) stack(column, options);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const forward = sweep % 2 === 0;
    for (const column of forward ? columns : [...columns].reverse()) {
      const wish = new Map(
        column.map((cell) => {
          const neighbours = forward ? cell.before : cell.after;
          return [cell, neighbours.length > 0 ? mean(neighbours.map(middle)) : middle(cell)];
        }),
      );
      column.sort((a, b) => wish.get(a)! - wish.get(b)!);
      stack(column, options);
    }
  }
}

/** Moves every cell towards the middle of its neighbours, as far as those above and below it leave room. */
function straighten(columns: readonly Cell[][], { rowGap }: LayoutOptions): void {
  for (let sweep = 0; sweep < 2 * sweeps; sweep++) {
    const forward = sweep % 2 === 1;
    for (const column of forward ? columns : [...columns].reverse()) {
      const wishes = column.map((cell) => {
        const neighbours = forward ? cell.before : cell.after;
        const others = neighbours.length > 0 ? neighbours : [...cell.before, ...cell.after];
        return others.length > 0 ? mean(others.map(middle)) - cell.height / 2 : cell.y;
      });
      placeApart(column, wishes, rowGap);
    }
  }
}

/** The mean of pushing down from the top and up from the bottom: both keep the gaps, so does their mean. */
function placeApart(column: readonly Cell[], wishes: readonly number[], gap: number): void {
  const down: number[] = [];
  column.forEach((_, index) => {
    const above = index === 0 ? -Infinity : down[index - 1]! + column[index - 1]!.height + gap;
    down.push(Math.max(wishes[index]!, above));
  });
  const up: number[] = [];
  for (let index = column.length - 1; index >= 0; index--) {
    const below = index === column.length - 1 ? Infinity : up[index + 1]! - column[index]!.height - gap;
    up[index] = Math.min(wishes[index]!, below);
  }
  column.forEach((cell, index) => {
    cell.y = (down[index]! + up[index]!) / 2;
  });
}

interface Placed {
  readonly chains: readonly { from: string; to: string; cells: readonly Cell[] }[];
  readonly options: LayoutOptions;
}

function measure(
  columns: readonly Cell[][],
  cells: ReadonlyMap<string, Cell>,
  { chains, options }: Placed,
): Layout {
  const { nodeWidth, columnGap } = options;
  const all = columns.flat();
  const top = all.reduce((least, { y }) => Math.min(least, y), Infinity);
  const left = ({ column }: Cell) => column * (nodeWidth + columnGap);
  const arrows = chains.map(({ from, to, cells: [first, ...rest] }) => {
    const points = [{ x: left(first!) + nodeWidth, y: middle(first!) - top }];
    for (const cell of rest) {
      points.push({ x: left(cell), y: middle(cell) - top });
      if (cell.id === undefined) points.push({ x: left(cell) + nodeWidth, y: middle(cell) - top });
    }
    return { from, to, points };
  });
  return {
    width: Math.max(0, columns.length * (nodeWidth + columnGap) - columnGap),
    height: all.reduce((most, { y, height }) => Math.max(most, y + height - top), 0),
    places: new Map([...cells].map(([id, cell]) => [id, { x: left(cell), y: cell.y - top }])),
    arrows,
  };
}
