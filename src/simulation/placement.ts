/**
 * Random placement: random sequential addition, the largest class first. Each particle gets a position, uniform over the
 * voxels where it lies wholly inside, and a uniformly random orientation, and is kept when the room it claims is free.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { TomoflowError } from "../core/error.ts";
import type { Random } from "../core/random.ts";
import type { TomogramObject } from "../objects/object-list.ts";
import { type LabelBox, paintShapes } from "../volume/painting.ts";
import { type EulerAngles, rotationOf } from "../volume/rotation.ts";
import { findTurnedVoxels } from "../volume/turned-mask.ts";
import { formatShape, type Triple } from "../volume/volume.ts";
import type { Particle } from "./particle.ts";

/** An object whose angles are known. */
export type PlacedObject = TomogramObject & EulerAngles;

export interface PlacementOptions {
  /** How many to place, by label. */
  readonly counts: ReadonlyMap<number, number>;
  readonly random: Random;
  readonly signal?: AbortSignal;
  readonly onPlaced?: (done: number, total: number) => void;
}

/** Tries for one particle before the volume is taken to be full. */
const largestTries = 5000;

/**
 * Places particles where `truth` is free and paints them there. Positions are whole voxels, angles whole tenths of a degree,
 * so that an object list file holds them exactly.
 * @throws TomoflowError `no-room`
 */
export async function placeParticles(
  particles: readonly Particle[],
  truth: LabelBox,
  { counts, random, signal, onPlaced }: PlacementOptions,
): Promise<readonly PlacedObject[]> {
  const bySize = [...particles].sort((a, b) => b.mask.radius - a.mask.radius || a.label - b.label);
  const wanted = bySize.flatMap((particle) =>
    Array<Particle>(counts.get(particle.label) ?? 0).fill(particle),
  );
  const found = new Int32Array(Math.max(0, ...particles.map(({ clearance }) => clearance.side ** 3)));
  const placed: PlacedObject[] = [];
  for (const particle of wanted) {
    await nextTurn();
    signal?.throwIfAborted();
    const placement = findPlace(particle, truth, { random, found });
    if (!placement) throw noRoom(placed.length, wanted.length, truth);
    paintShapes(truth, [placement], {
      masks: new Map([[particle.label, particle.mask]]),
      rounding: "nearest",
    });
    placed.push({ ...placement, objectId: placed.length });
    onPlaced?.(placed.length, wanted.length);
  }
  return placed;
}

interface Search {
  readonly random: Random;
  /** Room for the voxels of any particle's clearance. */
  readonly found: Int32Array;
}

function findPlace(particle: Particle, truth: LabelBox, search: Search): PlacedObject | null {
  const margin = Math.ceil(particle.mask.radius);
  if (truth.shape.some((length) => length < 2 * margin + 1)) return null;
  for (let tries = 0; tries < largestTries; tries++) {
    const [z, y, x] = truth.shape.map((length) => search.random.integer(margin, length - 1 - margin));
    const placement = { label: particle.label, x, y, z, ...randomAngles(search.random) };
    if (isFree(particle, placement, truth, search.found)) return placement;
  }
  return null;
}

/** Uniform over all rotations, because cos(the) is uniform; whole tenths of a degree. */
export function randomAngles(random: Random): EulerAngles {
  const tenths = (degrees: number) => Math.round(degrees * 10) / 10;
  return {
    phi: tenths(360 * random.uniform()),
    psi: tenths(360 * random.uniform()),
    the: tenths((Math.acos(1 - 2 * random.uniform()) * 180) / Math.PI),
  };
}

function isFree({ clearance }: Particle, place: PlacedObject, truth: LabelBox, found: Int32Array): boolean {
  const [depth, height, width] = truth.shape;
  const { side } = clearance;
  const corner: Triple = [place.z - side / 2, place.y - side / 2, place.x - side / 2];
  const count = findTurnedVoxels(clearance, rotationOf(place), found);
  for (let at = 0; at < count; at++) {
    const row = Math.floor(found[at] / side);
    const plane = Math.floor(row / side);
    const z = plane + corner[0];
    const y = row - plane * side + corner[1];
    const x = found[at] - row * side + corner[2];
    if (z < 0 || z >= depth || y < 0 || y >= height || x < 0 || x >= width) continue;
    if (truth.data[(z * height + y) * width + x] !== 0) return false;
  }
  return true;
}

const noRoom = (placed: number, wanted: number, { shape }: LabelBox) =>
  new TomoflowError(
    "no-room",
    `only ${placed} of ${wanted} objects found room in ${formatShape(shape)} voxels`,
    {
      hint: "ask for fewer (counts), smaller particles (radius), a smaller spacing or a larger size",
    },
  );
