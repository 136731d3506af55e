import assert from "node:assert/strict";
import { test } from "node:test";
import { Scheduler } from "../../../src/runner/execution/scheduler.ts";
import type { Machine, Request } from "../../../src/runner/machine/resources.ts";

const machine: Machine = { cores: 4, memoryBytes: 1000, gpus: ["0", "1"] };

/** Tasks that run until told to end; `started` in order, with the devices they got. */
function playground(jobs = 10) {
  const scheduler = new Scheduler(machine, jobs);
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  let order = 0;
  return {
    started,
    add(name: string, request: Partial<Request>, place = order++) {
      const start = ({ gpus }: { gpus: readonly string[] }) => {
        started.push(gpus.length > 0 ? `${name} on ${gpus}` : name);
        return new Promise<void>((resolve) => ends.set(name, resolve));
      };
      scheduler.add({ order: place, request: { cores: 1, memoryBytes: 1, gpus: 0, ...request }, start });
    },
    async end(name: string) {
      ends.get(name)?.();
      await new Promise(setImmediate);
    },
    drop: () => scheduler.drop(),
  };
}

test("tasks share the cores, and a large one is not starved by small ones", async () => {
  const { add, end, started } = playground();
  add("a", { cores: 2 });
  add("large", { cores: 4 });
  add("small", { cores: 1 });
  assert.deepEqual(started, ["a"]);
  await end("a");
  assert.deepEqual(started, ["a", "large"]);
  await end("large");
  assert.deepEqual(started, ["a", "large", "small"]);
});

test("each task gets a GPU of its own, and one that waits for a GPU lets others use the cores", async () => {
  const { add, end, started } = playground();
  for (const name of ["a", "b", "c"]) add(name, { gpus: 1 });
  add("plain", {});
  assert.deepEqual(started, ["a on 0", "b on 1", "plain"]);
  await end("b");
  assert.deepEqual(started, ["a on 0", "b on 1", "plain", "c on 1"]);
});

test("memory is counted, and what asks for more than all of it runs alone", async () => {
  const { add, end, started } = playground();
  add("a", { memoryBytes: 600 });
  add("b", { memoryBytes: 600 });
  assert.deepEqual(started, ["a"]);
  await end("a");
  assert.deepEqual(started, ["a", "b"]);
  add("huge", { memoryBytes: 5000 });
  await end("b");
  assert.deepEqual(started, ["a", "b", "huge"]);
});

test("no more than --jobs at a time, in order; dropped tasks never start", async () => {
  const { add, end, started, drop } = playground(1);
  add("a", {}, 0);
  add("c", {}, 2);
  add("b", {}, 1);
  await end("a");
  assert.deepEqual(started, ["a", "b"]);
  drop();
  await end("b");
  assert.deepEqual(started, ["a", "b"]);
});
