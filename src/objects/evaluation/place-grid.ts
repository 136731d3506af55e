/** Objects by place, so that those near a point are found without a look at all of them. */
import type { ObjectList, TomogramObject } from "../object-list.ts";
import type { NeighbourVisit } from "./match-graph.ts";

export interface PlaceGrid {
  /** Tells every object within this distance, ends included; `true` from the visit ends it. */
  visitWithin(centre: Pick<TomogramObject, "x" | "y" | "z">, distance: number, visit: NeighbourVisit): void;
}

/** Objects that a cell should hold where they lie evenly. */
const wantedInCell = 4;

type Triple = readonly [number, number, number];

export function createPlaceGrid(list: ObjectList): PlaceGrid {
  const places = Float64Array.from(list.flatMap(({ x, y, z }) => [x, y, z]));
  const { lowest, cell, counts } = layOut(places, list.length);
  const cellOf = (value: number, axis: number): number =>
    Math.min(counts[axis] - 1, Math.max(0, Math.floor((value - lowest[axis]) / cell)));
  const cells = new Int32Array(list.length);
  for (let index = 0; index < list.length; index++) {
    const [x, y, z] = [0, 1, 2].map((axis) => cellOf(places[3 * index + axis], axis));
    cells[index] = (z * counts[1] + y) * counts[0] + x;
  }
  const { starts, members } = sortByCell(cells, counts[0] * counts[1] * counts[2]);

  const visitCells = (
    from: number,
    to: number,
    { x, y, z }: Centre,
    distance: number,
    visit: NeighbourVisit,
  ) => {
    for (let at = starts[from]; at < starts[to + 1]; at++) {
      const member = members[at];
      const dx = places[3 * member] - x;
      const dy = places[3 * member + 1] - y;
      const dz = places[3 * member + 2] - z;
      const between = Math.sqrt(dz * dz + dy * dy + dx * dx);
      if (between <= distance && visit(member, between)) return true;
    }
    return false;
  };

  return {
    visitWithin(centre, distance, visit) {
      const first = [centre.x, centre.y, centre.z].map((value, axis) => cellOf(value - distance, axis));
      const last = [centre.x, centre.y, centre.z].map((value, axis) => cellOf(value + distance, axis));
      for (let z = first[2]; z <= last[2]; z++)
        for (let y = first[1]; y <= last[1]; y++) {
          const row = (z * counts[1] + y) * counts[0];
          if (visitCells(row + first[0], row + last[0], centre, distance, visit)) return;
        }
    },
  };
}

type Centre = Pick<TomogramObject, "x" | "y" | "z">;

/** The lowest corner, the side of a cell, and the cells along x, y and z: about as many as there are objects at most. */
function layOut(places: Float64Array, count: number): { lowest: Triple; cell: number; counts: Triple } {
  const bounds = [0, 1, 2].map((axis) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let index = 0; index < count; index++) {
      low = Math.min(low, places[3 * index + axis]);
      high = Math.max(high, places[3 * index + axis]);
    }
    return count === 0 ? { low: 0, length: 0 } : { low, length: high - low };
  });
  const most = Math.max(1, count / wantedInCell);
  const along = (cell: number) => bounds.map(({ length }) => Math.floor(length / cell) + 1);
  let cell = 1;
  while (along(cell).reduce((product, number) => product * number, 1) > most) cell *= 1.25;
  while (along(cell / 1.25).reduce((product, number) => product * number, 1) <= most && cell > 1e-3)
    cell /= 1.25;
  return {
    lowest: bounds.map(({ low }) => low) as unknown as Triple,
    cell,
    counts: along(cell) as unknown as Triple,
  };
}

/** The objects of each cell, in the order of the list, and where each cell's begin. */
function sortByCell(cells: Int32Array, cellCount: number): { starts: Int32Array; members: Int32Array } {
  const starts = new Int32Array(cellCount + 1);
  for (const cell of cells) starts[cell + 1]++;
  for (let cell = 0; cell < cellCount; cell++) starts[cell + 1] += starts[cell];
  const next = starts.slice();
  const members = new Int32Array(cells.length);
  cells.forEach((cell, index) => {
    members[next[cell]++] = index;
  });
  return { starts, members };
}
