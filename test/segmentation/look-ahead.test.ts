import assert from "node:assert/strict";
import { test } from "node:test";
import { oneAhead } from "../../src/segmentation/look-ahead.ts";

/** Work that ends when told, and a record of what began and ended. */
function manualWork() {
  const log: string[] = [];
  const ends = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  const work = (item: number): Promise<number> => {
    log.push(`begin ${item}`);
    return new Promise((resolve, reject) => {
      ends.set(item, { resolve: () => resolve(10 * item), reject });
    });
  };
  return { log, ends, work };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("results come in order; the next item is begun before the last is taken, and no more", async () => {
  const { log, ends, work } = manualWork();
  const results = oneAhead([1, 2, 3], work);
  const first = results.next();
  await settled();
  assert.deepEqual(log, ["begin 1", "begin 2"]);
  ends.get(2)!.resolve();
  ends.get(1)!.resolve();
  assert.equal((await first).value, 10);
  assert.equal(log.length, 2, "the third waits until the first was taken care of");
  const second = results.next();
  await settled();
  assert.equal(log.at(-1), "begin 3");
  ends.get(3)!.resolve();
  assert.deepEqual([(await second).value, (await results.next()).value], [20, 30]);
  assert.equal((await results.next()).done, true);
});

test("a failure comes in its turn, and only when nothing is at work any more", async () => {
  const { ends, work } = manualWork();
  const results = oneAhead([1, 2, 3], work);
  const first = results.next();
  await settled();
  ends.get(2)!.reject(new Error("second"));
  await settled();
  ends.get(1)!.resolve();
  assert.equal((await first).value, 10);
  const second = results.next();
  let isOver = false;
  second
    .catch(() => undefined)
    .finally(() => {
      isOver = true;
    });
  await settled();
  assert.equal(isOver, false, "the third is under way");
  ends.get(3)!.resolve();
  await assert.rejects(second, { message: "second" });
});

test("who stops early waits for what was begun", async () => {
  const { log, ends, work } = manualWork();
  const results = oneAhead([1, 2, 3], work);
  const first = results.next();
  await settled();
  ends.get(1)!.resolve();
  await first;
  let isOver = false;
  const end = results.return(undefined).then(() => {
    isOver = true;
  });
  await settled();
  assert.equal(isOver, false);
  ends.get(2)!.resolve();
  await end;
  assert.deepEqual(log, ["begin 1", "begin 2"]);
});
