import assert from "node:assert/strict";
import { test } from "node:test";
import { TomoflowError } from "../../src/core/error.ts";
import { throughFailures } from "../../src/steps/train/failures.ts";

const lost = () => new TomoflowError("gpu-lost", "the GPU was lost");
const full = () => new TomoflowError("gpu-out-of-memory", "the GPU is full");

/** Fails with each of `failures`, then returns 7; records the shares it was called with. */
function failing(failures: readonly Error[]) {
  const shares: number[] = [];
  const attempt = async (share: number): Promise<number> => {
    const failure = failures[shares.length];
    shares.push(share);
    if (failure) throw failure;
    return 7;
  };
  return { shares, attempt };
}

test("a lost device: the same again, twice at most", async () => {
  const logged: string[] = [];
  const rules = { mayShrink: true, log: (text: string) => void logged.push(text) };
  const twice = failing([lost(), lost()]);
  assert.equal(await throughFailures(twice.attempt, rules), 7);
  assert.deepEqual(twice.shares, [1, 1, 1]);
  assert.deepEqual(logged.slice(1), ["the GPU was lost: goes on from the last checkpoint"]);
  const often = failing([lost(), lost(), lost()]);
  await assert.rejects(throughFailures(often.attempt, rules), { code: "gpu-lost" });
});

test("too little memory: half of it each time, where the batch may follow", async () => {
  const rules = { mayShrink: true, log: () => undefined };
  const twice = failing([full(), lost(), full()]);
  assert.equal(await throughFailures(twice.attempt, rules), 7);
  assert.deepEqual(twice.shares, [1, 0.5, 0.5, 0.25]);
  const often = failing([full(), full(), full(), full()]);
  await assert.rejects(throughFailures(often.attempt, rules), {
    code: "gpu-out-of-memory",
    hint: "use a smaller patchSize, or the onnx engine",
  });
  assert.deepEqual(often.shares, [1, 0.5, 0.25, 0.125]);
});

test("a batch that was asked for stays: what to make smaller is said at once", async () => {
  const { attempt, shares } = failing([full()]);
  await assert.rejects(throughFailures(attempt, { mayShrink: false, log: () => undefined }), {
    code: "gpu-out-of-memory",
    message: "the GPU is full",
    hint: /a smaller batchSize or `batchSize: auto`/,
  });
  assert.deepEqual(shares, [1]);
});

test("other errors are passed on", async () => {
  for (const error of [new TomoflowError("training-diverged", "no"), new Error("the disk is gone")]) {
    const { attempt, shares } = failing([error]);
    await assert.rejects(throughFailures(attempt, { mayShrink: true, log: () => undefined }), error);
    assert.equal(shares.length, 1);
  }
});
