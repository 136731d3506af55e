/** Weights in the files of Keras, and with them those of DeepFinder. */
export { type KerasLayer, kerasLayers, kerasModelConfig } from "./keras/model-config.ts";
export { type KerasWeights, readKerasWeights } from "./keras/read.ts";
export { writeKeras3Weights, writeKerasWeights } from "./keras/write.ts";
