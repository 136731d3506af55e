import assert from "node:assert/strict";
import { test } from "node:test";
import { lookAddress, readLookFiles } from "../../../src/studio/web/look/look-address.ts";
import { readView, viewWords } from "../../../src/studio/web/look/view-address.ts";
import { readRoute } from "../../../src/studio/web/shell/route.ts";
import { createViewerStore } from "../../../src/studio/web/viewer/viewer-store.ts";

const volume = {
  shape: [50, 40, 30],
  voxelSizeAngstrom: [10, 10, 10],
  yUp: true,
  contrast: { low: -1, high: 2 },
} as const;

test("files come back from their address, whatever their names hold", () => {
  const files = {
    volume: "a b/t&1.mrc",
    second: "c#?.mrc",
    labels: "é.mrc",
    scores: null,
    objects: "x=y.xml",
  };
  const { screen, query } = readRoute(lookAddress(files));
  assert.equal(screen, "look");
  assert.deepEqual(readLookFiles(query), files);
});

test("a view comes back from its address", () => {
  const store = createViewerStore();
  store.getState().show(volume);
  store.setState(({ view }) => ({
    position: [3, 4.5, 29],
    view: { ...view, zoom: 3.25, centre: [3, 4.5, 29] },
    contrast: { low: -0.5, high: 7, inverted: true },
    averaged: 5,
    layout: "xz",
  }));
  const other = createViewerStore();
  other.getState().show(volume);
  other.setState(readView(new URLSearchParams(viewWords(store.getState())), other.getState()));
  const shown = ({ getState }: typeof store) => {
    const { position, view, contrast, averaged, layout } = getState();
    return { position, view, contrast, averaged, layout };
  };
  assert.deepEqual(shown(other), shown(store));
  assert.equal(other.getState().toFit, false);
});

test("what an address says wrongly is left out", () => {
  const store = createViewerStore();
  store.getState().show(volume);
  for (const words of [
    "at=1,2",
    "at=1,2,99",
    "at=,,",
    "zoom=0",
    "zoom=-1",
    "zoom=x",
    "contrast=1,1",
    "contrast=1",
    "layout=no",
    "average=0",
  ])
    assert.deepEqual(readView(new URLSearchParams(words), store.getState()), {}, words);
});
