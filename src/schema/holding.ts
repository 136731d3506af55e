/** What files hold, so that one is not taken for another before any work. */

export const holdings = [
  "volume",
  "labels",
  "scores",
  "objects",
  "weights",
  "thresholds",
  "metrics",
  "picture",
  "table",
] as const;

/**
 * What a file holds: a `volume` of densities, the `labels` of its voxels, class `scores`, a list of `objects`, a network's `weights`,
 * `thresholds` for detections, `metrics` (JSON), a `picture`, a `table` of figures.
 */
export type Holding = (typeof holdings)[number];

const titles: Readonly<Record<Holding, string>> = {
  volume: "a volume of densities",
  labels: "a label map",
  scores: "class scores",
  objects: "an object list",
  weights: "the weights of a network",
  thresholds: "thresholds",
  metrics: "metrics",
  picture: "a picture",
  table: "a table of figures",
};

export const isHolding = (value: unknown): value is Holding => holdings.some((known) => known === value);

/** For people: `a label map`, `a label map or a volume of densities`. */
export const holdingTitle = (holds: Holding | readonly Holding[]): string =>
  [holds]
    .flat()
    .map((one) => titles[one])
    .join(" or ");

/**
 * Whether a file that holds `given` can stand where `wanted` is taken. A label map can be read as densities, which is hardly ever
 * meant: `doubtful`.
 */
export function fits(given: Holding, wanted: Holding | readonly Holding[]): "yes" | "doubtful" | "no" {
  const all = [wanted].flat();
  if (all.includes(given)) return "yes";
  return given === "labels" && all.includes("volume") ? "doubtful" : "no";
}
