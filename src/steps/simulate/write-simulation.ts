/** The work of `simulate`: reads what is to be placed, makes the particles, simulates and writes. */
import { TomoflowError } from "../../core/error.ts";
import { writeObjects } from "../../objects/formats.ts";
import type { ObjectList } from "../../objects/object-list.ts";
import type { ClassDefinition } from "../../schema/step-description.ts";
import { resampleDensity } from "../../simulation/density-map.ts";
import { createParticle, type Particle } from "../../simulation/particle.ts";
import { drawShape, isShapeName } from "../../simulation/shapes.ts";
import {
  type Simulation,
  seedText,
  simulateTomogram,
  simulationMemoryBytes,
} from "../../simulation/simulate.ts";
import { readVolume, writeVolume } from "../../volume/formats.ts";
import { labelType } from "../../volume/painting.ts";
import { formatShape, type Sampling } from "../../volume/volume.ts";
import { readRowObjects } from "../row-objects.ts";
import type { SimulateParameters } from "../simulate.ts";
import type { RunContext } from "../step-kind.ts";
import { countsByLabel, defaultRadius, seedOf, tomogramOf } from "./settings.ts";

type Context = RunContext<SimulateParameters>;

export async function writeSimulation(context: Context): Promise<void> {
  const { parameters, classes, rows, signal, report } = context;
  checkMemory(context);
  const [row] = rows;
  const seed = seedOf(row, parameters);
  if (seed === undefined)
    throw new TomoflowError("bad-seed", `the seed of row ${row.id} is ${JSON.stringify(row.values.seed)}`, {
      hint: "a seed is a whole number",
    });
  const objects = row.files.objects
    ? await readRowObjects(row, "objects", tomogramOf(parameters))
    : countsByLabel(parameters, classes);
  const simulation = await simulateTomogram({
    shape: parameters.size,
    particles: await createParticles(context, labelsOf(objects)),
    objects,
    seed: seedText(seed, row.id),
    voxelSizeAngstrom: parameters.voxelSize,
    tiltDegrees: parameters.maximumTilt,
    snr: parameters.snr,
    microscope: {
      defocusMicrometre: parameters.defocus,
      voltageKilovolt: parameters.voltage,
      sphericalAberrationMillimetre: parameters.sphericalAberration,
      amplitudeContrast: parameters.amplitudeContrast,
    },
    signal,
    onProgress: (done, total, detail) => report({ type: "progress", done, total, unit: "part", detail }),
  });
  await writeOutputs(context, simulation);
  report({ type: "log", text: summaryOf(simulation.objects, classes) });
}

/** `7 objects: 3 ribosome, 4 ferritin` */
function summaryOf(objects: ObjectList, classes: readonly ClassDefinition[]): string {
  const counts = classes
    .map(({ label, name }) => ({ name, count: objects.filter((object) => object.label === label).length }))
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${count} ${name}`);
  return `${objects.length} objects${counts.length > 0 ? `: ${counts.join(", ")}` : ""}`;
}

function checkMemory({ parameters: { size }, memoryBytes }: Context): void {
  const needed = simulationMemoryBytes(size);
  if (needed <= memoryBytes) return;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new TomoflowError(
    "out-of-memory",
    `simulating ${formatShape(size)} voxels takes ${gigabytes(needed)}, but there are ${gigabytes(memoryBytes)}`,
    { hint: "make the size smaller, or give the step more with resources: {memory: …}" },
  );
}

const labelsOf = (objects: ObjectList | ReadonlyMap<number, number>): ReadonlySet<number> =>
  new Set(
    Array.isArray(objects)
      ? objects.map(({ label }) => label)
      : (objects as ReadonlyMap<number, number>).keys(),
  );

async function createParticles(
  { classes, parameters, signal }: Context,
  labels: ReadonlySet<number>,
): Promise<readonly Particle[]> {
  const particles: Particle[] = [];
  for (const label of labels) {
    const definition = classes.find((candidate) => candidate.label === label);
    if (!definition)
      throw new TomoflowError(
        "label-unknown",
        `class ${label} is to be simulated, but is not in the class table`,
        {
          hint: `add ${label} to \`classes\` with a shape or a density map`,
        },
      );
    particles.push(await createClassParticle(definition, parameters, signal));
  }
  return particles;
}

/** Half of a built-in shape's density: the voxels of which at least half lie inside. */
const shapeThreshold = 0.499;

async function createClassParticle(
  { label, name, density, shape, radius }: ClassDefinition,
  { voxelSize, threshold, spacing }: SimulateParameters,
  signal: AbortSignal,
): Promise<Particle> {
  if (density) {
    const map = await readVolume(density, { signal });
    const cube = resampleDensity(map, { voxelSizeAngstrom: voxelSize, threshold });
    return createParticle(cube, { label, threshold, spacing });
  }
  if (shape === undefined || !isShapeName(shape))
    throw new TomoflowError(
      "shape-missing",
      `class ${label} (${name}) has no built-in shape and no density map`,
      {
        hint: `give classes.${label}.shape or classes.${label}.density`,
      },
    );
  return createParticle(drawShape(shape, radius ?? defaultRadius), {
    label,
    threshold: shapeThreshold,
    spacing,
  });
}

async function writeOutputs(
  { outputs, parameters: { size, voxelSize }, signal }: Context,
  { tomogram, truth, objects }: Simulation,
): Promise<void> {
  const sampling: Sampling = {
    voxelSizeAngstrom: [voxelSize, voxelSize, voxelSize],
    originAngstrom: [0, 0, 0],
  };
  const greatest = objects.reduce((most, { label }) => Math.max(most, label), 0);
  await writeVolume(outputs.tomogram, { ...sampling, shape: size, data: tomogram }, { signal });
  await writeVolume(
    outputs.truth,
    { ...sampling, shape: size, data: truth },
    { signal, type: labelType(greatest) },
  );
  const known = { shape: size, voxelSizeAngstrom: [voxelSize, voxelSize, voxelSize] } as const;
  await writeObjects(outputs.objects, objects, { tomogram: known });
}
