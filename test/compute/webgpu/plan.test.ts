import assert from "node:assert/strict";
import { test } from "node:test";
import { gpuRegisters } from "../../../src/compute/webgpu/lowering/dispatch.ts";
import { type LoweredGraph, lowerGraph } from "../../../src/compute/webgpu/lowering/lower.ts";
import { planBuffers } from "../../../src/compute/webgpu/lowering/plan.ts";
import { floatingPointOperations } from "../../../src/network/cost.ts";
import { type Graph, GraphBuilder } from "../../../src/network/graph.ts";
import { predictionGraph } from "../../../src/network/prediction-graph.ts";
import { type Ranges3, restrictToBoxes } from "../../../src/network/restrict.ts";
import { streamPlanes } from "../../../src/network/stream-planes.ts";
import { deepFinderAdam, trainingGraph } from "../../../src/network/training-graph.ts";

const limits = { workgroupBytes: 32768, registers: gpuRegisters };

test("no buffer is taken again before its last reader is done, in a whole training step", () => {
  const network = { classes: 4, filters: [6, 8, 10] as const };
  const loss = { name: "dice" } as const;
  const graph = trainingGraph(network, { batch: 2, extent: [8, 12, 16] }, loss, deepFinderAdam);
  const lowered = lowerGraph(graph, limits);
  const plan = planBuffers(graph, lowered);
  const holds = new Map<number, number>();
  const place = (buffer: number) => plan.placeOf.get(buffer)!;
  for (const value of Object.values(graph.inputs)) holds.set(place(value), value);
  for (const { label, reads, writes } of lowered.dispatches) {
    for (const { buffer } of reads)
      assert.equal(holds.get(place(buffer)), buffer, `${label} reads what is overwritten`);
    for (const { buffer } of writes) holds.set(place(buffer), buffer);
    const written = writes.map(({ buffer }) => place(buffer));
    assert.ok(!reads.some(({ buffer }) => written.includes(place(buffer))), `${label} writes what it reads`);
    for (const { buffer } of [...reads, ...writes])
      assert.ok(plan.bytes[place(buffer)]! >= lowered.bytes[buffer]!, `${label}: too small`);
  }
  for (const value of Object.values(graph.outputs))
    assert.equal(holds.get(place(value)), value, "an output is overwritten");
  const least = bytesAlive(graph, lowered);
  assert.ok(plan.totalBytes < 1.25 * least, `${plan.totalBytes} bytes, where ${least} would do`);
});

test("in chunks of planes and many submissions: feeds come before they are read, results are read before they are overwritten", () => {
  const shape = [40, 9, 14] as const;
  const box = shape.map((length) => [0, length]) as unknown as Ranges3;
  const whole = predictionGraph({ classes: 3, filters: [4, 6, 5] }, shape);
  const { graph } = streamPlanes(restrictToBoxes(whole, { labels: box, scores: box }).graph, 3);
  const lowered = lowerGraph(graph, limits);
  const plan = planBuffers(graph, lowered, { submissionWork: 1e6 });
  const { submissions } = plan;
  const holds = new Map<number, number>();
  const place = (buffer: number) => plan.placeOf.get(buffer)!;
  assert.ok(submissions.length > 20, `${submissions.length} submissions`);
  let next = 0;
  for (const { dispatches: range, feeds, results } of submissions) {
    assert.equal(range[0], next);
    next = range[1];
    for (const name of feeds) holds.set(place(graph.inputs[name]!), graph.inputs[name]!);
    for (const { label, reads, writes } of lowered.dispatches.slice(...range)) {
      for (const { buffer } of reads)
        assert.equal(holds.get(place(buffer)), buffer, `${label} reads what is overwritten, or not fed yet`);
      for (const { buffer } of writes) holds.set(place(buffer), buffer);
    }
    const sizes = results.map((name) => lowered.bytes[graph.outputs[name]!]!).sort((a, b) => b - a);
    for (const [index, size] of sizes.entries()) assert.ok(plan.readerBytes[index]! >= size);
    for (const name of results)
      assert.equal(holds.get(place(graph.outputs[name]!)), graph.outputs[name], `${name} is overwritten`);
  }
  assert.equal(next, lowered.dispatches.length);
  const all = (names: "feeds" | "results") => submissions.flatMap((submission) => submission[names]).sort();
  assert.deepEqual(all("feeds"), Object.keys(graph.inputs).sort());
  assert.deepEqual(all("results"), Object.keys(graph.outputs).sort());
  const work = submissions.map(({ dispatches: range }) =>
    lowered.work.slice(...range).filter((operations) => operations > 0),
  );
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  assert.ok(work.every((parts) => parts.length === 1 || sum(parts) <= 1e6));
  assert.equal(sum(work.map(sum)), floatingPointOperations(graph));
});

