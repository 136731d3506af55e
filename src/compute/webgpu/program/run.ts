/** A run on the GPU: submission by submission, feeds before and results after each. */
import type { ValueId } from "../../../network/graph.ts";
import type { Feeds, Tensor, Tensors } from "../../engine.ts";
import { checkFeeds, giveFeeds } from "../../feeds.ts";
import { checked, type DeviceSession, racing } from "../device/device-session.ts";
import type { Submission } from "../lowering/submissions.ts";
import { bind, bufferOf, type Compiled, tensorOf, upload } from "./compiled.ts";
import { type ReaderSet, readBack } from "./readers.ts";

interface RunOptions {
  readonly feeds: Feeds;
  readonly signal?: AbortSignal;
}

/** Named results of one submission. */
type Results = readonly (readonly [name: string, tensor: Tensor])[];

/**
 * Submits the whole run; `finished`: its results, once the GPU is done. A submission waits for its feeds, and for room to read its
 * results, so that few are under way at a time; the GPU works on the one before meanwhile.
 */
export async function beginRun(
  session: DeviceSession,
  compiled: Compiled,
  options: RunOptions,
): Promise<{ readonly finished: Promise<Tensors> }> {
  const { graph, plan } = compiled;
  checkFeeds(graph, options.feeds, compiled);
  const parts: Part[] = [];
  try {
    for (const submission of plan.submissions) {
      options.signal?.throwIfAborted();
      const names = submission.feeds;
      const given = await racing(session, giveFeeds(graph, options.feeds, { ...options, names }));
      await parts.at(-1)?.submitted;
      const readers = submission.results.length > 0 ? await compiled.readers.take() : undefined;
      parts.push(beginPart(session, compiled, { submission, given, readers }));
    }
  } catch (error) {
    await Promise.allSettled(parts.map(({ results }) => results));
    throw error;
  }
  const results = Promise.all(parts.map((part) => part.results));
  return { finished: results.then((named) => Object.fromEntries(named.flat())) };
}

interface Part {
  readonly submitted: Promise<void>;
  readonly results: Promise<Results>;
}

interface PartOptions {
  readonly submission: Submission;
  readonly given: Tensors;
  /** Where there are results. */
  readonly readers: ReaderSet | undefined;
}

function beginPart(session: DeviceSession, compiled: Compiled, part: PartOptions): Part {
  const submitted = checked(session, () => {
    bind(session, compiled);
    for (const [name, tensor] of Object.entries(part.given))
      upload(session, bufferOf(session, compiled, compiled.graph.inputs[name]!), tensor);
    submit(session, compiled, part);
  });
  const results = finish(session, compiled, { ...part, submitted });
  results.catch(() => undefined); // thrown by the run
  return { submitted, results };
}

/** The dispatches, then copies of results to the readers, and in the end of what is kept to its inputs. */
function submit(session: DeviceSession, compiled: Compiled, part: PartOptions): void {
  const { graph, lowered, plan, kept, keptBuffers } = compiled;
  const [first, end] = part.submission.dispatches;
  const encoder = session.device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (let index = first; index < end; index++) {
    pass.setPipeline(compiled.pipelines[index]!);
    pass.setBindGroup(0, compiled.bindings!.groups[index]!);
    pass.dispatchWorkgroups(...lowered.dispatches[index]!.groups);
  }
  pass.end();
  const copy = (from: ValueId, to: GPUBuffer, bytes: number) =>
    encoder.copyBufferToBuffer(bufferOf(session, compiled, from), 0, to, 0, bytes);
  for (const { value, reader, bytes } of readingsOf(compiled, part)) copy(value, reader, bytes);
  if (part.submission === plan.submissions.at(-1))
    for (const name of kept) {
      const [input, result] = [graph.inputs[name]!, graph.outputs[name]];
      const to = keptBuffers.get(input)!;
      if (result !== undefined && result !== input) copy(result, to, to.size);
    }
  session.device.queue.submit([encoder.finish()]);
}

/** Which reader takes which result: as planned, the larger ones the larger. */
function readingsOf({ graph, lowered }: Compiled, { submission, readers = [] }: PartOptions) {
  return submission.results
    .map((name) => ({ name, value: graph.outputs[name]! }))
    .map((result) => ({ ...result, bytes: lowered.bytes[result.value]! }))
    .sort((a, b) => b.bytes - a.bytes)
    .map((result, index) => ({ ...result, reader: readers[index]! }));
}

async function finish(
  session: DeviceSession,
  compiled: Compiled,
  part: PartOptions & { readonly submitted: Promise<void> },
): Promise<Results> {
  const reading = async (): Promise<Results> => {
    await part.submitted;
    return Promise.all(
      readingsOf(compiled, part).map(async ({ name, value, reader, bytes }) => {
        const data = await readBack(reader, bytes);
        return [name, tensorOf(compiled.graph, value, data)] as const;
      }),
    );
  };
  try {
    return await racing(session, reading());
  } finally {
    if (part.readers !== undefined) compiled.readers.give(part.readers);
  }
}
