/** Detections reviewed as a person does: walked through, two rejected, in the gallery too, the corrected list made training objects. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readObjects, writeObjects } from "../../../src/objects/formats.ts";
import { writeVolume } from "../../../src/volume/formats.ts";
import { assertAccessible, openStudioPage, waitForSlices } from "../../support/studio-browser.ts";

const workflow = `version: 1
name: reviewed
classes:
  1: {name: ribosome, radius: 5}
  2: {name: proteasome, radius: 4}
tomograms:
  - {id: t1, tomogram: t1.mrc, split: test} # the one
steps: {}
`;

async function project(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "tomoflow-review-"));
  const shape = [24, 64, 96] as const;
  const data = new Float32Array(24 * 64 * 96).map((_, index) => Math.sin(index * 12.9898) * 3);
  const sampling = { voxelSizeAngstrom: [10, 10, 10], originAngstrom: [0, 0, 0] } as const;
  await writeVolume(join(root, "t1.mrc"), { data, shape, ...sampling });
  await writeFile(join(root, "workflow.yaml"), workflow);
  // the margin of the third is the smallest, then that of the first
  const margins = [0.2, 0.5, 0.1, 0.9, 0.6];
  const found = margins.map((margin, index) => ({
    label: 1 + (index % 2),
    x: 10 + 18 * index,
    y: 20 + 5 * index,
    z: 10,
    score: 0.5 + margin / 2,
    margin,
  }));
  await writeObjects(join(root, "found.xml"), found);
  await writeObjects(join(root, "truth.xml"), [
    ...found.slice(1).map(({ label, x, y, z }) => ({ label, x: x + 1, y, z })),
    { label: 2, x: 50, y: 60, z: 20 },
  ]);
  return root;
}

test("two rejections, a class changed, thresholds against a truth, the corrected list as training objects", async (t) => {
  const root = await project();
  const before = await readFile(join(root, "found.xml"));
  const { page, goTo, keepPicture } = await openStudioPage(t, { root });
  await goTo("#/review?tomogram=t1.mrc&list=found.xml&truth=truth.xml");
  await waitForSlices(page);
  // the most doubtful first: each decision brings the next
  await page.getByText("margin 0.100").waitFor();
  await page.keyboard.press("r");
  await page.getByText("margin 0.200").waitFor();
  await page.keyboard.press("r");
  await page.getByText("margin 0.500").waitFor();
  await page.keyboard.press("1");
  await page.getByText("margin 0.600").waitFor();
  await page.getByText("1 accepted · 2 rejected · 2 to go").waitFor();

  await page.getByRole("button", { name: "Compare" }).click();
  // the one that is nowhere, and the one whose class was changed
  await page.getByRole("button", { name: "2 missed" }).click();
  await page.getByRole("figure", { name: /Precision, recall and F1 of ribosome/ }).waitFor();
  await keepPicture("review");
  await assertAccessible(page);

  // decisions outlive the page
  await page.reload();
  await page.getByText("1 accepted · 2 rejected · 2 to go").waitFor();
  await page.getByText("Gallery", { exact: true }).click();
  const tiles = page.getByRole("grid", { name: "Detections" }).getByRole("gridcell");
  await tiles.first().waitFor();
  assert.equal(await tiles.count(), 5);
  await tiles.nth(3).click();
  await tiles.nth(4).click({ modifiers: ["Shift"] });
  await page.getByText("2 chosen: decide about all at once").waitFor();
  await page.keyboard.press("a");
  await page.getByText("3 accepted · 2 rejected · 0 to go").waitFor();
  // the pictures are those of the tomogram: not one grey
  await page.waitForFunction(`(() => {
    const canvas = document.querySelector("[role=gridcell] canvas");
    return new Set(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data).size > 20;
  })()`);
  await keepPicture("review-gallery");
  await assertAccessible(page);

  await page.getByRole("button", { name: "Write corrected list" }).click();
  await page.getByText("3 of 5 objects are written").waitFor();
  await page.getByRole("button", { name: "Write", exact: true }).click();
  await page.getByRole("button", { name: "Use as training objects" }).click();
  await page.getByText("The row t1 of workflow.yaml has these objects now").waitFor();
  assert.deepEqual(
    (await readObjects(join(root, "objects", "found-corrected.xml"))).map(({ label, x }) => [label, x]),
    [
      [1, 28],
      [2, 64],
      [1, 82],
    ],
  );
  assert.equal(
    await readFile(join(root, "workflow.yaml"), "utf8"),
    workflow.replace("split: test}", "split: train, objects: objects/found-corrected.xml}"),
  );
  assert.deepEqual(await readFile(join(root, "found.xml")), before);
});
