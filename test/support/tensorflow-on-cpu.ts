/** The tensorflow engine on tfjs's own backend for the processor, which needs no TensorFlow library. */
import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import type { Engine } from "../../src/compute/engine.ts";
import type { Formulation } from "../../src/compute/tensorflow/convolution.ts";
import { engineOn } from "../../src/compute/tensorflow/engine.ts";

// The gradient functions are registered by a module that only CommonJS resolution finds.
createRequire(import.meta.url)("@tensorflow/tfjs-core/dist/register_all_gradients");

export const tensorflowOnCpu = (formulation: Formulation): Engine =>
  engineOn(tf, { device: `tfjs, convolutions by ${formulation}`, memoryBytes: 1e9, formulation });

/** Tensors that tfjs holds. */
export const countTensors = (): number => tf.memory().numTensors;
