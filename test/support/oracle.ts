/** The oracle: forward graphs run operation by operation with tfjs on its CPU backend, gradients by its own differentiation. */

import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import type { Tensors } from "../../src/compute/engine.ts";
import type { Graph, Operation, ValueId } from "../../src/network/graph.ts";
import type { Expression } from "../../src/network/losses/expression.ts";
import type { LossFormula } from "../../src/network/losses/loss.ts";

// The gradient functions are registered by a module that only CommonJS resolution finds.
createRequire(import.meta.url)("@tensorflow/tfjs-core/dist/register_all_gradients");

/** Runs a forward graph (no gradients, no optimiser). */
export function runOracle(graph: Graph, feeds: Tensors): Record<string, Float32Array> {
  return tf.tidy(() => {
    const values = evaluate(graph, feedTensors(graph, feeds));
    return Object.fromEntries(
      Object.entries(graph.outputs).map(([name, value]) => [
        name,
        Float32Array.from(values.get(value)!.dataSync()),
      ]),
    );
  });
}

/** Derivatives of the scalar output `loss` with respect to the named inputs. */
export function oracleGradients(
  graph: Graph,
  feeds: Tensors,
  { loss, wanted }: { loss: string; wanted: readonly string[] },
): Record<string, Float32Array> {
  return tf.tidy(() => {
    const tensors = feedTensors(graph, feeds);
    const f = (...args: tf.Tensor[]) => {
      const fed = new Map(tensors);
      wanted.forEach((name, i) => {
        fed.set(graph.inputs[name]!, args[i]!);
      });
      return tf.reshape(evaluate(graph, fed).get(graph.outputs[loss]!)!, []);
    };
    const gradients = tf.grads(f)(wanted.map((name) => tensors.get(graph.inputs[name]!)!));
    return Object.fromEntries(wanted.map((name, i) => [name, Float32Array.from(gradients[i]!.dataSync())]));
  });
}

function feedTensors(graph: Graph, feeds: Tensors): Map<ValueId, tf.Tensor> {
  return new Map(
    Object.entries(graph.inputs).map(([name, value]) => {
      const { shape } = graph.values[value]!;
      return [value, tf.tensor(Float32Array.from(feeds[name]!.data), [...shape])] as const;
    }),
  );
}

function evaluate(graph: Graph, fed: ReadonlyMap<ValueId, tf.Tensor>): Map<ValueId, tf.Tensor> {
  const values = new Map(fed);
  for (const operation of graph.operations)
    if (operation.type !== "adam")
      values.set(
        operation.output,
        apply(graph, operation, (id) => values.get(id)!),
      );
  return values;
}

const toLast = (x: tf.Tensor) => tf.transpose(x, [0, 2, 3, 4, 1]) as tf.Tensor5D;
const toFirst = (x: tf.Tensor) => tf.transpose(x, [0, 4, 1, 2, 3]);

