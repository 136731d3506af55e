import assert from "node:assert/strict";
import { test } from "node:test";
import type { Feed } from "../../src/compute/engine.ts";
import { createOnnxEngine } from "../../src/compute/onnx/engine.ts";
import { GraphBuilder } from "../../src/network/graph.ts";
import { tensorflowOnCpu } from "../support/tensorflow-on-cpu.ts";

const shape = [1, 1, 1, 2, 2];
const filled = (value: number) => ({ shape, data: new Float32Array(4).fill(value) });

function sumGraph() {
  const builder = new GraphBuilder();
  builder.output("sum", builder.add(builder.input("a", shape), builder.input("b", shape)));
  return builder.build();
}

const engines = [await createOnnxEngine({ threads: 1 }), tensorflowOnCpu("volume")];

for (const engine of engines) {
  test(`${engine.name}: what a function gives is awaited, once a run, one after the other`, async () => {
    const program = await engine.compile(sumGraph());
    const log: string[] = [];
    const feed = (name: string, value: number) => async () => {
      log.push(name);
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`${name} given`);
      return filled(value);
    };
    const runs = [1, 2].map((value) => program.run({ a: feed("a", value), b: feed("b", 10) }));
    const sums = (await Promise.all(runs)).map(({ sum }) => sum!.data[3]);
    assert.deepEqual(sums, [11, 12]);
    assert.deepEqual(log, Array(2).fill(["a", "a given", "b", "b given"]).flat());
    const plain = await program.run({ a: filled(1), b: () => filled(2) });
    assert.equal(plain.sum!.data[0], 3);
    await program.dispose();
  });

  test(`${engine.name}: a function that fails, gives another shape, or is waited for in vain ends its run alone`, async () => {
    const program = await engine.compile(sumGraph());
    const broken = new Error("the disk is gone");
    const run = (b: Feed, signal?: AbortSignal) => program.run({ a: filled(1), b }, signal);
    await assert.rejects(
      run(() => Promise.reject(broken)),
      broken,
    );
    await assert.rejects(
      run(() => {
        throw broken;
      }),
      broken,
    );
    await assert.rejects(
      run(async () => ({ shape: [4], data: new Float32Array(4) })),
      { code: "feed-shape" },
    );
    const stop = new AbortController();
    const waiting = run(() => new Promise(() => {}), stop.signal);
    setImmediate(() => stop.abort());
    await assert.rejects(waiting, { name: "AbortError" });
    assert.equal((await run(filled(2))).sum!.data[0], 3);
    await program.dispose();
  });
}
