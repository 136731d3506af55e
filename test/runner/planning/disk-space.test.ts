import assert from "node:assert/strict";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { OutputBytes } from "../../../src/runner/index.ts";
import { cluster } from "../../../src/steps/cluster.ts";
import { segment } from "../../../src/steps/segment.ts";
import { simulate } from "../../../src/steps/simulate.ts";
import { target } from "../../../src/steps/target.ts";
import { writeVolume } from "../../../src/volume/formats.ts";
import { stepContext } from "../../support/step-context.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { shoutFiles, toyProject } from "../../support/toy-project.ts";

const sizes =
  (least: number, likely = least): OutputBytes =>
  async ({ step }) =>
    step === "shout" ? { least, likely } : undefined;

test("a run whose results cannot fit on the disk does not start; one that may not fit says so", async (context) => {
  const project = await toyProject(context, shoutFiles);
  const { bavail, bsize } = await statfs(project.folder);
  const free = bavail * bsize;
  const small = await project.run({ outputBytes: sizes(0.6 * free) });
  assert.equal(small.summary.outcome, "failed");
  assert.deepEqual(small.outcomes, {}, "nothing was started");
  const [error] = small.summary.diagnostics;
  assert.deepEqual([error?.severity, error?.code], ["error", "disk-too-small"]);
  assert.match(
    error!.message,
    /^this run writes at least [\d.]+ [GT]B, and the disk of \.tomoflow has [\d.]+ [GT]B left$/,
  );
  const tight = await project.run({ outputBytes: sizes(0, 0.3 * free) });
  assert.deepEqual(
    tight.summary.diagnostics.map(({ severity, code }) => [severity, code]),
    [["warning", "disk-too-small"]],
  );
  assert.equal(tight.summary.counts.done, 5);
  const fresh = await project.run({ outputBytes: sizes(free) });
  assert.deepEqual(fresh.summary.diagnostics, [], "what is there needs no room");
});

test("links need room once, copies twice", async (context) => {
  const run = async (link: string) => {
    const workflow = `${shoutFiles["workflow.yaml"]}cache: {link: ${link}}\n`;
    const project = await toyProject(context, { ...shoutFiles, "workflow.yaml": workflow });
    const { bavail, bsize } = await statfs(project.folder);
    const { summary } = await project.run({ outputBytes: sizes(0.3 * bavail * bsize) });
    return summary.diagnostics.map(({ severity }) => severity);
  };
  assert.deepEqual(await run("hardlink"), []);
  assert.deepEqual(await run("reflink"), ["warning"]);
  assert.deepEqual(await run("copy"), ["error"]);
});

test("the steps that write volumes tell their size from the headers", async (context) => {
  const folder = await temporaryFolder(context);
  const tomogram = join(folder, "t0.mrc");
  await writeVolume(tomogram, {
    shape: [4, 6, 10],
    voxelSizeAngstrom: null,
    originAngstrom: [0, 0, 0],
    data: new Float32Array(240),
  });
  const classes = [{ label: 1, name: "a" }];
  const files = { tomogram, objects: join(folder, "none.xml") };
  const given = { classes, files };
  assert.deepEqual(await target.outputBytes!(stepContext(target, folder, given)), {
    least: 240,
    likely: 240,
  });
  const sized = stepContext(target, folder, { ...given, parameters: { size: [2, 3, 4] } });
  assert.equal((await target.outputBytes!(sized))?.least, 24);
  const parameters = { weights: "w.h5", scores: true, binned: true };
  assert.deepEqual(await segment.outputBytes!(stepContext(segment, folder, { ...given, parameters })), {
    least: 270,
    likely: 270 + 480,
  });
  const later = { ...stepContext(segment, folder, { ...given, parameters }), pending: new Set([tomogram]) };
  assert.equal(await segment.outputBytes!(later), undefined);
  const made = stepContext(simulate, folder, { classes, parameters: { size: [8, 8, 8] } });
  assert.equal((await simulate.outputBytes!(made))?.least, 5 * 512);
  assert.equal(cluster.outputBytes, undefined);
});