function apply(graph: Graph, operation: Operation, get: (id: ValueId) => tf.Tensor): tf.Tensor {
  switch (operation.type) {
    case "conv3d": {
      const kernel = tf.transpose(get(operation.kernel), [2, 3, 4, 1, 0]) as tf.Tensor5D;
      const zeros = [[0, 0], ...operation.padding.map(([a, b]) => [a, b]), [0, 0]] as [number, number][];
      const padded = tf.pad(toLast(get(operation.x)), zeros) as tf.Tensor5D;
      const product = tf.conv3d(padded, kernel, 1, "valid");
      const sum = operation.bias === null ? product : tf.add(product, get(operation.bias));
      return toFirst(operation.relu ? tf.relu(sum) : sum);
    }
    case "maxPool3d":
      return toFirst(tf.maxPool3d(toLast(get(operation.x)), 2, 2, "valid"));
    case "upsample3d": {
      const [n, c, d, h, w] = get(operation.x).shape as [number, number, number, number, number];
      const apart = tf.reshape(get(operation.x), [n * c, d, 1, h, 1, w]);
      const ones = tf.ones([1, 1, 2, 1, 2, 1]);
      const rows = tf.mul(apart, ones);
      return tf.reshape(tf.stack([rows, rows], -1), [n, c, 2 * d, 2 * h, 2 * w]);
    }
    case "concat":
      return tf.concat(operation.inputs.map(get), 1);
    case "add":
      return tf.add(get(operation.a), get(operation.b));
    case "softmax":
      return toFirst(tf.softmax(toLast(get(operation.x))));
    case "crop3d": {
      const shape = graph.values[operation.output]!.shape;
      return tf.slice(get(operation.x), [0, 0, ...operation.start], [...shape]);
    }
    case "joinPlanes": {
      const [batch, channels, , height, width] = graph.values[operation.output]!.shape;
      const parts = operation.parts.map(({ x, start, count }) =>
        tf.slice(get(x), [0, 0, ...start], [batch!, channels!, count, height!, width!]),
      );
      return tf.concat(parts, 2);
    }
    case "zeros":
      return tf.zeros([...graph.values[operation.output]!.shape]);
    case "argMax":
      return tf.argMax(get(operation.x), 1);
    case "loss":
      return evaluateLoss(get(operation.probabilities), get(operation.labels), operation.formula);
    default:
      throw new Error(`the oracle has no ${operation.type}`);
  }
}

/** Forward alone: what tfjs differentiates by itself is held against the derivative that the engines print. */
function evaluateLoss(p: tf.Tensor, labels: tf.Tensor, formula: LossFormula): tf.Tensor {
  const classes = p.shape[1]!;
  const weight = formula[0]!.unknownWeight;
  const known = weight === undefined ? labels : tf.where(tf.equal(labels, 255), tf.zerosLike(labels), labels);
  const g = tf.cast(toFirst(tf.oneHot(tf.cast(known, "int32"), classes)), "float32");
  const counts = tf.where(tf.equal(labels, 255), tf.fill(labels.shape, weight ?? 1), tf.onesLike(labels));
  const terms = formula.map((term) => {
    const weights = tf.tensor(Array.from({ length: classes }, (_, label) => term.classWeights?.[label] ?? 1));
    if (term.over === "voxels") {
      const ofTruth = (x: tf.Tensor) => tf.sum(tf.mul(g, x), 1);
      const w = ofTruth(tf.reshape(weights, [1, classes, 1, 1, 1]));
      const weighted = tf.mul(tf.mul(evaluateExpression(term.value, { p: ofTruth(p) }), w), counts);
      return tf.div(tf.sum(weighted), tf.sum(counts));
    }
    const sums = Object.entries(term.sums).map(([name, summand]) => [
      name,
      tf.sum(
        tf.mul(tf.mul(evaluateExpression(summand, { p, g }), tf.onesLike(p)), tf.expandDims(counts, 1)),
        [0, 2, 3, 4],
      ),
    ]);
    const values = evaluateExpression(term.value, Object.fromEntries(sums));
    return tf.add(tf.sum(tf.mul(values, weights)), term.offset * classes);
  });
  return tf.reshape(tf.addN(terms), [1]);
}

function evaluateExpression(of: Expression, values: Readonly<Record<string, tf.Tensor>>): tf.Tensor {
  const value = (part: Expression) => evaluateExpression(part, values);
  switch (of.type) {
    case "number":
      return tf.scalar(of.value);
    case "variable":
      return values[of.name]!;
    case "plus":
      return tf.add(value(of.a), value(of.b));
    case "minus":
      return tf.sub(value(of.a), value(of.b));
    case "times":
      return tf.mul(value(of.a), value(of.b));
    case "over":
      return tf.div(value(of.a), value(of.b));
    case "power":
      return tf.pow(value(of.base), of.exponent);
    case "log":
      return tf.log(value(of.of));
    case "exp":
      return tf.exp(value(of.of));
    case "atLeast":
      return tf.maximum(value(of.of), of.least);
  }
}
