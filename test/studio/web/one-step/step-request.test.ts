import assert from "node:assert/strict";
import { test } from "node:test";
import type { KindForm } from "../../../../src/studio/protocol/forms.ts";
import { lookAtFile, lookAtRun } from "../../../../src/studio/web/one-step/results.ts";
import { shownSeconds } from "../../../../src/studio/web/one-step/shown-seconds.ts";
import {
  changeParameter,
  emptyRequest,
  fitToKind,
  mistakesAt,
  mistakesElsewhere,
  requestToSend,
} from "../../../../src/studio/web/one-step/step-request.ts";

const kind = (scope: "row" | "table"): KindForm =>
  ({ uses: "train", scope, isOpen: false, inputs: [{ name: "tomogram" }, { name: "target" }] }) as never;
const row = (inputs: Record<string, string>, split = "") => ({ values: { split }, inputs });

test("only what is filled in and what the step takes is sent", () => {
  const request = {
    ...emptyRequest("train"),
    rows: [row({ tomogram: "a.mrc", target: " ", old: "x" }, "train"), row({})],
  };
  assert.deepEqual(requestToSend(request, kind("table")).rows, [
    { values: { split: "train" }, inputs: { tomogram: "a.mrc" } },
  ]);
  assert.deepEqual(requestToSend(emptyRequest("train"), kind("table")).rows, [{ values: {}, inputs: {} }]);
});

test("a step on one tomogram has one row", () => {
  const two = { ...emptyRequest("train"), rows: [row({ tomogram: "a.mrc" }), row({ tomogram: "b.mrc" })] };
  assert.deepEqual(fitToKind(two, kind("row")).rows, [two.rows[0]]);
  assert.equal(fitToKind(two, kind("table")), two);
  assert.equal(fitToKind({ ...two, rows: [] }, kind("row")).rows.length, 1);
});

test("a parameter that is emptied is left out", () => {
  const request = changeParameter(emptyRequest("train"), "epochs", 5);
  assert.deepEqual(request.parameters, { epochs: 5 });
  assert.deepEqual(changeParameter(request, "epochs", undefined).parameters, {});
});

test("mistakes go to their field; those of none are said above", () => {
  const at = (...path: (string | number)[]) =>
    ({ code: "c", severity: "error", message: path.join("."), path }) as const;
  const all = [
    at("rows", 0, "inputs", "labels"),
    at("parameters", "radius", "1"),
    at("outputs", "detections"),
  ];
  const none = { code: "c", severity: "error", message: "of none" } as const;
  assert.deepEqual(mistakesAt(all, "rows", 0, "inputs", "labels"), [all[0]]);
  assert.deepEqual(mistakesAt(all, "parameters", "radius"), [all[1]]);
  assert.deepEqual(mistakesElsewhere([...all, none]), [all[2], none]);
});

const file = (port: string, path: string, fileKind = "tomogram") =>
  ({ port, path, kind: fileKind, bytes: 1 }) as never;

test("labels are looked at over their tomogram, detections over their labels, tables not at all", () => {
  const segment = {
    request: { ...emptyRequest("segment"), rows: [row({ tomogram: "data/a.mrc" })] },
    results: [file("labels", "out/labels.mrc")],
  };
  assert.equal(lookAtRun(segment), "#/look?volume=data%2Fa.mrc&labels=out%2Flabels.mrc");
  const cluster = {
    request: { ...emptyRequest("cluster"), rows: [row({ labels: "out/labels.mrc" })] },
    results: [file("detections", "out/found.xml", "list")],
  };
  assert.equal(
    lookAtRun(cluster),
    "#/look?volume=out%2Flabels.mrc&labels=out%2Flabels.mrc&objects=out%2Ffound.xml",
  );
  const evaluate = { request: emptyRequest("evaluate"), results: [file("metrics", "m.json", "other")] };
  assert.equal(lookAtRun(evaluate), undefined);
  assert.equal(lookAtFile(evaluate.results[0]!, evaluate), undefined);
});

test("times as people say them", () => {
  assert.deepEqual([0, 2.34, 42, 200, 7500].map(shownSeconds), [
    "0 s",
    "2.3 s",
    "42 s",
    "3 min 20 s",
    "2 h 5 min",
  ]);
});
