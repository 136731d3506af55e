/** What a program of the GPU is made of, and its bindings to the buffers that programs share. */
import type { Graph, ValueId } from "../../../network/graph.ts";
import type { Tensor } from "../../engine.ts";
import { unshared } from "../../feeds.ts";
import type { DeviceSession } from "../device/device-session.ts";
import type { LoweredGraph } from "../lowering/lower.ts";
import type { BufferPlan } from "../lowering/plan.ts";
import type { Readers } from "./readers.ts";

export interface Compiled {
  readonly graph: Graph;
  readonly kept: ReadonlySet<string>;
  readonly lowered: LoweredGraph;
  readonly plan: BufferPlan;
  readonly pipelines: readonly GPUComputePipeline[];
  /** Buffers of the kept inputs, by value. */
  readonly keptBuffers: Map<ValueId, GPUBuffer>;
  readonly readers: Readers;
  /** Names of the kept inputs that were loaded. */
  readonly loaded: Set<string>;
  /** For one generation of the arena. */
  bindings: { readonly generation: number; readonly groups: readonly GPUBindGroup[] } | undefined;
}

export const bufferOf = (
  { arena }: DeviceSession,
  { plan, keptBuffers }: Compiled,
  value: number,
): GPUBuffer => keptBuffers.get(value) ?? arena.places[plan.placeOf.get(value)!]!;

/** Makes the bindings again if another program's needs moved the shared buffers. */
export function bind(session: DeviceSession, compiled: Compiled): void {
  const { arena, device } = session;
  arena.reserve(compiled.plan.bytes);
  if (compiled.bindings?.generation === arena.generation) return;
  const groups = compiled.lowered.dispatches.map((dispatch, index) => {
    const entries = [...dispatch.reads, ...dispatch.writes].map(({ buffer }, binding) => ({
      binding,
      resource: { buffer: bufferOf(session, compiled, buffer), size: compiled.lowered.bytes[buffer]! },
    }));
    return device.createBindGroup({ layout: compiled.pipelines[index]!.getBindGroupLayout(0), entries });
  });
  compiled.bindings = { generation: arena.generation, groups };
}

export function upload({ device }: DeviceSession, buffer: GPUBuffer, { data }: Tensor): void {
  const isWhole = data.byteLength % 4 === 0;
  device.queue.writeBuffer(
    buffer,
    0,
    (isWhole ? unshared(data) : filledUp(data)) as Float32Array<ArrayBuffer>,
  );
}

/** With zeros to a multiple of 4 bytes. */
function filledUp(data: Tensor["data"]): Uint8Array {
  const filled = new Uint8Array(4 * Math.ceil(data.byteLength / 4));
  filled.set(data);
  return filled;
}

export function tensorOf({ values }: Graph, value: ValueId, bytes: ArrayBuffer): Tensor {
  const { shape, type } = values[value]!;
  const length = shape.reduce((product, side) => product * side, 1);
  return { shape, data: type === "uint8" ? new Uint8Array(bytes, 0, length) : new Float32Array(bytes) };
}
