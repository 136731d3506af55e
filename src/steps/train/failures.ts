/** Training again after the engine failed: from the last checkpoint where its device was lost, in smaller batches where memory ran out. */
import { TomoflowError } from "../../core/error.ts";

/** Where the device is lost more often, something is wrong that trying again does not heal. */
const mostLosses = 2;
/** A batch that takes an eighth of the memory and does not fit is not the batch's fault. */
const mostShrinkings = 3;

export interface FailureRules {
  /** Whether the batch may follow the memory: `batchSize: auto`. */
  readonly mayShrink: boolean;
  readonly log: (text: string) => void;
}

/**
 * What `attempt` returns. It is called with the share of the memory to plan with: 1, then half of it each time memory runs
 * out. A given batch is never made smaller, since the losses over a whole batch (Tversky, Dice) cannot be added up from
 * parts of it: the result would be another.
 *
 * @throws the error of `attempt` where trying again cannot help
 */
export async function throughFailures<T>(
  attempt: (memoryShare: number) => Promise<T>,
  { mayShrink, log }: FailureRules,
): Promise<T> {
  let share = 1;
  for (let losses = 0, shrinkings = 0; ; ) {
    try {
      return await attempt(share);
    } catch (error) {
      if (!(error instanceof TomoflowError)) throw error;
      if (error.code === "gpu-lost" && losses < mostLosses) {
        losses++;
        log(`${error.message}: goes on from the last checkpoint`);
      } else if (error.code === "gpu-out-of-memory" && mayShrink && shrinkings < mostShrinkings) {
        shrinkings++;
        share /= 2;
        log(`${error.message}: tries a smaller batch`);
      } else if (error.code === "gpu-out-of-memory") throw tooLarge(error, mayShrink);
      else throw error;
    }
  }
}

const tooLarge = (error: TomoflowError, isAutomatic: boolean): TomoflowError =>
  new TomoflowError(error.code, error.message, {
    hint: `use a smaller patchSize${isAutomatic ? "" : ", a smaller batchSize or `batchSize: auto`"}, or the onnx engine`,
    cause: error,
  });
