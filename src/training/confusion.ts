/** Voxel-wise scores from the confusion matrix of true and predicted labels. */

import { unknownLabel } from "../network/losses/loss.ts";

/** Counts voxels by true label (row) and predicted label (column). */
export class Confusion {
  readonly classes: number;
  /** (true, predicted). */
  readonly counts: Float64Array;

  constructor(classes: number, counts = new Float64Array(classes * classes)) {
    this.classes = classes;
    this.counts = counts;
  }

  /** Voxels whose true label is that of unknown ones are left out. */
  add(truth: Uint8Array, predicted: Uint8Array): void {
    for (let i = 0; i < truth.length; i++)
      if (truth[i] !== unknownLabel) this.counts[truth[i]! * this.classes + predicted[i]!]!++;
  }

  get accuracy(): number {
    let right = 0;
    for (let label = 0; label < this.classes; label++) right += this.#count(label, label);
    return ratio(
      right,
      this.counts.reduce((sum, count) => sum + count, 0),
    );
  }

  /** By label, background first. */
  get precision(): readonly number[] {
    return this.#perClass((label) => ratio(this.#count(label, label), this.#predicted(label)));
  }

  get recall(): readonly number[] {
    return this.#perClass((label) => ratio(this.#count(label, label), this.#true(label)));
  }

  get f1(): readonly number[] {
    return this.#perClass((label) =>
      ratio(2 * this.#count(label, label), this.#predicted(label) + this.#true(label)),
    );
  }

  #perClass(score: (label: number) => number): readonly number[] {
    return Array.from({ length: this.classes }, (_, label) => score(label));
  }

  #count(truth: number, predicted: number): number {
    return this.counts[truth * this.classes + predicted]!;
  }

  #true(label: number): number {
    return this.#perClass((other) => this.#count(label, other)).reduce((sum, count) => sum + count, 0);
  }

  #predicted(label: number): number {
    return this.#perClass((other) => this.#count(other, label)).reduce((sum, count) => sum + count, 0);
  }
}

/** 0 where there is nothing to divide by, as scikit-learn's `zero_division=0`. */
const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
