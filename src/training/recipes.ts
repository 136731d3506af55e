/**
 * Draws what training batches are made of as DeepFinder does (Moebel et al. 2021): an object is drawn (with bootstrap its class
 * first, uniformly), its position shifted by a uniform integer on each axis, and with probability ½ the patch turned by 180°
 * about the tilt axis y. Objects may be drawn in proportion to a weight: the gradient's mean is then that of a loss with sample
 * weights. Nothing is read here: what is drawn is plain data that any thread can fill, at any time (see fill-batch.ts).
 */
import { TomoflowError } from "../core/error.ts";
import type { Random } from "../core/random.ts";
import type { Triple } from "../volume/volume.ts";
import { createPasteDraw, type PastedParticle, type PasteOptions } from "./paste-draw.ts";
import { type DrawIndex, drawInProportion, sampleWeightOf } from "./sample-weights.ts";
import { positionOf, type TrainingTomogram } from "./training-set.ts";

/** All that chance decides of a patch. */
export interface Recipe {
  /** Its place in the list of tomograms. */
  readonly tomogram: number;
  /** (z, y, x), voxels; the patch is pushed inside where it would stick out. */
  readonly centre: Triple;
  /** Turned by 180° about y, about z, mirrored along y: in this order. */
  readonly tiltAxisTurn: boolean;
  readonly inPlaneTurn: boolean;
  readonly mirror: boolean;
  /** Pasted onto background, one after the other, before it is turned. */
  readonly pasted?: readonly PastedParticle[];
  /** Standard deviation of a Gaussian that blurs it, voxels. */
  readonly blur?: number;
  /** White noise that is added to the normalised density. */
  readonly noise?: { readonly deviation: number; readonly seed: number };
  /** Done to the normalised density at last; nothing where not given. */
  readonly intensity?: { readonly factor: number; readonly offset: number };
}

export interface RecipeOptions {
  readonly batch: number;
  /** Draw the class first, uniformly, then an object of it. */
  readonly bootstrap: boolean;
  /** Largest shift on each axis, voxels. */
  readonly shift: number;
  /** Turn by 180° about y with probability ½. */
  readonly tiltAxisTurn: boolean;
  /** Turn by 180° about the beam z with probability ½. */
  readonly inPlaneTurn: boolean;
  /** Mirror along y with probability ½. */
  readonly mirror: boolean;
  /** Standard deviation of a random factor and offset on the normalised data. */
  readonly intensityJitter: number;
  /** Particles that are pasted onto background; none when not given. */
  readonly paste?: PasteOptions;
  /** Largest standard deviation of a Gaussian that blurs the data, voxels; 0 when not given. */
  readonly blur?: number;
  /** Largest standard deviation of noise on the normalised data; 0 when not given. */
  readonly noise?: number;
  /** Fraction of the patches drawn anywhere in a tomogram. */
  readonly background: number;
  /** The field of the objects in proportion to which they are drawn; all alike when not given. */
  readonly sampleWeight?: string;
}

/** Draws a batch, a recipe a patch; the same random state gives the same batch. */
export type DrawRecipes = (random: Random) => readonly Recipe[];

type Place = Pick<Recipe, "tomogram" | "centre">;

/** Places of which one is drawn. */
interface Pool {
  readonly places: readonly Place[];
  readonly draw: DrawIndex;
}

/** What the drawing knows of a tomogram. */
type Drawable = Pick<TrainingTomogram, "id" | "shape" | "objects">;

/**
 * @throws TomoflowError `no-objects` when there is nothing to sample around, `sample-weight` for objects without one,
 * `nothing-to-paste` when no object can be cut out
 */
export function createRecipes(tomograms: readonly Drawable[], options: RecipeOptions): DrawRecipes {
  const places = tomograms.flatMap((tomogram, index) =>
    tomogram.objects.map((object) => ({
      tomogram: index,
      centre: positionOf(object),
      label: object.label,
      weight: options.sampleWeight === undefined ? 1 : sampleWeightOf(object, options.sampleWeight),
    })),
  );
  if (!places.some(({ weight }) => weight > 0)) throw noObjects(tomograms, options);
  const poolOf = (members: typeof places): Pool => ({
    places: members,
    draw: drawInProportion(
      members.map(({ weight }) => weight),
      options.sampleWeight !== undefined,
    ),
  });
  const drawn = places.filter(({ weight }) => weight > 0);
  const everything = poolOf(drawn);
  const byClass = [...new Set(drawn.map(({ label }) => label))]
    .sort((a, b) => a - b)
    .map((label) => poolOf(drawn.filter((place) => place.label === label)));
  const drawPlace = (random: Random): Place => {
    if (options.background > 0 && random.uniform() < options.background)
      return drawAnywhere(tomograms, random);
    const pool = options.bootstrap ? byClass[random.integer(0, byClass.length - 1)]! : everything;
    return drawObject(pool, random, options.shift);
  };
  const drawParticles = options.paste && createPasteDraw(tomograms, { ...options, ...options.paste });
  return (random) =>
    Array.from({ length: options.batch }, () => ({
      ...drawPlace(random),
      ...drawChanges(random, options),
      ...drawDegradation(random, options),
      ...(drawParticles && { pasted: drawParticles(random) }),
    }));
}

function drawObject({ places, draw }: Pool, random: Random, shift: number): Place {
  const { tomogram, centre } = places[draw(random)]!;
  const moved = centre.map((position) => position + random.integer(-shift, shift));
  return { tomogram, centre: moved as unknown as Triple };
}

function drawAnywhere(tomograms: readonly Drawable[], random: Random): Place {
  const tomogram = random.integer(0, tomograms.length - 1);
  const centre = tomograms[tomogram]!.shape.map((length) => random.integer(0, length - 1));
  return { tomogram, centre: centre as unknown as Triple };
}

/** Nothing is drawn for what is off, so that trainings without it draw as they always did. */
function drawChanges(random: Random, options: RecipeOptions): Omit<Recipe, keyof Place> {
  const { intensityJitter } = options;
  const half = (isOn: boolean) => isOn && random.uniform() < 0.5;
  return {
    tiltAxisTurn: half(options.tiltAxisTurn),
    inPlaneTurn: half(options.inPlaneTurn),
    mirror: half(options.mirror),
    ...(intensityJitter > 0 && {
      intensity: { factor: 1 + intensityJitter * random.normal(), offset: intensityJitter * random.normal() },
    }),
  };
}

function drawDegradation(
  random: Random,
  { blur = 0, noise = 0 }: RecipeOptions,
): Pick<Recipe, "blur" | "noise"> {
  return {
    ...(blur > 0 && { blur: blur * random.uniform() }),
    ...(noise > 0 && { noise: { deviation: noise * random.uniform(), seed: random.uint32() } }),
  };
}

const noObjects = (tomograms: readonly Drawable[], { sampleWeight }: RecipeOptions): TomoflowError =>
  new TomoflowError("no-objects", `no objects in ${tomograms.map(({ id }) => id).join(", ")}`, {
    hint:
      sampleWeight === undefined
        ? "patches are sampled around objects: list some"
        : `patches are sampled around objects whose \`${sampleWeight}\` is above 0: list some`,
  });
