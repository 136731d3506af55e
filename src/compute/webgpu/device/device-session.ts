/** An open device with what all its programs share, and how its faults are told. */
import { TomoflowError } from "../../../core/error.ts";
import { takingTurns } from "../../kept.ts";
import type { ShaderLimits } from "../lowering/dispatch.ts";
import type { FoundAdapter } from "./adapter.ts";
import { Arena } from "./arena.ts";
import { DeviceBuffers, smallerHint } from "./device-buffers.ts";

export interface DeviceSession {
  /** Held because Dawn ends, and its threads crash, once this object is collected. */
  readonly gpu: GPU;
  readonly device: GPUDevice;
  readonly limits: ShaderLimits;
  readonly buffers: DeviceBuffers;
  readonly arena: Arena;
  /** Pipelines by their shader, shared by all programs of the device. */
  readonly pipelines: Map<string, Promise<GPUComputePipeline>>;
  /**
   * Turns for what uses the arena, of all programs: a run holds its turn until all its submissions are made, since its values stay
   * in shared buffers between them.
   */
  readonly inTurn: ReturnType<typeof takingTurns>;
  /** Set once the device is lost. */
  loss: TomoflowError | undefined;
  /** Told when the device is lost. */
  readonly waiting: Set<(loss: TomoflowError) => void>;
}

export function openSession(
  { gpu }: FoundAdapter,
  device: GPUDevice,
  { limits, memoryLimitBytes }: { limits: ShaderLimits; memoryLimitBytes?: number },
): DeviceSession {
  const buffers = new DeviceBuffers(device, memoryLimitBytes);
  const shared = {
    buffers,
    arena: new Arena(buffers),
    pipelines: new Map(),
    waiting: new Set<never>(),
    inTurn: takingTurns(),
  };
  const session: DeviceSession = { gpu, device, limits, ...shared, loss: undefined };
  void device.lost.then(({ reason, message }) => {
    const text = `the GPU was lost (${reason}): ${message}`;
    const loss = new TomoflowError("gpu-lost", text, { hint: lossHint });
    session.loss = loss;
    for (const tell of session.waiting) tell(loss);
    session.waiting.clear();
  });
  return session;
}

const lossHint =
  "run again: finished tasks are kept. If it happens again, use a smaller tile, batch or patch, look for driver errors with dmesg, or use the onnx engine";

/**
 * `work`, or the loss of the device, whichever comes first. (Promise.race with a promise that lasts as long as the device
 * would keep every result as long.)
 */
export function racing<T>({ loss, waiting }: DeviceSession, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (loss !== undefined) reject(loss);
    else waiting.add(reject);
    work.then(resolve, reject).finally(() => waiting.delete(reject));
  });
}

/**
 * Does `work`, and throws what the device found wrong with it.
 *
 * @throws TomoflowError `gpu-out-of-memory`, `gpu-error`, `gpu-lost`
 */
export async function checked<T>(session: DeviceSession, work: () => T): Promise<T> {
  const { device } = session;
  device.pushErrorScope("validation");
  device.pushErrorScope("internal");
  device.pushErrorScope("out-of-memory");
  let result: T;
  let errors: readonly (GPUError | null)[];
  try {
    result = work();
  } finally {
    const scopes = Promise.all([device.popErrorScope(), device.popErrorScope(), device.popErrorScope()]);
    errors = await racing(session, scopes);
  }
  const [memory, internal, validation] = errors;
  if (memory) {
    session.arena.clear();
    throw new TomoflowError("gpu-out-of-memory", `the GPU has too little free memory: ${memory.message}`, {
      hint: smallerHint,
    });
  }
  const other = internal ?? validation;
  if (other) throw new TomoflowError("gpu-error", `the GPU refused the work: ${other.message}`);
  return result;
}
