/** JSON Schemas of what every workflow has: its table, classes and the fields of a step. Descriptions are shown by editors. */
import { memoryPattern, timePattern } from "../text/quantity.ts";

/** A JSON Schema (draft 2020-12). `x-unit` is a unit; `x-pattern` says in words what `pattern` wants. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A row's id becomes the name of a folder. */
export const rowIdPattern = "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$";
export const stepIdPattern = "^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}$";
/** Names that mean something else in an expression or after `from:`. */
export const reservedStepIds: readonly string[] = ["tomograms", "params", "row", "env"];

export const engineNames: readonly string[] = ["auto", "onnx", "webgpu", "tensorflow"];

const engineSchema: JsonSchema = {
  type: "string",
  enum: engineNames,
  description:
    "What computes the network: onnx (CPU), webgpu (any GPU), tensorflow (CUDA, where it is installed); auto takes the fastest that works here.",
};

const plainValue = ["string", "number", "boolean", "null"];

export const classSchema: JsonSchema = {
  type: "object",
  description: "What this label stands for.",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: { type: "string", minLength: 1, description: "Name of the class, e.g. ribosome." },
    radius: {
      type: "number",
      exclusiveMinimum: 0,
      description: "Radius of the particle; used by targets, clustering and scoring.",
      "x-unit": "voxels",
    },
    mask: { type: "string", minLength: 1, description: "Path of the cubic mask volume for shape targets." },
    density: { type: "string", minLength: 1, description: "Path of a density map for simulated tomograms." },
    shape: {
      type: "string",
      minLength: 1,
      description: "Built-in shape for simulated tomograms, e.g. barrel.",
    },
    color: {
      type: "string",
      pattern: "^#[0-9a-fA-F]{6}$",
      "x-pattern": 'a color such as "#4e79a7", in quotes',
      description:
        'Color of the class, e.g. "#4e79a7" (in quotes: # starts a comment). For the studio to come; the pictures of steps have colors of their own.',
    },
  },
};

export const classesSchema: JsonSchema = {
  type: "object",
  description: "The classes to find, by label 1, 2, 3, …; label 0 is the background and is not listed.",
  propertyNames: {
    pattern: "^([1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])$",
    "x-pattern": "a class label: a whole number from 1 to 255 (0 is the background)",
  },
  additionalProperties: classSchema,
};

export const rowSchema: JsonSchema = {
  type: "object",
  description: "One tomogram: its id, its files by column, and plain values such as its split.",
  additionalProperties: {
    type: [...plainValue, "array"],
    description: "The value of this row in this column.",
  },
  properties: {
    id: {
      type: ["string", "number"],
      description: "Unique name of the row; default: the base name of its tomogram. Becomes a folder name.",
    },
    tomogram: {
      type: "string",
      minLength: 1,
      description: "Path of the tomogram (.mrc, .map, .rec, .h5, …).",
    },
    objects: {
      type: ["string", "null"],
      description: "Path of the list of its objects (.xml, .xlsx, .csv, …), where they are known.",
    },
    split: {
      type: ["string", "null"],
      description: "What the row is used for: train, valid or test.",
      examples: ["train", "valid", "test"],
    },
    annotation: {
      type: ["string", "null"],
      description:
        "Whether `objects` lists every object of the classes (complete, as is taken when not given) or only some (partial): see `annotatedWithin` of train.",
      examples: ["complete", "partial"],
    },
  },
};

export const globSchema: JsonSchema = {
  type: "object",
  description: "One row for each file that a pattern matches.",
  required: ["glob"],
  properties: {
    glob: {
      type: "string",
      minLength: 1,
      description: "Pattern of the files, e.g. data/*.mrc; * and ? match within a folder, ** across folders.",
    },
    column: {
      type: "string",
      minLength: 1,
      default: "tomogram",
      description: "Column that holds the files found.",
    },
  },
  additionalProperties: {
    type: [...plainValue, "array"],
    description:
      "Another column, the same for every row; {id} stands for the row's id, and a file that is not there leaves the cell empty.",
  },
};

export const rowsSchema: JsonSchema = {
  type: "array",
  minItems: 1,
  items: rowSchema,
  description: "The rows, one a tomogram.",
};

export const tableFileSchema: JsonSchema = {
  type: "string",
  pattern: "\\.(csv|tsv|xlsx)$",
  "x-pattern": "the path of a .csv, .tsv or .xlsx file",
  description: "Path of a table with one header row.",
};

