/**
 * Pastes a particle, cut out of its own tomogram with a soft edge, onto background of a training patch: density and labels. It keeps
 * its orientation, so that the missing wedge stays where it is. Both patches are normalised. The weight w of the particle is 1 up to
 * its radius and falls to 0 over the edge as a cosine, and so towards particles that touch it. Densities are added as
 * (w s + (1 − w) t) / √(w² + (1 − w)²): noise, which is independent in the two, keeps its deviation in the edge, which else could be
 * told by its smoothness.
 */
import { unknownLabel } from "../network/losses/loss.ts";
import type { Triple } from "../volume/volume.ts";
import { outerRadius, type PastedParticle } from "./paste-draw.ts";
import type { LabelledPatch } from "./training-set.ts";

/** Voxels over which a particle fades towards a neighbour. */
const neighbourEdge = 2;

/** The voxel (z, y, x) of the patch that the particle's centre comes to: the first of its places that has room; none when there is none. */
export function findRoom(
  labels: Uint8Array,
  { radius, places }: Pick<PastedParticle, "radius" | "places">,
  side: number,
): Triple | undefined {
  return places
    .map((place) => place.map((fraction) => Math.floor(fraction * side)) as unknown as Triple)
    .find((place) => isFree(labels, side, { place, radius: outerRadius(radius) }));
}

/** Whether there is background alone, known or not, within the radius, as far as that lies in the patch. */
function isFree(
  labels: Uint8Array,
  side: number,
  { place, radius }: { readonly place: Triple; readonly radius: number },
): boolean {
  const [from, to] = boundsOf(place, radius, side);
  for (let z = from[0]; z <= to[0]; z++)
    for (let y = from[1]; y <= to[1]; y++)
      for (let x = from[2]; x <= to[2]; x++) {
        const label = labels[(z * side + y) * side + x];
        if (label === 0 || label === unknownLabel) continue;
        if ((z - place[0]) ** 2 + (y - place[1]) ** 2 + (x - place[2]) ** 2 <= radius ** 2) return false;
      }
  return true;
}

/** First and last voxel of a ball's box, inside the cube. */
function boundsOf(centre: Triple, radius: number, side: number): readonly [Triple, Triple] {
  const from = centre.map((at) => Math.max(0, Math.ceil(at - radius)));
  const to = centre.map((at) => Math.min(side - 1, Math.floor(at + radius)));
  return [from as unknown as Triple, to as unknown as Triple];
}

export interface Pasting {
  readonly particle: Pick<PastedParticle, "radius" | "neighbours">;
  /** Of the particle in the source patch (z, y, x), voxels. */
  readonly centre: Triple;
  /** The voxel (z, y, x) of the patch that the centre's voxel comes to. */
  readonly place: Triple;
  /** Of both cubes, voxels. */
  readonly side: number;
}

/** Changes `patch` in place. Labels are taken where the particle weighs more than half. */
export function pasteParticle(
  patch: LabelledPatch,
  source: LabelledPatch,
  { particle, centre, place, side }: Pasting,
): void {
  const outer = outerRadius(particle.radius);
  const shift = place.map((at, axis) => at - Math.round(centre[axis]!)) as unknown as Triple;
  const [from, to] = boundsOf(centre, outer, side);
  const isInside = (at: number) => at >= 0 && at < side;
  for (let z = from[0]; z <= to[0]; z++)
    for (let y = from[1]; y <= to[1]; y++)
      for (let x = from[2]; x <= to[2]; x++) {
        const [toZ, toY, toX] = [z + shift[0], y + shift[1], x + shift[2]];
        if (!isInside(toZ) || !isInside(toY) || !isInside(toX)) continue;
        const weight = weightAt([z - centre[0], y - centre[1], x - centre[2]], particle, outer);
        if (weight === 0) continue;
        const at = (z * side + y) * side + x;
        const target = (toZ * side + toY) * side + toX;
        const mixed = weight * source.density[at]! + (1 - weight) * patch.density[target]!;
        patch.density[target] = mixed / Math.sqrt(weight ** 2 + (1 - weight) ** 2);
        if (weight > 0.5) patch.labels[target] = source.labels[at]!;
      }
}

/** Of the particle, 0…1, at a place (z, y, x) from its centre. */
function weightAt(
  [z, y, x]: Triple,
  { radius, neighbours }: Pick<PastedParticle, "radius" | "neighbours">,
  outer: number,
): number {
  const distance = Math.sqrt(z * z + y * y + x * x);
  let weight = falling((distance - radius) / (outer - radius));
  for (const { offset, radius: other } of neighbours) {
    if (weight === 0) return 0;
    const away = Math.sqrt((z - offset[0]) ** 2 + (y - offset[1]) ** 2 + (x - offset[2]) ** 2);
    // how much deeper the voxel lies in the particle than in the neighbour
    const lead = away - other - (distance - radius);
    weight *= falling(1 - lead / neighbourEdge);
  }
  return weight;
}

/** 1 up to 0, 0 from 1 on, half a cosine between. */
function falling(at: number): number {
  if (at <= 0) return 1;
  return at >= 1 ? 0 : 0.5 + 0.5 * Math.cos(Math.PI * at);
}
