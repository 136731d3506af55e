import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Evidence,
  endWithoutWords,
  troubleOf,
} from "../../../../src/runner/execution/executors/slurm/explain.ts";

const place = { batch: "b", element: 0, alike: 1, elements: 3, since: 0, memoryBytes: 4e9 };
const record = { code: 0, oomKills: 0, isOver: false, wasAsked: false, job: "5_0", node: "n1" };
const known = (state: string) => ({ state, reason: "", node: "n1" });
const evidence = (more: Partial<Evidence>): Evidence => ({
  ...{ id: "5_0", place, record: undefined, known: undefined, hasStarted: true, output: "", log: "" },
  ...more,
});
const codeOf = (more: Partial<Evidence>) => troubleOf(evidence(more))?.code;
const endOf = (more: Partial<Evidence>) => {
  const { code, blameless = false } = endWithoutWords(evidence(more));
  return [code, blameless];
};

test("nothing tells of a trouble where the record and Slurm are content", () => {
  assert.equal(codeOf({ record, known: known("COMPLETED") }), undefined);
  assert.equal(codeOf({ record, known: known("RUNNING") }), undefined);
  assert.equal(codeOf({ record }), undefined);
});

test("memory counts by the system's own counter, whatever the exit code and the state say", () => {
  assert.equal(codeOf({ record: { ...record, oomKills: 1 }, known: known("COMPLETED") }), "out-of-memory");
  assert.equal(codeOf({ known: known("OUT_OF_MEMORY") }), "out-of-memory");
  assert.match(
    troubleOf(evidence({ known: known("OUT_OF_MEMORY") }))!.message,
    /4\.0+ GB .* \(job 5_0 on n1\)/,
  );
});

test("what Slurm wrote into the job's output counts where its state says less", () => {
  const log = (text: string) => `slurmstepd-n1: error: ${text}\n`;
  const memory = log("StepId=6.batch exceeded memory limit (205647872 > 104857600), being killed");
  assert.equal(codeOf({ known: known("FAILED"), log: memory }), "out-of-memory");
  assert.equal(
    codeOf({ known: "vanished", log: log("Detected 1 oom_kill event in StepId=6.batch.") }),
    "out-of-memory",
  );
  assert.equal(
    codeOf({ log: log("*** JOB 6 ON n1 CANCELLED AT 2026-11-27T16:19:55 DUE TO TIME LIMIT ***") }),
    "time-limit",
  );
  assert.equal(
    codeOf({ log: log("*** JOB 6 ON n1 CANCELLED AT 2026-11-27T16:19:55 DUE TO PREEMPTION ***") }),
    "preempted",
  );
  assert.equal(codeOf({ log: log("*** JOB 6 ON n1 CANCELLED AT 2026-11-27T16:19:55 ***") }), "job-cancelled");
});

test("a job that Slurm asked to end before its time was over, and did, is over its time", () => {
  assert.equal(codeOf({ record: { ...record, wasAsked: true }, known: known("COMPLETED") }), "time-limit");
  assert.equal(codeOf({ record: { ...record, wasAsked: true }, known: known("CANCELLED") }), "job-cancelled");
  assert.equal(
    codeOf({ record: { ...record, isOver: true, code: 124 }, known: known("COMPLETED") }),
    "time-limit",
  );
});

test("of several tasks in a job, one that ended by itself has no part in what became of the job", () => {
  const several = { ...place, alike: 4 };
  assert.equal(codeOf({ place: several, record, known: known("TIMEOUT") }), undefined);
  assert.equal(codeOf({ place: several, known: known("TIMEOUT") }), "time-limit");
  assert.deepEqual(endOf({ place: several, known: known("TIMEOUT"), hasStarted: false }), [
    "not-begun",
    true,
  ]);
  assert.deepEqual(endOf({ place: several, known: known("COMPLETED"), hasStarted: false }), [
    "not-begun",
    true,
  ]);
  assert.deepEqual(endOf({ place: several, known: known("CANCELLED"), hasStarted: false }), [
    "job-cancelled",
    false,
  ]);
});

test("a job without a word is never taken for done", () => {
  assert.deepEqual(endOf({ known: "vanished" }), ["job-lost", true]);
  assert.deepEqual(endOf({ known: undefined }), ["job-lost", true]);
  assert.deepEqual(endOf({ known: known("COMPLETED") }), ["job-lost", true]);
  assert.deepEqual(endOf({ known: known("NODE_FAIL") }), ["node-failed", true]);
  assert.deepEqual(endOf({ known: known("FAILED"), hasStarted: false }), ["launch-failed", true]);
  assert.deepEqual(endOf({ record: { ...record, code: 127 }, hasStarted: false }), ["launch-failed", true]);
  assert.deepEqual(endOf({ record: { ...record, code: 139 } }), ["worker-crashed", false]);
  assert.deepEqual(endOf({ record: { ...record, code: 137 } }), ["out-of-memory", false]);
});