test("in 16 bits chunks of planes are stored as the whole is: what is fed in 32 bits, what convolutions read of others in 16", () => {
  const shape = [20, 9, 14] as const;
  const box = shape.map((length) => [0, length]) as unknown as Ranges3;
  const whole = predictionGraph({ classes: 3, filters: [4, 6, 5] }, shape);
  const { graph } = restrictToBoxes(whole, { scores: box });
  const elements = (one: Graph) => {
    const { dispatches } = lowerGraph(one, { ...limits, precision: "f16" });
    const convolutions = dispatches.filter(({ label }) => label.startsWith("conv3d"));
    const ends = convolutions.map(({ label, reads, writes }) =>
      [label, reads[0]!.element ?? "f32", writes[0]!.element ?? "f32"].join(" "),
    );
    return [...new Set(ends)].sort();
  };
  const streamed = streamPlanes(graph, 4).graph;
  const ofZeros = "conv3d 1→4 f16 f16"; // a plane of zeros is not fed
  assert.deepEqual(
    elements(streamed).filter((ends) => ends !== ofZeros),
    elements(graph),
  );
  assert.ok(elements(graph).includes("conv3d 1→4 f32 f16"));
});

test("a chain needs two buffers, and two to read results: one of this run, one of the run before", () => {
  const builder = new GraphBuilder();
  let y = builder.input("x", [1, 1, 4, 6, 10]);
  for (let step = 0; step < 5; step++) y = builder.add(y, y);
  builder.output("y", y);
  const graph = builder.build();
  const { bytes, totalBytes } = planBuffers(graph, lowerGraph(graph, limits));
  assert.deepEqual(bytes, [960, 960]);
  assert.equal(totalBytes, 4 * 960);
});

test("what is kept has buffers of its own; it is not read back, and its inputs are not overwritten", () => {
  const builder = new GraphBuilder();
  const kept = builder.input("w", [1, 1, 4, 6, 10]);
  const fed = builder.input("x", [1, 1, 4, 6, 10]);
  builder.output("w", builder.add(builder.add(kept, fed), fed));
  const graph = builder.build();
  const plan = planBuffers(graph, lowerGraph(graph, limits), { kept: new Set(["w"]) });
  assert.deepEqual([...plan.keptBytes], [[kept, 960]]);
  assert.equal(plan.placeOf.has(kept), false);
  assert.deepEqual(plan.bytes, [960, 960, 960]);
  assert.equal(plan.totalBytes, 4 * 960);
});

test("every tile of a convolution fits in the workgroup memory of the smallest GPUs", () => {
  const sizes = (workgroupBytes: number, side: number) => {
    const builder = new GraphBuilder();
    const x = builder.input("x", [1, 40, 20, 24, 28]);
    const y = builder.conv3d(x, builder.input("k", [37, 40, side, side, side]));
    const padding = [(side - 1) / 2, (side - 1) / 2] as const;
    builder.output("d", builder.conv3dKernelGradient(x, y, [padding, padding, padding]));
    return lowerGraph(builder.build(), { ...limits, workgroupBytes }).dispatches.map(({ body }) =>
      [...body.matchAll(/var<workgroup> \w+: array<(f32|vec4f), (\d+)>/g)].reduce(
        (sum, [, type, count]) => sum + (type === "f32" ? 4 : 16) * Number(count),
        0,
      ),
    );
  };
  for (const side of [1, 3, 5])
    for (const bytes of sizes(16384, side)) assert.ok(bytes <= 16384, `${side}: ${bytes}`);
  assert.ok(Math.max(...sizes(16384, 3)) > 8192);
  assert.throws(() => sizes(16384, 9), { name: "TomoflowError", code: "kernel-too-large" });
});

/** Most bytes that are needed at one time, counted anew at every dispatch, and those through which outputs are read. */
function bytesAlive(graph: Graph, { dispatches, bytes }: LoweredGraph): number {
  const sizeOf = (buffers: Iterable<number>) =>
    [...new Set(buffers)].reduce((sum, id) => sum + bytes[id]!, 0);
  const outputs = Object.values(graph.outputs);
  const peak = dispatches.map(({ reads, writes }, index) => {
    const before = dispatches
      .slice(0, index)
      .flatMap((dispatch) => dispatch.writes.map(({ buffer }) => buffer));
    const later = dispatches
      .slice(index + 1)
      .flatMap((dispatch) => dispatch.reads.map(({ buffer }) => buffer));
    const awaited = new Set([...later, ...outputs]);
    const kept = [...Object.values(graph.inputs), ...before].filter((buffer) => awaited.has(buffer));
    return sizeOf([...kept, ...[...reads, ...writes].map(({ buffer }) => buffer)]);
  });
  return Math.max(...peak) + 2 * sizeOf(outputs);
}
