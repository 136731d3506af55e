/** What training measured after each epoch, and the files that hold it. */
export { type NamedHistory, readHistoryCsv, writeHistoryCsv } from "./history/csv.ts";
export { readHistoryHdf5, writeHistoryHdf5 } from "./history/hdf5.ts";

export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Mean loss of the epoch's training batches. */
  readonly loss: number;
  /** Share of voxels labelled rightly, 0 … 1. */
  readonly accuracy: number;
  readonly validationLoss: number;
  readonly validationAccuracy: number;
  /** On validation patches, by label, background first; 0 where a class had no voxel to judge. */
  readonly f1: readonly number[];
  readonly precision: readonly number[];
  readonly recall: readonly number[];
  readonly learningRate: number;
}

/** In order of epochs. */
export type History = readonly EpochRecord[];
