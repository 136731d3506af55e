/**
 * Losses and their derivatives in WGSL; what they compute, their formulas say. A first pass sums, over all voxels, what the terms
 * need: for each class the sums of the class terms, for each voxel term its value. A second adds the parts; then come the value or the derivative.
 */
import { createPrint, type Expression } from "../../../../network/losses/expression.ts";
import {
  type ClassTerm,
  classSlopes,
  type LossFormula,
  type LossTerm,
  leastCount,
  unknownLabel,
  unknownWeightOf,
  type VoxelTerm,
  voxelSlope,
} from "../../../../network/losses/loss.ts";
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
  readonly formula: LossFormula;
}

export function lossDispatches(operands: LossOperands, scratch: Scratch): readonly Dispatch[] {
  const { formula } = operands;
  const { classes, count } = sizes(operands.shape);
  const columns = columnsOf(formula, classes);
  const { dispatches, sums } = sumDispatches(operands, columns, scratch);
  const values = formula.map((term) =>
    term.over === "voxels"
      ? `  value += sums[${columns.ofVoxels(term)}u].x / ${countOf(columns, term, count)};`
      : `  value += ${float(term.offset * classes)};
  for (var c = 0u; c < ${classes}u; c++) { value += ${classWeight(term)} * ${columns.print(term)(term.value)}; }`,
  );
  const last = linearDispatch({
    label: "loss",
    reads: [{ name: "sums", buffer: sums, element: "vec4f" }],
    writes: [{ name: "output", buffer: operands.output }],
    count: 1,
    functions: weightTables(formula, classes),
    code: `  var value = 0.0f;\n${values.join("\n")}\n  output[0] = value;`,
  });
  return [...dispatches, last];
}

export function lossGradientDispatches(operands: LossOperands, scratch: Scratch): readonly Dispatch[] {
  const { formula } = operands;
  const { classes, voxels, count } = sizes(operands.shape);
  const unknownWeight = unknownWeightOf(formula);
  // a mean over voxels that count alike needs no sum
  const columns = columnsOf(unknownWeight === undefined ? formula.filter(isClassTerm) : formula, classes);
  const summed =
    columns.count > 0 ? sumDispatches(operands, columns, scratch) : { dispatches: [], sums: undefined };
  const { dispatches, sums } = summed;
  const slopes = formula.flatMap((term) =>
    term.over === "voxels"
      ? [
          `if (isTrue) { slope += ${classWeight(term)} * ${printVoxel(voxelSlope(term))} ${unknownWeight === undefined ? `* ${float(1 / count)}` : `/ ${countOf(columns, term, count)}`}; }`,
        ]
      : classSlopes(term).map(
          ({ outer, inner }) =>
            `slope += ${classWeight(term)} * ${columns.print(term)(outer)} * ${printVoxel(inner)};`,
        ),
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
    functions: weightTables(formula, classes) + labelFunctions(unknownWeight),
    code: `
  let first = i / ${voxels}u * ${classes * voxels}u + i % ${voxels}u;
  let label = labelAt(i);
  for (var c = 0u; c < ${classes}u; c++) {
    let isTrue = c == label;
    let g = select(0.0f, 1.0f, isTrue);
    let p = probabilities[first + c * ${voxels}u];
    var slope = 0.0f;
    ${slopes.join("\n    ")}
    output[first + c * ${voxels}u] = slope${timesWeight(unknownWeight)};
  }`,
  });
  return [...dispatches, last];
}

const isClassTerm = (term: LossTerm): term is ClassTerm => term.over === "classes";
const isVoxelTerm = (term: LossTerm): term is VoxelTerm => term.over === "voxels";

const sizes = ([batch, classes, ...extent]: readonly number[]) => {
  const voxels = extent.reduce((a, b) => a * b, 1);
  return { classes: classes!, voxels, count: batch! * voxels };
};

/** Where the sums lie, in vec4f: for each class those of its summands in fours, then for each voxel term its sum alone. */
interface Columns {
  readonly count: number;
  /** Vectors that each class takes. */
  readonly perClass: number;
  /** What is summed for each class, each once. */
  readonly summands: readonly Expression[];
  readonly voxelTerms: readonly VoxelTerm[];
  ofVoxels(term: VoxelTerm): number;
  /** Prints expressions of a term's sums of class `c`. */
  print(term: ClassTerm): (expression: Expression) => string;
}

function columnsOf(formula: LossFormula, classes: number): Columns {
  const summands = new Map(
    formula
      .filter(isClassTerm)
      .flatMap(({ sums }) => Object.values(sums))
      .map((summand) => [JSON.stringify(summand), summand]),
  );
  const keys = [...summands.keys()];
  const voxelTerms = formula.filter(isVoxelTerm);
  const perClass = Math.ceil(keys.length / 4);
  const placeOf = (summand: Expression) => {
    const index = keys.indexOf(JSON.stringify(summand));
    return `sums[c * ${perClass}u + ${Math.floor(index / 4)}u].${"xyzw"[index % 4]}`;
  };
  return {
    count: classes * perClass + voxelTerms.length,
    perClass,
    summands: [...summands.values()],
    voxelTerms,
    ofVoxels: (term) => classes * perClass + voxelTerms.indexOf(term),
    print: ({ sums }) => printWith((name) => placeOf(sums[name]!)),
  };
}

