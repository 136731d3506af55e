/**
 * Who may be matched with whom, never listed as a whole: in a dense blob every true object is near every detection, and
 * the pairs would fill the memory. Either side tells the neighbours of one member when it is asked.
 */

/** Told a neighbour on the other side and its distance, 0 or more; `true` ends the telling. */
export type NeighbourVisit = (neighbour: number, distance: number) => boolean | undefined;

export interface MatchSide {
  readonly count: number;
  /** Each neighbour within this distance, ends included, once and in any order. */
  visitNeighbours(member: number, within: number, visit: NeighbourVisit): void;
}

/** Rows are the true objects, columns the detections. */
export interface MatchGraph {
  readonly rows: MatchSide;
  readonly columns: MatchSide;
  /** No distance of neighbours is greater. */
  readonly greatestDistance: number;
}

export interface MatchedPair {
  readonly row: number;
  readonly column: number;
  readonly distance: number;
}
