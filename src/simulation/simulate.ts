/**
 * Tomograms with known truth: particles in ice, seen by a microscope over a limited tilt range, with noise. The same options
 * and seed give the same tomogram, bit for bit, on one machine.
 */
import { sha256 } from "../core/hash.ts";
import { Random } from "../core/random.ts";
import { hasAngles, type ObjectList } from "../objects/object-list.ts";
import { normaliseVoxels } from "../volume/normalise.ts";
import { type LabelBox, paintShapes } from "../volume/painting.ts";
import { type Shape3, voxelCount } from "../volume/volume.ts";
import { fastLength } from "./fourier/volume-transform.ts";
import { type ImagingOptions, imageDensity } from "./imaging.ts";
import type { Particle } from "./particle.ts";
import { type PlacedObject, placeParticles, randomAngles } from "./placement.ts";
import { addParticle, type DensityVolume } from "./rendering.ts";

export interface SimulationOptions extends Omit<ImagingOptions, "random"> {
  /** (z, y, x), voxels. */
  readonly shape: Shape3;
  readonly particles: readonly Particle[];
  /**
   * Where the particles are, those without angles to be turned at random; or how many of each label to place at random
   * without overlap.
   */
  readonly objects: ObjectList | ReadonlyMap<number, number>;
  /** Any text: see `seedText`. */
  readonly seed: string;
  /** Told after each object placed, and for the imaging at the end. */
  readonly onProgress?: (done: number, total: number, detail: string) => void;
}

export interface Simulation {
  /** (z, y, x), mean 0, standard deviation 1, protein dark. */
  readonly tomogram: Float32Array;
  /** (z, y, x), the label of each voxel. */
  readonly truth: Uint8Array;
  readonly objects: readonly PlacedObject[];
}

/** The seed of a row: its id and a number, so that rows differ and a row keeps its tomogram whatever its neighbours. */
export const seedText = (seed: number, rowId: string): string => `${seed}/${rowId}`;

/** Memory that a simulation takes at its peak, bytes: the density, two spectra, the truth and the tomogram. */
export const simulationMemoryBytes = (shape: Shape3): number =>
  14 * voxelCount(paddedShape(shape)) + 5 * voxelCount(shape);

/** @throws TomoflowError `no-room` */
export async function simulateTomogram(options: SimulationOptions): Promise<Simulation> {
  const { shape, particles, seed, signal, onProgress } = options;
  const truth: LabelBox = { data: new Uint8Array(voxelCount(shape)), shape, start: [0, 0, 0] };
  const objects = await placeObjects(options, truth);
  const padded = paddedShape(shape);
  const density: DensityVolume = { data: new Float32Array(voxelCount(padded)), shape: padded };
  const byLabel = new Map(particles.map((particle) => [particle.label, particle]));
  for (const object of objects) {
    const particle = byLabel.get(object.label);
    if (particle) addParticle(density, particle, object);
  }
  onProgress?.(objects.length, objects.length + 1, "imaging");
  await imageDensity(density, { ...options, random: randomStream(seed, "noise"), signal });
  const tomogram = normaliseVoxels(crop(density, shape));
  onProgress?.(objects.length + 1, objects.length + 1, "imaged");
  return { tomogram, truth: truth.data, objects };
}

/** Lengths with fast transforms; what is added holds ice and is cut off again. */
const paddedShape = (shape: Shape3): Shape3 => [
  fastLength(shape[0]),
  fastLength(shape[1]),
  fastLength(shape[2]),
];

/** One stream of random numbers for each use, so that a change of the noise leaves the places alone. */
const randomStream = (seed: string, use: string): Random =>
  new Random(Number.parseInt(sha256(`${seed}/${use}`).slice(0, 8), 16));

async function placeObjects(options: SimulationOptions, truth: LabelBox): Promise<readonly PlacedObject[]> {
  const { objects, particles, seed, signal, onProgress } = options;
  if (objects instanceof Map)
    return placeParticles(particles, truth, {
      counts: objects,
      random: randomStream(seed, "places"),
      signal,
      onPlaced: (done, total) => onProgress?.(done, total + 1, "placing"),
    });
  const angles = randomStream(seed, "angles");
  const given = (objects as ObjectList).map((object) =>
    hasAngles(object) ? object : { ...object, ...randomAngles(angles) },
  );
  paintShapes(truth, given, {
    masks: new Map(particles.map(({ label, mask }) => [label, mask])),
    rounding: "nearest",
  });
  return given;
}

function crop({ data, shape: [, height, width] }: DensityVolume, shape: Shape3): Float32Array {
  const cropped = new Float32Array(voxelCount(shape));
  for (let z = 0; z < shape[0]; z++)
    for (let y = 0; y < shape[1]; y++) {
      const from = (z * height + y) * width;
      cropped.set(data.subarray(from, from + shape[2]), (z * shape[1] + y) * shape[2]);
    }
  return cropped;
}
