/**
 * Draws the particles that are pasted into training patches: which object of which tomogram, and where to. Objects near the edge of
 * their tomogram, which cannot be cut out whole, are left out. What is drawn is plain data; paste-particle.ts does the pasting.
 */
import { TomoflowError } from "../core/error.ts";
import type { Random } from "../core/random.ts";
import type { TomogramObject } from "../objects/object-list.ts";
import type { Shape3, Triple } from "../volume/volume.ts";
import { drawInProportion, sampleWeightOf } from "./sample-weights.ts";
import { positionOf, type TrainingTomogram } from "./training-set.ts";

export interface PasteOptions {
  /** Particles for each patch, as far as there is room for them. */
  readonly perPatch: number;
  /** Radius of the whole particle by label, voxels. */
  readonly radii: Readonly<Record<number, number>>;
}

/** A particle that is cut out of its tomogram. */
export interface PastedParticle {
  /** Its place in the list of tomograms. */
  readonly tomogram: number;
  /** (z, y, x), voxels of its tomogram. */
  readonly centre: Triple;
  /** Of the whole particle, voxels. */
  readonly radius: number;
  /** Particles so close that they have to be kept out: where they are from the centre (z, y, x), and their radii; voxels. */
  readonly neighbours: readonly Neighbour[];
  /** Places for its centre (z, y, x) in fractions of the patch's side, from 0 to below 1: the first that is free is taken. */
  readonly places: readonly Triple[];
}

export interface Neighbour {
  readonly offset: Triple;
  readonly radius: number;
}

/** Places that are tried before a particle is given up. */
const attempts = 10;

/** The soft edge lies between the radius and this many times of it, ... */
const edgeFactor = 1.25;
/** ... and is at least as wide as this, voxels. */
const leastEdge = 2;

/** Where the soft edge ends: voxels from the centre. */
export const outerRadius = (radius: number): number => Math.max(edgeFactor * radius, radius + leastEdge);

/** Side of the smallest patch that holds a particle with its edge, wherever its centre lies in a voxel. */
export const leastPatchSize = (radius: number): number => 2 * Math.ceil(outerRadius(radius)) + 2;

/** Whether the object lies so far inside that it can be cut out whole. */
export function canBeCut({ x, y, z }: TomogramObject, radius: number, shape: Shape3): boolean {
  const outer = outerRadius(radius);
  return [z, y, x].every((at, axis) => at - outer >= 0 && at + outer <= shape[axis]! - 1);
}

type Drawable = Pick<TrainingTomogram, "id" | "shape" | "objects">;

interface DrawOptions extends PasteOptions {
  /** Draw the class first, uniformly, then an object of it. */
  readonly bootstrap: boolean;
  readonly sampleWeight?: string;
}

interface Source {
  readonly tomogram: number;
  readonly object: TomogramObject;
  readonly weight: number;
}

/** Draws the particles of a patch. @throws TomoflowError `nothing-to-paste` when no object can be cut out whole */
export function createPasteDraw(
  tomograms: readonly Drawable[],
  { perPatch, radii, bootstrap, sampleWeight }: DrawOptions,
): (random: Random) => readonly PastedParticle[] {
  const sources = tomograms.flatMap(({ objects, shape }, tomogram) =>
    objects
      .filter((object) => radii[object.label] !== undefined && canBeCut(object, radii[object.label]!, shape))
      .map((object) => ({
        tomogram,
        object,
        weight: sampleWeight === undefined ? 1 : sampleWeightOf(object, sampleWeight),
      }))
      .filter(({ weight }) => weight > 0),
  );
  if (sources.length === 0) throw nothingToPaste(tomograms);
  const labels = [...new Set(sources.map(({ object }) => object.label))].sort((a, b) => a - b);
  const groups = bootstrap
    ? labels.map((label) => sources.filter(({ object }) => object.label === label))
    : [sources];
  const pools = groups.map((members) => ({
    members,
    draw: drawInProportion(
      members.map(({ weight }) => weight),
      sampleWeight !== undefined,
    ),
  }));
  const neighbours = new Map<Source, readonly Neighbour[]>();
  const neighboursOf = (source: Source) => {
    const known = neighbours.get(source) ?? findNeighbours(source, tomograms[source.tomogram]!, radii);
    neighbours.set(source, known);
    return known;
  };
  return (random) =>
    Array.from({ length: perPatch }, () => {
      const { members, draw } = pools[bootstrap ? random.integer(0, pools.length - 1) : 0]!;
      const source = members[draw(random)]!;
      const places = Array.from(
        { length: attempts },
        (): Triple => [random.uniform(), random.uniform(), random.uniform()],
      );
      return {
        tomogram: source.tomogram,
        centre: positionOf(source.object),
        radius: radii[source.object.label]!,
        neighbours: neighboursOf(source),
        places,
      };
    });
}

/** Those that reach into the particle or its edge. What lies nearer than half a radius is the same particle, listed twice. */
function findNeighbours(
  { object }: Source,
  { objects }: Drawable,
  radii: Readonly<Record<number, number>>,
): readonly Neighbour[] {
  const own = radii[object.label]!;
  return objects.flatMap((other) => {
    const radius = radii[other.label];
    if (radius === undefined) return [];
    const offset: Triple = [other.z - object.z, other.y - object.y, other.x - object.x];
    const distance = Math.hypot(...offset);
    const isNeighbour = distance < outerRadius(own) + radius && distance > Math.min(own, radius) / 2;
    return isNeighbour ? [{ offset, radius }] : [];
  });
}

const nothingToPaste = (tomograms: readonly Drawable[]): TomoflowError =>
  new TomoflowError(
    "nothing-to-paste",
    `no object in ${tomograms.map(({ id }) => id).join(", ")} lies so far inside that it can be cut out whole`,
    { hint: "leave `paste` out, or give the classes the radius of their particles" },
  );
