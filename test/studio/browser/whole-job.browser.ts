/** The whole job as a new user does it: from raw tomograms alone to a corrected list that the next training learns from. */
import assert from "node:assert/strict";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runStep } from "../../../src/index.ts";
import { readObjects } from "../../../src/objects/formats.ts";
import type { TomogramObject } from "../../../src/objects/object-list.ts";
import { openStudioPage, type StudioPage, waitForSlices } from "../../support/studio-browser.ts";
import { temporaryFolder } from "../../support/temporary.ts";

/** (z, y, x) */
const size = [24, 64, 64] as const;

/** A folder with four raw tomograms and nothing else; where the particles are is for the test alone. */
async function rawTomograms(t: TestContext) {
  const [root, aside] = [await temporaryFolder(t), await temporaryFolder(t)];
  const truths: (readonly TomogramObject[])[] = [];
  for (const seed of [1, 2, 3, 4]) {
    const made = { tomogram: join(aside, `t${seed}.mrc`), objects: join(aside, `t${seed}.xml`) };
    await runStep("simulate", {
      outputs: { ...made, truth: join(aside, `truth${seed}.mrc`) },
      parameters: { size: [...size], counts: 8, snr: 3, seed, voxelSize: 10 },
      classes: { 1: { name: "ribosome", shape: "shell", radius: 5 } },
    });
    await copyFile(made.tomogram, join(root, `t${seed}.mrc`));
    truths.push(await readObjects(made.objects));
  }
  return { root, truths };
}

/** Goes to each particle's slice, as typed below the picture, and double-clicks where it is seen. */
async function mark({ page }: StudioPage, truth: readonly TomogramObject[]): Promise<void> {
  await waitForSlices(page);
  const pane = page.locator('[data-plane="xy"]');
  for (const { x, y, z } of truth) {
    for (const [axis, value] of Object.entries({ x, y, z })) {
      const field = page.getByLabel(axis, { exact: true });
      await field.fill(String(Math.round(value)));
      await field.press("Enter");
    }
    // a typed place comes to the middle
    const box = (await pane.boundingBox())!;
    await pane.dblclick({ position: { x: box.width / 2, y: box.height / 2 } });
  }
  await page.getByText(`${truth.length} objects`, { exact: true }).first().waitFor();
  await page.getByText("Saved", { exact: true }).waitFor();
}

test("annotate, make a workflow, configure, train, segment, cluster, review, and train with the corrected list", async (t) => {
  const { root, truths } = await rawTomograms(t);
  const studio = await openStudioPage(t, { root });
  const { page, keepPicture } = studio;
  const began = performance.now();
  const took: string[] = [];
  t.after(() => t.diagnostic(took.join("; ")));
  const lap = (what: string): void =>
    void took.push(`${what} after ${((performance.now() - began) / 1000).toFixed(0)} s`);

  // home says what comes first
  await page.getByRole("heading", { name: "There is no workflow yet" }).waitFor();
  await keepPicture("whole-job-home");
  await page.getByRole("button", { name: "Mark particles" }).click();
  await keepPicture("whole-job-choose");
  await page.getByRole("link", { name: /t1\.mrc/ }).click();
  await page.getByRole("button", { name: "New class" }).click();
  await page.getByLabel("Name").fill("ribosome");
  await page.getByLabel("Radius").fill("5");
  await page.getByRole("button", { name: "Make the class" }).click();
  await mark(studio, truths[0]!);
  lap("first tomogram annotated");

  // the workflow begins with what was annotated
  await page.getByRole("button", { name: "Use it" }).click();
  await page.getByRole("button", { name: "Make a workflow with it" }).click();
  await page.getByRole("radio", { name: /Starter/ }).check();
  await page.getByRole("button", { name: "Make it" }).click();
  await page.getByRole("navigation", { name: "Parts of the workflow" }).waitFor();
  const text = () => readFile(join(root, "workflow.yaml"), "utf8");
  assert.match(await text(), /- \{id: t1, tomogram: t1\.mrc, objects: objects\/t1\.xml, split: train\}/);
  assert.match(await text(), /1: \{name: ribosome, radius: 5, color: "#[0-9a-f]{6}"\}/);
  assert.doesNotMatch(await text(), /data\/t0|proteasome/);
  lap("workflow made");

  // a second tomogram, to validate with
  await page.getByRole("link", { name: "Annotate" }).first().click();
  await page.getByRole("link", { name: /t2\.mrc/ }).click();
  await page
    .getByRole("button", { name: /ribosome/ })
    .first()
    .waitFor();
  await mark(studio, truths[1]!);
  await page.getByRole("button", { name: "Use it" }).click();
  await page.getByText("Validate", { exact: true }).click();
  await page.getByRole("button", { name: "Use as training objects" }).click();
  await page.getByText("A new row t2 of workflow.yaml has these objects now").waitFor();
  lap("second tomogram annotated");

  // two more, to be searched; and a training that is small enough for a test
  await page.getByRole("link", { name: "Configure" }).first().click();
  const part = (name: string) =>
    page
      .getByRole("navigation", { name: "Parts of the workflow" })
      .getByRole("button", { name: new RegExp(`^${name}`) });
  await part("Tomograms").click();
  await page.getByRole("button", { name: "Add tomograms" }).click();
  const dialog = page.getByRole("dialog");
  for (const name of [/t3\.mrc/, /t4\.mrc/]) await dialog.getByRole("button", { name }).click();
  await dialog.getByRole("button", { name: "Add 2" }).click();
  for (const row of [3, 4]) await page.getByRole("checkbox", { name: `Choose row ${row}` }).check();
  await page.getByRole("button", { name: "test", exact: true }).click();
  await part("train").click();
  const fields = {
    "Patch size": "16",
    "Batch size": "2",
    Epochs: "6",
    "Steps per epoch": "16",
    Filters: "8, 12",
    "Learning rate": "0.003",
  };
  for (const [name, value] of Object.entries(fields))
    await page.getByLabel(name, { exact: true }).fill(value);
  await page.getByText("The workflow is right").waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("saved", { exact: true }).waitFor();
  lap("configured");

  // launched and watched
  await page.locator("#main").getByRole("button", { name: "Launch", exact: true }).click();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByText("Curves", { exact: true }).click();
  await page.locator("figure", { hasText: "Loss" }).waitFor({ timeout: 60_000 });
  lap("first curves");
  await page.getByText("last run done", { exact: true }).waitFor({ timeout: 90_000 });
  lap("trained, segmented and clustered");

  // reviewed, from the result on
  await page.getByText("Results", { exact: true }).click();
  await page.locator("#main").getByRole("link", { name: "Review" }).first().click();
  await waitForSlices(page);
  await keepPicture("whole-job-review");
  await page.keyboard.press("r");
  await page.getByText(/1 rejected/).waitFor();
  await page.getByRole("button", { name: "Write corrected list" }).click();
  await page.getByRole("button", { name: "Write", exact: true }).click();
  await page.getByRole("button", { name: "Use as training objects" }).click();
  await page.getByText(/The row t[34] of workflow\.yaml has these objects now/).waitFor();
  assert.match(await text(), /id: t[34],.*split: train, objects: objects\/\S+-corrected\.xml\}/);
  lap("corrected list given to the next training");

  // the next run would train again, for that reason
  await page.getByRole("region", { name: "Messages" }).getByRole("button", { name: "Launch" }).last().click();
  await page.getByText(/tasks? to do/).waitFor();
});
