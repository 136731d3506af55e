import assert from "node:assert/strict";
import { test } from "node:test";
import { joinDataset, splitDataset } from "../../src/core/dataset-path.ts";
import { idOfFile } from "../../src/schema/table/table.ts";

test("a data set stands behind the ending of an HDF5 file, and nothing else is taken for one", () => {
  const cases: readonly (readonly [string, string, string?])[] = [
    ["data/a.h5#/volumes/raw", "data/a.h5", "/volumes/raw"],
    ["data/a.h5#volumes/raw", "data/a.h5", "/volumes/raw"],
    ["A.HDF5#//raw", "A.HDF5", "/raw"],
    ["a.hdf#/a#b", "a.hdf", "/a#b"],
    ["a.h5#b.h5#/raw", "a.h5#b.h5", "/raw"],
    ["scan #3.mrc", "scan #3.mrc"],
    ["a#1.h5", "a#1.h5"],
    ["a.h5#", "a.h5#"],
    ["a.h5", "a.h5"],
  ];
  for (const [path, file, dataset] of cases)
    assert.deepEqual(splitDataset(path), dataset === undefined ? { file } : { file, dataset }, path);
  assert.equal(joinDataset(splitDataset("a.h5#raw")), "a.h5#/raw");
  assert.equal(joinDataset({ file: "a.mrc" }), "a.mrc");
});

test("a row without an id is called by the file, not by the data set in it", () => {
  assert.equal(idOfFile("data/t0.h5#/volumes/raw"), "t0");
});
