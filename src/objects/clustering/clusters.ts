/** What a clustering method makes of points: centres, and the cluster of each point. */
export interface Clusters {
  /** (k, 3), (z, y, x), voxels, in rank order. */
  readonly centres: Float64Array;
  /** (n): the cluster of each point. */
  readonly assigned: Int32Array;
  /** (k): number of points. */
  readonly sizes: Uint32Array;
}
