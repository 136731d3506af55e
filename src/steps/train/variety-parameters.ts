/** The parameters of `train` that change training patches by chance, so that more is seen than there is. */
import type { ParameterSchema } from "../../schema/step-description.ts";

/** Turns, intensities, pasted particles, blur and noise. Those without a default enter the keys of tasks that set them alone. */
export const varietyParameters: Readonly<Record<string, ParameterSchema>> = {
  tiltAxisTurn: {
    description:
      "Turn patches by 180° about the tilt axis y with probability ½: the missing wedge stays put.",
    type: "boolean",
    default: true,
  },
  inPlaneTurn: {
    description:
      "Turn patches by 180° in the plane, about the beam z, with probability ½: the missing wedge stays put here too.",
    type: "boolean",
    default: false,
  },
  mirror: {
    description:
      "Mirror patches along y with probability ½. Real particles have a hand: mirrored ones do not exist.",
    type: "boolean",
    default: false,
  },
  intensityJitter: {
    description:
      "Standard deviation of a random factor (contrast) and offset (brightness) of each patch's normalised intensity.",
    type: "number",
    minimum: 0,
    default: 0,
  },
  paste: {
    description:
      "Particles pasted onto background of each training patch, where there is room: cut with a soft edge from the training tomograms, in their own orientation, so that the missing wedge stays put, with their labels. Needs the `radius` of each class. 2 was good; none when not given.",
    type: "integer",
    minimum: 0,
    maximum: 16,
    examples: [2],
  },
  blur: {
    description:
      "Largest standard deviation of a Gaussian that blurs training patches, each by its own from 0 to this, for data of another resolution; none when not given.",
    type: "number",
    minimum: 0,
    maximum: 5,
    examples: [0.5],
    "x-unit": "voxels",
  },
  noise: {
    description:
      "Largest standard deviation of noise that is added to training patches, each its own from 0 to this; the patch's own deviation is 1. None when not given.",
    type: "number",
    minimum: 0,
    maximum: 10,
    examples: [0.5],
  },
};
