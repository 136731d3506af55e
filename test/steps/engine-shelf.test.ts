import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import type { Engine } from "../../src/compute/engine.ts";
import { EngineShelf } from "../../src/steps/engine-shelf.ts";

/** What was opened and closed, in order. Engines that only tell their name: the shelf does nothing else with them. */
let happened: string[] = [];
let opened = 0;
beforeEach(() => {
  happened = [];
  opened = 0;
});

const open = async (asked: string): Promise<Engine> => {
  const name = asked === "auto" ? "webgpu" : asked;
  const which = `${name} ${++opened}`;
  happened.push(`open ${which}`);
  const dispose = async () => void happened.push(`close ${which}`);
  return { name, device: which, dispose } as Partial<Engine> as Engine;
};

const context = (engine: string) => ({ engine, threads: 2, memoryBytes: 1e9, report: () => undefined });

function shelfOfWorker(): EngineShelf {
  const shelf = new EngineShelf(open);
  shelf.keepForNext();
  return shelf;
}

describe("the engine of one task after the other", () => {
  test("a GPU's stays open for the next task that asks for the same", async () => {
    const shelf = shelfOfWorker();
    const devices: string[] = [];
    for (const asked of ["auto", "auto", "webgpu"])
      await shelf.use(context(asked), async ({ device }) => devices.push(device));
    assert.deepEqual(devices, ["webgpu 1", "webgpu 1", "webgpu 2"]);
    assert.deepEqual(happened, ["open webgpu 1", "close webgpu 1", "open webgpu 2"]);
  });

  test("the processor's is opened anew: each task has its own threads and memory", async () => {
    const shelf = shelfOfWorker();
    for (let task = 0; task < 2; task++) await shelf.use(context("onnx"), async () => undefined);
    assert.deepEqual(happened, ["open onnx 1", "close onnx 1", "open onnx 2", "close onnx 2"]);
  });

  test("after a failure it is not used again", async () => {
    const shelf = shelfOfWorker();
    const fails = shelf.use(context("auto"), async () => {
      throw new Error("lost");
    });
    await assert.rejects(fails, /lost/);
    await shelf.use(context("auto"), async () => undefined);
    assert.deepEqual(happened, ["open webgpu 1", "close webgpu 1", "open webgpu 2"]);
  });

  test("nothing stays open in a process that is to end by itself", async () => {
    const shelf = new EngineShelf(open);
    await shelf.use(context("auto"), async () => undefined);
    assert.deepEqual(happened, ["open webgpu 1", "close webgpu 1"]);
  });
});
