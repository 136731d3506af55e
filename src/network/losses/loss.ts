/** What a loss is: plain data that engines print, and whose derivative is found in one place. One file of this folder each. */
import { derivativeOf, type Expression, times, variable } from "./expression.ts";

/** The label of voxels of which it is not known what they are; no class has it. */
export const unknownLabel = 255;

/** An addend of a loss. */
export type LossTerm = ClassTerm | VoxelTerm;

/** Of sums over all voxels of the batch: `offset` · classes + Σ_c w_c · value(sums of c). */
export interface ClassTerm {
  readonly over: "classes";
  /** By name, what is summed: an expression of `p`, the probability of the class in a voxel, and `g`, 1 where it is true, else 0. */
  readonly sums: Readonly<Record<string, Expression>>;
  /** Of a class, an expression of its sums. */
  readonly value: Expression;
  readonly offset: number;
  /** w_c by label; 1 where not given. */
  readonly classWeights?: readonly number[];
  /** Voxels of the label `unknownLabel` are background that counts so much in every sum, where others count 1; none has it when not given. */
  readonly unknownWeight?: number;
}

/** The mean over all voxels of w_c · value, c the true class. */
export interface VoxelTerm {
  readonly over: "voxels";
  /** An expression of `p`, the probability of the true class. */
  readonly value: Expression;
  readonly classWeights?: readonly number[];
  /** As in class terms; the mean is weighted so. */
  readonly unknownWeight?: number;
}

/** The sum of its terms. */
export type LossFormula = readonly LossTerm[];

/** The same in all terms. */
export const unknownWeightOf = (formula: LossFormula): number | undefined => formula[0]?.unknownWeight;

/** Keeps a mean over voxels of which none counts finite. */
export const leastCount = 1e-7;

/** A number of a loss that `train` may set. */
export interface LossParameter {
  /** One sentence, for `train`. */
  readonly description: string;
  readonly minimum: number;
  readonly maximum?: number;
  readonly default: number;
}

export interface Loss {
  /** As `loss` of `train` names it. */
  readonly name: string;
  /** For people who choose: a part of a sentence; none where the name says it. */
  readonly summary?: string;
  /** By name; the same name in several losses is the same parameter. */
  readonly parameters: Readonly<Record<string, LossParameter>>;
  /** Without the weights of classes, which every term gets. */
  terms(parameters: Readonly<Record<string, number>>): LossFormula;
}

/** d/dp of a sum over classes in a voxel: Σ over the sums of `outer` · `inner`. */
export interface Slope {
  /** d value / d sum: an expression of the class's sums, the same in all voxels. */
  readonly outer: Expression;
  /** d summand / dp: an expression of `p` and `g`. */
  readonly inner: Expression;
}

/** The derivative of a term by the probability of each class in each voxel, by the chain rule; sums that do not depend on it left out. */
export function classSlopes({ sums, value }: ClassTerm): readonly Slope[] {
  return Object.entries(sums)
    .map(([name, summand]) => ({ outer: derivativeOf(value, name), inner: derivativeOf(summand, "p") }))
    .filter(({ outer, inner }) => !isZero(outer) && !isZero(inner));
}

/** d value / dp at the true class; times w_c / voxels it is the derivative of the mean. */
export const voxelSlope = ({ value }: VoxelTerm): Expression => derivativeOf(value, "p");

const isZero = (expression: Expression): boolean => expression.type === "number" && expression.value === 0;

/** Probability of the class in the voxel. */
export const p = variable("p");

/** 1 where the class is true, else 0. */
export const g = variable("g");

/** Sums that overlap losses are made of: Σpg, Σp, Σg. */
export const overlapSums = { overlap: times(p, g), predicted: p, present: g } as const;
