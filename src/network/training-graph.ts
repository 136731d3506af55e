/** Whole training and validation steps as graphs. */
import { addGradients } from "./gradient.ts";
import { type Axes3, type Graph, GraphBuilder } from "./graph.ts";
import { type LossChoice, lossFormula } from "./losses.ts";
import { type Architecture, addNetwork } from "./networks.ts";

export interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Keras 2's values in the original. */
export const deepFinderAdam: AdamOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** How weights change in a step. */
export interface Optimizer extends AdamOptions {
  /** Decay a step of an exponential moving average of the weights; none is kept at 0, or where not given. */
  readonly averageDecay?: number;
}

export interface StepShape {
  readonly batch: number;
  readonly extent: Axes3;
}

/**
 * One step of training. Inputs: `x` (batch, 1, z, y, x), `labels` uint8 (batch, z, y, x), `rate` (1), and for each
 * parameter `<name>`, `mean/<name>`, `variance/<name>`. Outputs: `loss` (1), `predicted` labels, and the same three after the step.
 * With an average of the weights also `step` (1), the steps done before, and `average/<name>`.
 */
export function trainingGraph(
  network: Architecture,
  shape: StepShape,
  loss: LossChoice,
  { averageDecay = 0, ...adam }: Optimizer,
): Graph {
  const builder = new GraphBuilder();
  const { parameters, lossValue, predicted } = addLoss(builder, network, shape, loss);
  const gradients = addGradients(builder, lossValue, [...parameters.values()]);
  const rate = builder.input("rate", [1]);
  const step = averageDecay > 0 ? builder.input("step", [1]) : undefined;
  for (const [name, parameter] of parameters) {
    const mean = builder.input(`mean/${name}`, builder.shape(parameter));
    const variance = builder.input(`variance/${name}`, builder.shape(parameter));
    const gradient = gradients.get(parameter)!;
    const [newParameter, newMean, newVariance] = builder.adam({
      parameter,
      gradient,
      mean,
      variance,
      rate,
      ...adam,
    });
    builder.output(name, newParameter);
    builder.output(`mean/${name}`, newMean);
    builder.output(`variance/${name}`, newVariance);
    if (step === undefined) continue;
    const average = builder.input(`average/${name}`, builder.shape(parameter));
    const newAverage = builder.movingAverage(average, newParameter, { step, decay: averageDecay });
    builder.output(`average/${name}`, newAverage);
  }
  builder.output("loss", lossValue);
  builder.output("predicted", predicted);
  return builder.build();
}

/** Loss and predicted labels of a batch. Inputs: `x`, `labels` and the parameters; outputs: `loss`, `predicted`. */
export function validationGraph(network: Architecture, shape: StepShape, loss: LossChoice): Graph {
  const builder = new GraphBuilder();
  const { lossValue, predicted } = addLoss(builder, network, shape, loss);
  builder.output("loss", lossValue);
  builder.output("predicted", predicted);
  return builder.build();
}

function addLoss(builder: GraphBuilder, network: Architecture, shape: StepShape, loss: LossChoice) {
  const { parameters, logits } = addNetwork(builder, network, shape);
  const labels = builder.input("labels", [shape.batch, ...shape.extent], "uint8");
  const probabilities = builder.softmax(logits);
  return {
    parameters,
    lossValue: builder.loss(probabilities, labels, lossFormula(loss)),
    predicted: builder.argMax(probabilities),
  };
}
