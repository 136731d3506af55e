/** The checkpoint of a training: where it lies, and whether it is of this very training. */
import { TomoflowError } from "../../core/error.ts";
import { canonicalJson, sha256 } from "../../core/hash.ts";
import type { LossChoice } from "../../network/losses.ts";
import type { TrainingOptions } from "../../training/train.ts";
import {
  checkpointPath,
  readCheckpoint,
  type TrainingState,
  writeCheckpoint,
} from "../../training/training-state.ts";
import type { RunContext } from "../step-kind.ts";
import type { TrainParameters } from "../train.ts";

type Context = RunContext<TrainParameters>;

export interface Checkpoint {
  read(): Promise<TrainingState | null>;
  write(state: TrainingState): Promise<void>;
}

/** A longer training's checkpoint cannot be shortened: then training starts over. */
export function checkpointOf(context: Context, options: TrainingOptions): Checkpoint {
  const { epochs } = options;
  const path = `${checkpointPath(context.checkpointFolder)}.${identityOf(context, options)}`;
  const log = (text: string) => context.report({ type: "log", text });
  return {
    read: async () => {
      try {
        const state = await readCheckpoint(path);
        if (state === null || state.epoch > epochs || (state.epoch === epochs && state.step > 0)) return null;
        log(`goes on from the checkpoint after epoch ${state.epoch}, step ${state.step}`);
        return state;
      } catch (error) {
        if (!(error instanceof TomoflowError) || error.code !== "checkpoint-damaged") throw error;
        log(`${error.message}: training starts over`);
        return null;
      }
    },
    write: (state) => writeCheckpoint(path, state),
  };
}

/**
 * A hash of what the state depends on, part of the file's name, so that a checkpoint of other parameters is never taken up.
 * It calls the patch size `side` and describes losses as version 0.1.0 did: trainings under way go on under a newer version.
 */
export function identityOf(
  { parameters, rows }: Pick<Context, "parameters" | "rows">,
  options: TrainingOptions,
): string {
  const { epochs, patchSize: side, ...others } = options;
  const { unknownWeight } = options.loss;
  const rest = {
    ...others,
    loss: formerLoss(options.loss),
    ...(unknownWeight !== undefined && { unknownWeight }),
  };
  const lasting = rest.learningRate.schedule === "constant" ? rest : { ...rest, epochs };
  const { seed, initialization, classPrior } = parameters;
  const ids = rows.map(({ id }) => id).sort();
  const identity = { ...lasting, side, seed, initialization, classPrior, rows: ids };
  return sha256(canonicalJson(identity)).slice(0, 12);
}

/** The five losses of version 0.1.0, as it described them; others as they are. */
function formerLoss(loss: LossChoice): unknown {
  const { name, parameters, classWeights } = loss;
  const dice = { type: "tversky", alpha: 0.5, beta: 0.5, classWeights };
  const crossEntropy = { type: "focal", gamma: 0, classWeights };
  switch (name) {
    case "tversky":
      return { ...dice, ...parameters };
    case "dice":
      return dice;
    case "focal":
      return { ...crossEntropy, ...parameters };
    case "cross-entropy":
      return crossEntropy;
    case "dice-cross-entropy":
      return { type: "sum", terms: [dice, crossEntropy] };
    default:
      return loss;
  }
}
