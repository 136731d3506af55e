/** JSON Schemas of what the browser asks of lists; Fastify refuses everything else. */
import { largestSide, mostPictures, mostSlices } from "../../protocol/list-tools.ts";
import type { ListMode } from "../../protocol/lists.ts";

export interface OpenBody {
  readonly list: string;
  readonly mode: ListMode;
  readonly session: string;
  readonly tomogram?: string;
}

const path = { type: "string", minLength: 1, maxLength: 4096 } as const;
const mode = { enum: ["annotate", "review"] } as const;
const rankBy = { enum: ["score", "size"] } as const;
const perLabel = {
  type: "object",
  propertyNames: { pattern: "^[1-9][0-9]{0,2}$" },
  additionalProperties: { type: "number" },
} as const;
const points = (most: number) =>
  ({
    type: "array",
    maxItems: most,
    items: record({ x: { type: "number" }, y: { type: "number" }, z: { type: "number" } }),
  }) as const;

/** Every property is needed but those named in `optional`. */
function record(properties: Readonly<Record<string, object>>, optional: readonly string[] = []) {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: "object", additionalProperties: false, required, properties } as const;
}

const listClass = record(
  {
    label: { type: "integer", minimum: 1, maximum: 255 },
    name: { type: "string", maxLength: 200 },
    color: { type: "string", maxLength: 10 },
    radius: { type: "number" },
  },
  ["color", "radius"],
);

export const bodies = {
  open: record({ list: path, mode, session: { type: "string" }, tomogram: path }, ["tomogram"]),
  gallery: record(
    {
      tomogram: path,
      points: points(mostPictures),
      side: { type: "integer", minimum: 4, maximum: largestSide },
      slices: { type: "integer", minimum: 1, maximum: mostSlices },
      plane: { enum: ["xy", "xz", "yz"] },
      range: { type: "array", items: { type: "number" }, minItems: 2, maxItems: 2 },
    },
    ["range"],
  ),
  snap: record({
    tomogram: path,
    points: points(10_000),
    radius: { type: "number", minimum: 1, maximum: 64 },
    to: { enum: ["minimum", "maximum"] },
  }),
  compare: record(
    {
      list: path,
      mode,
      truth: path,
      tomogramId: { type: "string", maxLength: 1000 },
      tomogramIndex: { type: "integer", minimum: 0 },
      distance: { type: "number", exclusiveMinimum: 0 },
      radii: perLabel,
      rankBy,
    },
    ["tomogramId", "tomogramIndex", "distance", "radii"],
  ),
  write: record(
    {
      list: path,
      mode,
      to: path,
      keep: { enum: ["all", "not-rejected", "accepted"] },
      least: perLabel,
      rankBy,
      overwrite: { type: "boolean" },
    },
    ["least", "rankBy", "overwrite"],
  ),
  changeClass: record({ workflow: path, change: listClass }, ["workflow"]),
  beginWorkflow: record({
    workflow: path,
    template: { type: "string", maxLength: 200 },
    tomogram: path,
    list: path,
    split: { enum: ["train", "valid"] },
  }),
  training: record({ workflow: path, tomogram: path, list: path, split: { enum: ["train", "valid"] } }),
} as const;
