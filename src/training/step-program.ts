/** A training step compiled for an engine, which keeps the weights and Adam's states between steps. */
import type { Engine, Program, Tensor, Tensors } from "../compute/engine.ts";
import type { Graph } from "../network/graph.ts";
import { networkParameters } from "../network/networks.ts";
import type { ParameterDefinition, ParameterValues } from "../network/parameters.ts";
import { trainingGraph } from "../network/training-graph.ts";
import type { TrainingOptions } from "./train.ts";
import type { TrainingState } from "./training-state.ts";

/** What a step changes and the engine keeps; the average of the weights is the weights themselves where there is none. */
export type LearnedValues = Pick<TrainingState, "parameters" | "means" | "variances" | "averages">;

const prefixes = { parameters: "", means: "mean/", variances: "variance/", averages: "average/" } as const;
type Kind = keyof typeof prefixes;

const kindsKept = ({ averageDecay }: Pick<TrainingOptions, "averageDecay">): readonly Kind[] =>
  averageDecay > 0 ? ["parameters", "means", "variances", "averages"] : ["parameters", "means", "variances"];

/** The graph of a step, with the names of what stays with the engine. */
export function stepGraph(options: TrainingOptions): {
  readonly graph: Graph;
  readonly kept: readonly string[];
} {
  const { network, batch, patchSize, loss, adam, averageDecay } = options;
  const shape = { batch, extent: [patchSize, patchSize, patchSize] } as const;
  const graph = trainingGraph(network, shape, loss, { ...adam, averageDecay });
  return { graph, kept: namesOf(networkParameters(network), kindsKept(options)) };
}

const namesOf = (definitions: readonly ParameterDefinition[], kinds: readonly Kind[]): readonly string[] =>
  kinds.flatMap((kind) => definitions.map(({ name }) => `${prefixes[kind]}${name}`));

export class StepProgram {
  readonly #program: Program;
  readonly #definitions: readonly ParameterDefinition[];
  readonly #kinds: readonly Kind[];

  private constructor(program: Program, options: TrainingOptions) {
    this.#program = program;
    this.#definitions = networkParameters(options.network);
    this.#kinds = kindsKept(options);
  }

  static async compile(engine: Engine, options: TrainingOptions): Promise<StepProgram> {
    const { graph, kept } = stepGraph(options);
    return new StepProgram(await engine.compile(graph, { kept }), options);
  }

  /** Goes on from these. */
  async load(values: LearnedValues): Promise<void> {
    const tensors: Record<string, Tensor> = {};
    for (const kind of this.#kinds)
      for (const { name, shape } of this.#definitions)
        tensors[`${prefixes[kind]}${name}`] = { shape, data: values[kind].get(name)! };
    await this.#program.load(tensors);
  }

  /** One step. Feeds `x`, `labels` and `rate`, and `step` with an average; returns `loss` and `predicted`. */
  run(feeds: Tensors): Promise<Tensors> {
    return this.#program.run(feeds);
  }

  /** Weights, Adam's states and the average after the steps so far, to the bit. */
  async values(): Promise<LearnedValues> {
    const tensors = await this.#program.read(namesOf(this.#definitions, this.#kinds));
    const of = (kind: Kind): ParameterValues =>
      new Map(
        this.#definitions.map(({ name }) => [
          name,
          tensors[`${prefixes[kind]}${name}`]!.data as Float32Array,
        ]),
      );
    const parameters = of("parameters");
    const averages = this.#kinds.includes("averages") ? of("averages") : parameters;
    return { parameters, means: of("means"), variances: of("variances"), averages };
  }

  dispose(): Promise<void> {
    return this.#program.dispose();
  }
}
