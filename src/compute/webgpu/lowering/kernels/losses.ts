/**
 * The losses and their derivatives. A first pass sums, over all voxels, what they need: for each class Σpg, Σp and Σg
 * (p probability, g 1 in voxels of the class), for each focal term its sum. A second adds the parts; then come the value or the derivative.
 */
import type { Loss } from "../../../../network/graph.ts";
import {
  type BufferId,
  type Dispatch,
  float,
  linearDispatch,
  type Scratch,
  threadsPerGroup,
} from "../dispatch.ts";
import { partsOf, sumPartsDispatch, treeSum } from "./reduction.ts";

export interface LossOperands {
  readonly probabilities: BufferId;
  readonly labels: BufferId;
  readonly output: BufferId;
  /** Of the probabilities. */
  readonly shape: readonly number[];
  readonly loss: Loss;
}

type Tversky = Extract<Loss, { type: "tversky" }>;
type Focal = Extract<Loss, { type: "focal" }>;

/** Denominators below this are a class that is neither there nor predicted: its index is 0, not 0/0. */
const smallest = 1e-7;

/** Keeps logarithm and quotient finite; so small that a voxel which is utterly wrong still gets its full gradient. */
const leastProbability = 1e-30;

/** Keeps (1 − p) to a negative power finite where p is rounded to 1. */
const leastRest = 1e-8;

export function lossDispatches(operands: LossOperands, scratch: Scratch): readonly Dispatch[] {
  const { classes, count } = sizes(operands.shape);
  const terms = termsOf(operands.loss);
  const focals = terms.filter((term) => term.type === "focal");
  const { dispatches, sums } = sumDispatches(operands, focals, scratch);
  const value = terms.map((term) =>
    term.type === "focal"
      ? `  value -= sums[${classes + focals.indexOf(term)}u].x / ${float(count)};`
      : `  value += ${float(classes)};
  for (var c = 0u; c < ${classes}u; c++) { value -= ${classWeight(term)} * sums[c].x / ${denominator(term)}; }`,
  );
  const last = linearDispatch({
    label: "loss",
    reads: [{ name: "sums", buffer: sums, element: "vec4f" }],
    writes: [{ name: "output", buffer: operands.output }],
    count: 1,
    functions: weightTables(terms, classes),
    code: `  var value = 0.0f;\n${value.join("\n")}\n  output[0] = value;`,
  });
  return [...dispatches, last];
}

/** Tversky: dL/dp = w (αT/d − g(1 − (1−α−β)T)/d) with T the index, d its denominator; focal: see `focalSlope`. */
export function lossGradientDispatches(operands: LossOperands, scratch: Scratch): readonly Dispatch[] {
  const { classes, voxels, count } = sizes(operands.shape);
  const terms = termsOf(operands.loss);
  const tverskys = terms.filter((term) => term.type === "tversky");
  const { dispatches, sums } =
    tverskys.length > 0 ? sumDispatches(operands, [], scratch) : { dispatches: [], sums: undefined };
  const slopes = terms.map((term) =>
    term.type === "focal"
      ? `    if (isTrue) { slope += ${focalSlope(term, count)}; }`
      : `    {
      let d = ${denominator(term)};
      let index = sums[c].x / d;
      slope += ${classWeight(term)} * (${float(term.alpha)} * index - select(0.0f, 1.0f - ${float(1 - term.alpha - term.beta)} * index, isTrue)) / d;
    }`,
  );
  const last = linearDispatch({
    label: "lossGradient",
    reads: [
      { name: "probabilities", buffer: operands.probabilities },
      { name: "labels", buffer: operands.labels, element: "u32" },
      ...(sums === undefined ? [] : [{ name: "sums", buffer: sums, element: "vec4f" as const }]),
    ],
    writes: [{ name: "output", buffer: operands.output }],
    count,
    functions: weightTables(terms, classes) + labelAt,
    code: `
  let first = i / ${voxels}u * ${classes * voxels}u + i % ${voxels}u;
  let label = labelAt(i);
  for (var c = 0u; c < ${classes}u; c++) {
    let isTrue = c == label;
    let p = max(probabilities[first + c * ${voxels}u], ${float(leastProbability)});
    let rest = max(1.0f - p, ${float(leastRest)});
    var slope = 0.0f;
${slopes.join("\n")}
    output[first + c * ${voxels}u] = slope;
  }`,
  });
  return [...dispatches, last];
}

const termsOf = (loss: Loss): readonly (Tversky | Focal)[] =>
  loss.type === "sum" ? loss.terms.flatMap(termsOf) : [loss];

const sizes = ([batch, classes, ...extent]: readonly number[]) => {
  const voxels = extent.reduce((a, b) => a * b, 1);
  return { classes: classes!, voxels, count: batch! * voxels };
};

