/** A training step compiled for an engine, which keeps the weights and Adam's states between steps. */
import type { Engine, Program, Tensor, Tensors } from "../compute/engine.ts";
import type { Graph } from "../network/graph.ts";
import type { ParameterDefinition, ParameterValues } from "../network/parameters.ts";
import { trainingGraph } from "../network/training-graph.ts";
import { unet3dParameters } from "../network/unet3d.ts";
import type { TrainingOptions } from "./train.ts";
import type { TrainingState } from "./training-state.ts";

/** What a step changes and the engine keeps. */
export type LearnedValues = Pick<TrainingState, "parameters" | "means" | "variances">;

const prefixes = { parameters: "", means: "mean/", variances: "variance/" } as const;

/** The graph of a step, with the names of what stays with the engine. */
export function stepGraph({ network, batch, side, loss, adam }: TrainingOptions): {
  readonly graph: Graph;
  readonly kept: readonly string[];
} {
  const graph = trainingGraph(network, { batch, extent: [side, side, side] }, loss, adam);
  return { graph, kept: namesOf(unet3dParameters(network), Object.values(prefixes)) };
}

const namesOf = (definitions: readonly ParameterDefinition[], of: readonly string[]): readonly string[] =>
  of.flatMap((prefix) => definitions.map(({ name }) => `${prefix}${name}`));

export class StepProgram {
  readonly #program: Program;
  readonly #definitions: readonly ParameterDefinition[];

  private constructor(program: Program, definitions: readonly ParameterDefinition[]) {
    this.#program = program;
    this.#definitions = definitions;
  }

  static async compile(engine: Engine, options: TrainingOptions): Promise<StepProgram> {
    const { graph, kept } = stepGraph(options);
    return new StepProgram(await engine.compile(graph, { kept }), unet3dParameters(options.network));
  }

  /** Goes on from these. */
  async load(values: LearnedValues): Promise<void> {
    const tensors: Record<string, Tensor> = {};
    for (const [key, prefix] of Object.entries(prefixes))
      for (const { name, shape } of this.#definitions)
        tensors[`${prefix}${name}`] = { shape, data: values[key as keyof LearnedValues].get(name)! };
    await this.#program.load(tensors);
  }

  /** One step. Feeds `x`, `labels` and `rate`; returns `loss` and `predicted`. */
  run(feeds: Tensors): Promise<Tensors> {
    return this.#program.run(feeds);
  }

  /** The weights after the steps so far. */
  async parameters(): Promise<ParameterValues> {
    return (await this.#read([prefixes.parameters])).get(prefixes.parameters)!;
  }

  /** Weights and Adam's states after the steps so far, to the bit. */
  async values(): Promise<LearnedValues> {
    const read = await this.#read(Object.values(prefixes));
    const of = (key: keyof LearnedValues) => read.get(prefixes[key])!;
    return { parameters: of("parameters"), means: of("means"), variances: of("variances") };
  }

  dispose(): Promise<void> {
    return this.#program.dispose();
  }

  async #read(wanted: readonly string[]): Promise<ReadonlyMap<string, ParameterValues>> {
    const tensors = await this.#program.read(namesOf(this.#definitions, wanted));
    return new Map(
      wanted.map((prefix) => [
        prefix,
        new Map(
          this.#definitions.map(({ name }) => [name, tensors[`${prefix}${name}`]!.data as Float32Array]),
        ),
      ]),
    );
  }
}