function sumDispatches(
  { probabilities, labels, shape, formula }: LossOperands,
  { count: columns, perClass, summands, voxelTerms }: Columns,
  scratch: Scratch,
): { dispatches: readonly Dispatch[]; sums: BufferId } {
  const { classes, voxels, count } = sizes(shape);
  const unknownWeight = unknownWeightOf(formula);
  const weight = timesWeight(unknownWeight);
  const partCount = partsOf(count);
  const chunk = Math.ceil(count / partCount);
  const parts = scratch(16 * partCount * columns);
  const sums = scratch(16 * columns);
  const vectors = Array.from({ length: perClass }, (_, index) => {
    const four = Array.from({ length: 4 }, (_, lane) => summands[4 * index + lane]);
    const lanes = four.map((summand) => (summand === undefined ? "0.0f" : printVoxel(summand)));
    return `      if (column % ${perClass}u == ${index}u) { sum += vec4f(${lanes.join(", ")})${weight}; }`;
  });
  const voxelCases = voxelTerms.map(
    (term, index) => `      if (column == ${classes * perClass + index}u) {
        sum.x += select(0.0f, ${classWeight(term)} * ${printVoxel(term.value)}, labelAt(i) < ${classes}u)${weight};${unknownWeight === undefined ? "" : "\n        sum.y += voxelWeight(i);"}
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
    body: `${treeSum}${labelFunctions(unknownWeight)}${weightTables(voxelTerms, classes)}
fn probability(i: u32, c: u32) -> f32 {
  return probabilities[(i / ${voxels}u * ${classes}u + c) * ${voxels}u + i % ${voxels}u];
}

@compute @workgroup_size(${threadsPerGroup})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column = group.y;
  let end = min(${count}u, (group.x + 1u) * ${chunk}u);
  var sum = vec4f();
  for (var i = group.x * ${chunk}u + lane; i < end; i += ${threadsPerGroup}u) {
    if (column < ${classes * perClass}u) {
      let c = column / ${Math.max(1, perClass)}u;
      let g = select(0.0f, 1.0f, labelAt(i) == c);
      let p = probability(i, c);
${vectors.join("\n")}
    } else {
      let c = min(labelAt(i), ${classes - 1}u);
      let g = 1.0f;
      let p = probability(i, c);
${voxelCases.join("\n")}
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

/** WGSL: the label of a voxel and, where unknown ones count less, how much it counts. */
function labelFunctions(unknownWeight: number | undefined): string {
  const stored = "(labels[i / 4u] >> (8u * (i % 4u))) & 255u";
  if (unknownWeight === undefined)
    return `
fn labelAt(i: u32) -> u32 { return ${stored}; }`;
  return `
fn storedLabelAt(i: u32) -> u32 { return ${stored}; }
fn labelAt(i: u32) -> u32 { return select(storedLabelAt(i), 0u, storedLabelAt(i) == ${unknownLabel}u); }
fn voxelWeight(i: u32) -> f32 { return select(1.0f, ${float(unknownWeight)}, storedLabelAt(i) == ${unknownLabel}u); }`;
}

const timesWeight = (unknownWeight: number | undefined): string =>
  unknownWeight === undefined ? "" : " * voxelWeight(i)";

/** What a sum over voxels is divided by; `count`: of all voxels. */
const countOf = (columns: Columns, term: VoxelTerm, count: number): string =>
  term.unknownWeight === undefined
    ? float(count)
    : `max(sums[${columns.ofVoxels(term)}u].y, ${float(leastCount)})`;

const signs = { plus: "+", minus: "-", times: "*", over: "/" } as const;

const printWith = (nameOf: (variable: string) => string): ((expression: Expression) => string) =>
  createPrint<string>({
    number: (value) => (value < 0 ? `(${float(value)})` : float(value)),
    variable: nameOf,
    operate: (type, a, b) => `(${a} ${signs[type]} ${b})`,
    power: (base, exponent) => (exponent === 2 ? `(${base} * ${base})` : `pow(${base}, ${float(exponent)})`),
    apply: (name, of) => `${name}(${of})`,
    atLeast: (of, least) => `max(${of}, ${float(least)})`,
  });

/** Of `p` and `g` in a voxel. */
const printVoxel = (expression: Expression): string => printWith((name) => name)(expression);

/** The weight of class `c`. */
const classWeight = ({ classWeights }: LossTerm): string =>
  classWeights === undefined ? "1.0f" : `${tableName(classWeights)}(c)`;

const tableName = (weights: readonly number[]): string =>
  `weight_${weights.map((weight) => String(weight).replace(/[^\w]/g, "_")).join("_")}`;

/** A function of `c` for every different set of class weights. */
function weightTables(formula: LossFormula, classes: number): string {
  const tables = new Map(
    formula.flatMap(({ classWeights }) =>
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
