import assert from "node:assert/strict";
import { test } from "node:test";
import type { CacheSurvey, StoredResult } from "../../../src/runner/upkeep/cache-survey.ts";
import { findGarbage, type GarbageRules } from "../../../src/runner/upkeep/garbage.ts";

const day = 86_400;
const now = 1_000 * day * 1000;
const daysAgo = (days: number) => now - days * day * 1000;

const result = (
  key: string,
  days: number,
  { blobs, lineage }: { blobs: string[]; lineage?: string },
): StoredResult => ({
  key,
  kind: "toy",
  path: key,
  bytes: 1,
  usedMilliseconds: daysAgo(days),
  lineage,
  blobs,
});
const thing = (path: string, bytes: number, days = 0) =>
  [path, { path, bytes, usedMilliseconds: daysAgo(days) }] as const;

/** Four results, oldest first; `b1` is shared by two, `lone` belongs to none. */
const survey: CacheSurvey = {
  results: [
    result("k50", 50, { blobs: ["b50", "b1"], lineage: "long" }),
    result("k40", 40, { blobs: ["b40"], lineage: "locked" }),
    result("k20", 20, { blobs: ["b20"] }),
    result("k1", 1, { blobs: ["b1"] }),
  ],
  blobs: new Map([
    thing("b50", 500),
    thing("b40", 400),
    thing("b20", 200),
    thing("b1", 10),
    thing("lone", 7),
  ]),
  checkpoints: new Map([
    thing("long", 50),
    thing("locked", 40),
    thing("stopped", 5, 3),
    thing("given-up", 6, 31),
  ]),
  logs: [
    { path: "1.log", bytes: 1, usedMilliseconds: daysAgo(45), task: "train", isLast: false },
    {
      path: "made-locked.log",
      bytes: 1,
      usedMilliseconds: daysAgo(44),
      task: "train",
      key: "k40",
      isLast: false,
    },
    { path: "2.log", bytes: 1, usedMilliseconds: daysAgo(44), task: "train", isLast: true },
    { path: "gone.log", bytes: 1, usedMilliseconds: daysAgo(44), task: "gone", isLast: true },
  ],
  runs: [
    { path: "old.jsonl", bytes: 3, usedMilliseconds: daysAgo(40), isRecent: false },
    { path: "old-but-recent.jsonl", bytes: 3, usedMilliseconds: daysAgo(40), isRecent: true },
    { path: "young.jsonl", bytes: 3, usedMilliseconds: daysAgo(20), isRecent: false },
  ],
  slices: [],
  studio: [],
  deadAttempts: [],
  locked: { keys: new Set(["k40"]), blobs: new Set(["b40"]), tasks: new Set(["train"]) },
  linkedBlobs: new Set(),
  liveLineages: new Set(),
};

function goes(rules: GarbageRules, changes: Partial<CacheSurvey> = {}) {
  const { results, blobs, checkpoints, logs, keptBytes } = findGarbage({ ...survey, ...changes }, rules, now);
  const names = (things: readonly { path: string }[]) => things.map(({ path }) => path).join(" ");
  return [names(results), names(blobs), names(checkpoints), names(logs), keptBytes];
}

test("without rules only what belongs to nothing goes", () => {
  assert.deepEqual(goes({}), ["", "lone", "given-up", "1.log", 500 + 400 + 200 + 10 + 50 + 40 + 5]);
});

test("--keep-locked alone keeps the lock's results and unfinished work", () => {
  assert.deepEqual(goes({ keepLocked: true }), [
    "k50 k20 k1",
    "b50 b20 b1 lone",
    "long given-up",
    "1.log",
    400 + 40 + 5,
  ]);
});

test("--older-than takes age alone, and what is shared stays with the younger", () => {
  assert.deepEqual(goes({ olderThanSeconds: 30 * day }).slice(0, 4), [
    "k50 k40",
    "b50 b40 lone",
    "long locked given-up",
    "1.log gone.log",
  ]);
  assert.equal(goes({ olderThanSeconds: 30 * day, keepLocked: true })[0], "k50");
  assert.equal(goes({ olderThanSeconds: 60 * day, keepLocked: true })[0], "");
});

