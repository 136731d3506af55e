/** One operation of the graph as tfjs operations. Activations are (batch, z, y, x, channel) here, kernels as in the graph. */
import type { Operation, ValueId } from "../../network/graph.ts";
import { convolve, type Formulation } from "./convolution.ts";
import { convolutionLayer, maxPool, maxPoolGradient, reluGradient, sumCells, upsample } from "./layers.ts";
import { evaluateLoss, lossGradient } from "./losses.ts";
import type { Tensor, Tensor5D, TensorFlow } from "./runtime.ts";

export interface ApplyContext {
  readonly tf: TensorFlow;
  readonly formulation: Formulation;
  /** Shape of a value as it is stored here. */
  shape(value: ValueId): number[];
}

/** The operation's results, in the order of `resultsOf`. */
export function applyOperation(
  context: ApplyContext,
  operation: Operation,
  get: (value: ValueId) => Tensor,
): readonly Tensor[] {
  return operation.type === "adam"
    ? adam(context.tf, operation, get)
    : [applySingle(context, operation, get)];
}

type SingleOperation = Exclude<Operation, { type: "adam" }>;

function applySingle(
  context: ApplyContext,
  operation: SingleOperation,
  get: (value: ValueId) => Tensor,
): Tensor {
  const { tf, formulation } = context;
  const volume = (value: ValueId) => get(value) as Tensor5D;
  switch (operation.type) {
    case "conv3d":
      return convolutionLayer(tf, formulation, {
        x: volume(operation.x),
        kernel: volume(operation.kernel),
        bias: operation.bias === null ? undefined : get(operation.bias),
        layer: operation,
      });
    case "maxPool3d":
      return maxPool(tf, volume(operation.x));
    case "upsample3d":
      return upsample(tf, volume(operation.x));
    case "concat":
      return tf.concat(operation.inputs.map(volume), 4);
    case "sliceChannels":
      return tf.slice(get(operation.x), [0, 0, 0, 0, operation.start], context.shape(operation.output));
    case "crop3d": {
      const x = get(operation.x); // labels have no channels
      const start = [0, ...operation.start, ...(x.rank === 5 ? [0] : [])];
      return tf.slice(x, start, context.shape(operation.output));
    }
    case "joinPlanes": {
      const [batch, , height, width, channels] = context.shape(operation.output);
      const parts = operation.parts.map(({ x, start, count }) =>
        tf.slice(volume(x), [0, ...start, 0], [batch!, count, height!, width!, channels!]),
      );
      return tf.concat(parts, 1);
    }
    case "zeros":
      return tf.zeros(context.shape(operation.output));
    case "add":
      return tf.add(get(operation.a), get(operation.b));
    case "movingAverage": {
      const steps = get(operation.step);
      const kept = tf.minimum(operation.decay, tf.div(tf.add(steps, 1), tf.add(steps, 10)));
      const change = tf.sub(get(operation.value), get(operation.average));
      return tf.add(get(operation.average), tf.mul(tf.sub(1, kept), change));
    }
    case "softmax":
      return tf.softmax(volume(operation.x), 4);
    case "argMax":
      return tf.argMax(get(operation.x), 4);
    case "loss":
      return evaluateLoss(tf, volume(operation.probabilities), {
        labels: get(operation.labels),
        formula: operation.formula,
      });
    default:
      return applyAdjoint(context, operation, get);
  }
}

type Adjoint = Extract<
  SingleOperation,
  {
    type:
      | "transposeKernel"
      | "conv3dKernelGradient"
      | "sumToChannels"
      | "reluGradient"
      | "maxPool3dGradient"
      | "sumPool3d"
      | "softmaxGradient"
      | "lossGradient";
  }
>;

/** Adjoints that a graph asks for itself; those of a loss marked in the graph are tfjs's affair (see differentiation.ts). */
function applyAdjoint(context: ApplyContext, operation: Adjoint, get: (value: ValueId) => Tensor): Tensor {
  const { tf, formulation } = context;
  const volume = (value: ValueId) => get(value) as Tensor5D;
  switch (operation.type) {
    case "transposeKernel":
      return tf.reverse(tf.transpose(get(operation.kernel), [1, 0, 2, 3, 4]), [2, 3, 4]);
    case "conv3dKernelGradient": {
      const { padding } = operation;
      const x = volume(operation.x);
      const f = (kernel: Tensor) => convolve(tf, formulation, { x, kernel: kernel as Tensor5D, padding });
      return tf.grad(f)(tf.zeros(context.shape(operation.output)), get(operation.gradient));
    }
    case "sumToChannels":
      return tf.sum(get(operation.x), [0, 1, 2, 3]);
    case "reluGradient":
      return reluGradient(tf, get(operation.y), get(operation.gradient));
    case "maxPool3dGradient":
      return maxPoolGradient(tf, {
        x: volume(operation.x),
        y: volume(operation.y),
        gradient: volume(operation.gradient),
      });
    case "sumPool3d":
      return sumCells(tf, volume(operation.x));
    case "softmaxGradient": {
      const y = get(operation.y);
      const gradient = get(operation.gradient);
      return tf.mul(y, tf.sub(gradient, tf.sum(tf.mul(y, gradient), 4, true)));
    }
    case "lossGradient": {
      const { labels, formula } = operation;
      return lossGradient(tf, volume(operation.probabilities), { labels: get(labels), formula });
    }
  }
}

function adam(
  tf: TensorFlow,
  operation: Extract<Operation, { type: "adam" }>,
  get: (value: ValueId) => Tensor,
): readonly Tensor[] {
  const { beta1, beta2, epsilon } = operation;
  const gradient = get(operation.gradient);
  const mean = tf.add(tf.mul(get(operation.mean), beta1), tf.mul(gradient, 1 - beta1));
  const squares = tf.mul(tf.square(gradient), 1 - beta2);
  const variance = tf.add(tf.mul(get(operation.variance), beta2), squares);
  const step = tf.mul(get(operation.rate), tf.div(mean, tf.add(tf.sqrt(variance), epsilon)));
  return [tf.sub(get(operation.parameter), step), mean, variance];
}
