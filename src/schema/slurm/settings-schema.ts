/** The language of `slurm.yaml`: how jobs are submitted to a Slurm cluster, as JSON Schema for checks and docs. */
import type { JsonSchema } from "../shape/field-schemas.ts";
import { resourcesSchema } from "../shape/field-schemas.ts";

const resources = resourcesSchema.properties as Readonly<Record<string, JsonSchema>>;

/** Slurm's own words, passed on as they are written: an account `0042` is a text. */
const word = (description: string): JsonSchema => ({ type: ["string", "number"], description });
const lines = (description: string): JsonSchema => ({
  type: ["string", "array"],
  items: { type: "string" },
  description,
});

/** What can be said for all jobs, for those with a GPU, and for single steps. */
export const jobFieldSchemas: Readonly<Record<string, JsonSchema>> = {
  partition: word("Partition, sbatch --partition."),
  account: word("Account that pays, sbatch --account."),
  qos: word("Quality of service, sbatch --qos."),
  gres: word("Devices, sbatch --gres, e.g. gpu:a100:1. Default: gpu:N where the step asks for N GPUs."),
  constraint: word("Features that a node must have, sbatch --constraint."),
  reservation: word("Reservation, sbatch --reservation."),
  exclude: word("Nodes never to use, sbatch --exclude, e.g. n[3-4]."),
  time: { ...resources.time, description: "Time of a task whose step does not say, e.g. 4h." },
  memory: { ...resources.memory, description: "Memory of a task whose step does not say, e.g. 16GB." },
  cpus: { ...resources.cpus, description: "Cores of a task whose step does not say." },
  maxTime: { ...resources.time, description: "The most time that is asked for after time-outs." },
  maxMemory: {
    ...resources.memory,
    description: "The most memory that is asked for after it was too little.",
  },
  options: lines("More options of sbatch, one each, e.g. --nice=100."),
  prologue: lines("Lines of shell to run before the tasks of a job, e.g. module load nodejs/22."),
  container: {
    type: "string",
    description: "Command that runs another inside a container, e.g. apptainer exec --nv tomoflow.sif.",
  },
  node: {
    type: "string",
    description:
      "Node.js on the compute nodes. Default: the one that runs tomoflow; node inside a container.",
  },
  program: {
    type: "string",
    description: "Folder of tomoflow on the compute nodes or in the container. Default: this one.",
  },
  throttle: { type: "integer", minimum: 1, description: "Most tasks of an array at a time." },
  tasksPerJob: {
    type: "integer",
    minimum: 1,
    maximum: 1000,
    description: "Tasks that one job does, one after the other. Default: as many as take about 5 minutes.",
  },
};

const jobSchema = (description: string): JsonSchema => ({
  type: "object",
  description,
  additionalProperties: false,
  properties: jobFieldSchemas,
});

const layerFields: Readonly<Record<string, JsonSchema>> = {
  ...jobFieldSchemas,
  poll: {
    type: "number",
    minimum: 0.1,
    default: 10,
    description: "Seconds between questions to Slurm.",
    "x-unit": "seconds",
  },
  late: {
    type: "number",
    minimum: 0,
    default: 60,
    description: "Seconds that files of a finished job may take to be seen here.",
    "x-unit": "seconds",
  },
  gpu: jobSchema("What is different for tasks that ask for a GPU."),
  steps: {
    type: "object",
    description: "What is different for a step, by its id or kind.",
    additionalProperties: jobSchema("What is different for this step."),
  },
};

/** The whole file. */
export const slurmFileSchema: JsonSchema = {
  type: "object",
  description: "How tomoflow submits jobs to Slurm.",
  additionalProperties: false,
  properties: {
    ...layerFields,
    profiles: {
      type: "object",
      description: "Named sets of the same fields: --profile NAME adds one.",
      additionalProperties: {
        type: "object",
        description: "Fields that are added to those above, or replace them.",
        additionalProperties: false,
        properties: layerFields,
      },
    },
  },
};