test("--max-size takes the oldest first, counts shared files once, and stops as soon as it fits", () => {
  // all: 500 + 400 + 200 + 10 of results, 50 + 40 + 5 + 6 of checkpoints
  assert.equal(goes({ maxBytes: 1211 })[0], "");
  assert.equal(goes({ maxBytes: 1210 })[0], "k50");
  assert.equal(goes({ maxBytes: 661 })[0], "k50");
  assert.equal(goes({ maxBytes: 660 })[0], "k50 k40");
  assert.equal(goes({ maxBytes: 660, keepLocked: true })[0], "k50 k20");
  assert.deepEqual(goes({ maxBytes: 0, keepLocked: true })[0], "k50 k20 k1");
  assert.equal(goes({ maxBytes: 0, keepLocked: true })[4], 445);
});

test("what a task at work or a link needs stays, whatever the rules", () => {
  const live = goes({ maxBytes: 0 }, { liveLineages: new Set(["long", "given-up"]) });
  assert.deepEqual(live.slice(0, 3), ["k40 k20 k1", "b40 b20", "locked"]);
  const linked = goes({ maxBytes: 0 }, { linkedBlobs: new Set(["b20", "lone"]) });
  assert.deepEqual(linked.slice(0, 2), ["k50 k40 k1", "b50 b40 b1"]);
});

test("records of runs go when they are old and not among the last of their workflow", () => {
  const runs = (rules: GarbageRules) => findGarbage(survey, rules, now).runs.map(({ path }) => path);
  assert.deepEqual(runs({}), ["old.jsonl"]);
  assert.deepEqual(runs({ olderThanSeconds: 10 * day }), ["old.jsonl", "young.jsonl"]);
  assert.deepEqual(runs({ olderThanSeconds: 50 * day }), []);
});

test("journals and originals of lists stay unless an age is named, and are counted", () => {
  const studio = [
    { path: "new.jsonl", bytes: 100, usedMilliseconds: daysAgo(5) },
    { path: "old.jsonl", bytes: 200, usedMilliseconds: daysAgo(400) },
  ];
  const gone = (rules: GarbageRules) => {
    const { studio: found, keptBytes } = findGarbage({ ...survey, studio }, rules, now);
    return [found.map(({ path }) => path).join(" "), keptBytes];
  };
  const results = 500 + 400 + 200 + 10 + 50 + 40 + 5;
  assert.deepEqual(gone({}), ["", results + 300]);
  assert.deepEqual(gone({ maxBytes: 1211 }).slice(0, 1), [""]);
  assert.deepEqual(gone({ olderThanSeconds: 30 * day }).slice(0, 1), ["old.jsonl"]);
});

test("slices for the studio go when nobody looked for long, or when results need the room; they are counted", () => {
  const slices = [
    { path: "today", bytes: 1000, usedMilliseconds: daysAgo(0) },
    { path: "lately", bytes: 2000, usedMilliseconds: daysAgo(5) },
    { path: "long-ago", bytes: 4000, usedMilliseconds: daysAgo(40) },
  ];
  const gone = (rules: GarbageRules) => {
    const { slices: found, keptBytes } = findGarbage({ ...survey, slices }, rules, now);
    return [found.map(({ path }) => path).join(" "), keptBytes];
  };
  const results = 500 + 400 + 200 + 10 + 50 + 40 + 5;
  assert.deepEqual(gone({}), ["long-ago", results + 3000]);
  assert.deepEqual(gone({ olderThanSeconds: 3 * day }).slice(0, 1), ["lately long-ago"]);
  assert.deepEqual(gone({ maxBytes: results + 3000 }), ["long-ago", results + 3000]);
  assert.deepEqual(gone({ maxBytes: results + 2999 }), ["lately long-ago", results + 1000]);
  assert.deepEqual(gone({ maxBytes: 1211 }), ["today lately long-ago", results]);
});
