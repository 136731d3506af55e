/** Recipes that are compared: what each says of the steps, beside what all have in common. */
import type { Parameters } from "../../src/schema/step-description.ts";

export interface BenchRecipe {
  readonly name: string;
  readonly what: string;
  readonly target?: Parameters;
  readonly train?: Parameters;
  readonly segment?: Parameters;
  readonly cluster?: Parameters;
  /** Share of the training objects that are listed; all when not given. */
  readonly annotated?: number;
  /** Said of the training rows. */
  readonly annotation?: "partial";
}

/** What the study found best for all. */
const common: Parameters = {
  loss: "dice-cross-entropy",
  learningRate: 0.001,
  schedule: "cosine",
  warmupSteps: 20,
  averageDecay: 0.98,
  inPlaneTurn: true,
  mirror: true,
};
const meanShift: Parameters = { method: "mean-shift" };
const peaks: Parameters = { method: "peaks", smoothing: 0.4, suppressOverlap: 0.8 };
const mirrors: Parameters = { scores: true, testTimeAugmentation: "mirrors" };
const small: Parameters = { radiusFactor: 0.7 };
const pasted: Parameters = { ...common, paste: 2 };

export const recipes: readonly BenchRecipe[] = [
  {
    name: "original",
    what: "Tversky, rate 1e-4, turns about y alone, mean-shift",
    segment: { scores: true },
    cluster: meanShift,
  },
  { name: "base", what: "mean-shift", train: common, segment: mirrors, cluster: meanShift },
  { name: "peaks", what: "base, peaks", train: common, segment: mirrors, cluster: peaks },
  {
    name: "small balls",
    what: "peaks, radiusFactor 0.7",
    target: small,
    train: common,
    segment: mirrors,
    cluster: peaks,
  },
  { name: "paste", what: "peaks, paste 2", train: pasted, segment: mirrors, cluster: peaks },
  {
    name: "jitter",
    what: "peaks, blur 0.5, noise 0.5, intensityJitter 0.1",
    train: { ...common, blur: 0.5, noise: 0.5, intensityJitter: 0.1 },
    segment: mirrors,
    cluster: peaks,
  },
  {
    name: "recommended",
    what: "peaks, radiusFactor 0.7, paste 2",
    target: small,
    train: pasted,
    segment: mirrors,
    cluster: peaks,
  },
  {
    name: "30 % as complete",
    what: "recommended, 30 % of the training objects listed",
    target: small,
    train: pasted,
    segment: mirrors,
    cluster: peaks,
    annotated: 0.3,
  },
  {
    name: "30 % partial",
    what: "the same, annotation: partial, annotatedWithin 2, unknownWeight 0.05",
    target: small,
    train: { ...pasted, annotatedWithin: 2, unknownWeight: 0.05 },
    segment: mirrors,
    cluster: peaks,
    annotated: 0.3,
    annotation: "partial",
  },
];