/** Sums as vec4f: a class each (Σpg, Σp, Σg, 0), then each focal term (its sum, 0, 0, 0). */
function sumDispatches(
  { probabilities, labels, shape }: LossOperands,
  focals: readonly Focal[],
  scratch: Scratch,
): { dispatches: readonly Dispatch[]; sums: BufferId } {
  const { classes, voxels, count } = sizes(shape);
  const columns = classes + focals.length;
  const partCount = partsOf(count);
  const chunk = Math.ceil(count / partCount);
  const parts = scratch(16 * partCount * columns);
  const sums = scratch(16 * columns);
  const focalCases = focals.map(
    (term, index) => `      if (column == ${classes + index}u) {
        let p = max(truth(i), ${float(leastProbability)});
        let rest = max(1.0f - p, ${float(leastRest)});
        let c = min(labelAt(i), ${classes - 1}u);
        sum.x += select(0.0f, ${classWeight(term)} * ${power(term.gamma)} * log(p), labelAt(i) < ${classes}u);
      }`,
  );
  const first: Dispatch = {
    label: "sums of the loss",
    reads: [
      { name: "probabilities", buffer: probabilities },
      { name: "labels", buffer: labels, element: "u32" },
    ],
    writes: [{ name: "parts", buffer: parts, element: "vec4f" }],
    groups: [partCount, columns, 1],
    body: `${treeSum}${labelAt}${weightTables(focals, classes)}
fn probability(i: u32, c: u32) -> f32 {
  return probabilities[(i / ${voxels}u * ${classes}u + c) * ${voxels}u + i % ${voxels}u];
}
fn truth(i: u32) -> f32 { return probability(i, min(labelAt(i), ${classes - 1}u)); }

@compute @workgroup_size(${threadsPerGroup})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column = group.y;
  let end = min(${count}u, (group.x + 1u) * ${chunk}u);
  var sum = vec4f();
  for (var i = group.x * ${chunk}u + lane; i < end; i += ${threadsPerGroup}u) {
    if (column < ${classes}u) {
      let g = select(0.0f, 1.0f, labelAt(i) == column);
      let p = probability(i, column);
      sum += vec4f(p * g, p, g, 0.0f);
    } else {
${focalCases.join("\n")}
    }
  }
  sumOverGroup(lane, sum);
  if (lane == 0u) { parts[group.x * ${columns}u + column] = sums[0]; }
}`,
  };
  return {
    dispatches: [first, sumPartsDispatch(parts, sums, { count: 4 * columns, partCount })],
    sums,
  };
}

const labelAt = `
fn labelAt(i: u32) -> u32 { return (labels[i / 4u] >> (8u * (i % 4u))) & 255u; }`;

/** Σpg + αΣp(1−g) + βΣ(1−p)g of class `c`. */
const denominator = ({ alpha, beta }: Tversky): string =>
  `max(${float(1 - alpha - beta)} * sums[c].x + ${float(alpha)} * sums[c].y + ${float(beta)} * sums[c].z, ${float(smallest)})`;

/** d/dp of −w (1−p)^γ log p / voxels: w (γ (1−p)^(γ−1) log p − (1−p)^γ / p) / voxels. */
function focalSlope(term: Focal, count: number): string {
  const through = term.gamma === 0 ? "" : `${float(term.gamma)} * ${power(term.gamma - 1)} * log(p) `;
  return `${classWeight(term)} * (${through}- ${power(term.gamma)} / p) * ${float(1 / count)}`;
}

/** (1 − p)^exponent, from `rest`. */
function power(exponent: number): string {
  if (exponent === 0) return "1.0f";
  if (exponent === 1) return "rest";
  if (exponent === 2) return "(rest * rest)";
  return `pow(rest, ${float(exponent)})`;
}

/** The weight of class `c`. */
const classWeight = ({ classWeights }: Tversky | Focal): string =>
  classWeights === undefined ? "1.0f" : `${tableName(classWeights)}(c)`;

const tableName = (weights: readonly number[]): string =>
  `weight_${weights.map((weight) => String(weight).replace(/[^\w]/g, "_")).join("_")}`;

/** A function of `c` for every different set of class weights. */
function weightTables(terms: readonly (Tversky | Focal)[], classes: number): string {
  const tables = new Map(
    terms.flatMap(({ classWeights }) =>
      classWeights === undefined ? [] : [[tableName(classWeights), classWeights]],
    ),
  );
  return [...tables]
    .map(
      ([name, weights]) => `
fn ${name}(c: u32) -> f32 {
  var table = array<f32, ${classes}>(${Array.from({ length: classes }, (_, label) => float(weights[label] ?? 1)).join(", ")});
  return table[c];
}`,
    )
    .join("");
}