export const paramsSchema: JsonSchema = {
  type: "object",
  description: "Shared values, used as ${params.NAME}; `--set NAME=VALUE` overrides them.",
  propertyNames: { pattern: "^[A-Za-z_][A-Za-z0-9_-]*$", "x-pattern": "a name of letters, digits, _ and -" },
  additionalProperties: true,
};

export const variantsSchema: JsonSchema = {
  type: "object",
  description: "Named sets of params: `--variant NAME` runs the workflow with these values.",
  propertyNames: { pattern: stepIdPattern, "x-pattern": "a name of letters, digits, _ and -" },
  additionalProperties: {
    type: "object",
    description: "Values that replace those of params.",
    additionalProperties: true,
  },
};

export const cacheSchema: JsonSchema = {
  type: "object",
  description: "How results are kept.",
  additionalProperties: false,
  properties: {
    link: {
      type: "string",
      enum: ["reflink", "copy", "hardlink", "symlink"],
      default: "reflink",
      description:
        "How outputs come from the cache to the results folder: reflink (a copy where the disk has no reflinks), copy, or read-only hardlink and symlink.",
    },
  },
};

export const resourcesSchema: JsonSchema = {
  type: "object",
  description: "What one task of this step needs.",
  additionalProperties: false,
  properties: {
    gpu: { type: "integer", minimum: 0, default: 0, description: "Number of GPUs the task has to itself." },
    cpus: {
      type: "integer",
      minimum: 1,
      description: "Number of processor cores. Default: as many as there are.",
    },
    memory: {
      type: ["string", "number"],
      pattern: memoryPattern,
      exclusiveMinimum: 0,
      "x-pattern": 'an amount of memory such as 16GB or "16 GiB"',
      description: "Memory, e.g. 16GB; a plain number is bytes.",
      "x-unit": "bytes",
    },
    time: {
      type: ["string", "number"],
      pattern: timePattern,
      exclusiveMinimum: 0,
      "x-pattern": 'a time such as 90min, 12h or "1:30:00"',
      description: "Longest time, e.g. 12h; a plain number is seconds.",
      "x-unit": "seconds",
    },
  },
};

export const executorNames: readonly string[] = ["local", "slurm"];

const executorSchema: JsonSchema = {
  type: "string",
  enum: executorNames,
  description:
    "Where tasks run: local, on this machine, or slurm, as jobs of a Slurm cluster (slurm.yaml says how they are submitted).",
};

/** Every field of a step but `uses` and `with`. */
export const stepFieldSchemas: Readonly<Record<string, JsonSchema>> = {
  from: {
    type: "string",
    default: "tomograms",
    description:
      "The table this step reads: tomograms, or an earlier step, whose rows have its outputs as new columns.",
  },
  where: {
    type: "object",
    description:
      "Keeps the rows whose column has this value, or one of these values: {split: [train, valid]}.",
    additionalProperties: {
      type: [...plainValue, "array"],
      items: { type: plainValue },
      description: "The value, or the list of values, that the column must have.",
    },
  },
  out: {
    type: "string",
    minLength: 1,
    description: "Folder of the results; default results/WORKFLOW/STEP. A per-row step adds a folder a row.",
  },
  resources: resourcesSchema,
  retries: {
    type: "integer",
    minimum: 0,
    maximum: 100,
    default: 0,
    description: "How often a failed task is tried again.",
  },
  enabled: {
    type: "boolean",
    default: true,
    description: "false: the step does not run, and its rows go to the next steps unchanged.",
  },
  checkpoint: {
    type: "boolean",
    default: true,
    description: "false: an interrupted task starts over instead of going on from its checkpoint.",
  },
  engine: { ...engineSchema, default: "auto" },
  executor: { ...executorSchema, default: "local" },
};

/** Every field of the file but `classes`, `tomograms` and `steps`. */
export const workflowFieldSchemas: Readonly<Record<string, JsonSchema>> = {
  version: { const: 1, description: "Version of the workflow language: 1." },
  name: {
    type: "string",
    pattern: rowIdPattern,
    "x-pattern": "a name of letters, digits, ., _ and - (it becomes a folder name)",
    description: "Name of the workflow; default: the name of the file. Its results go to results/NAME.",
  },
  description: { type: "string", description: "What this experiment is about; shown in reports." },
  params: paramsSchema,
  variants: variantsSchema,
  cache: cacheSchema,
  executor: { ...executorSchema, default: "local" },
  engine: { ...engineSchema, default: "auto" },
};
