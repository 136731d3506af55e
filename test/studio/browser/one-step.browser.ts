/** One step alone, as each window of the original: files, Launch, result. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { readObjects } from "../../../src/objects/formats.ts";
import { assertAccessible, openStudioPage } from "../../support/studio-browser.ts";
import { temporaryFolder } from "../../support/temporary.ts";

test("a tomogram is simulated and its label map clustered, each by a form; the result opens in Look and becomes a workflow", async (t) => {
  const root = await temporaryFolder(t);
  const { page, goTo, keepPicture } = await openStudioPage(t, { root });
  await goTo("#/step/simulate");
  await page.getByRole("button", { name: "Add a class" }).click();
  await page.getByRole("textbox", { name: "Radius of class 1" }).fill("6");
  await page.getByRole("textbox", { name: "Shape of class 1" }).fill("barrel");
  await page.getByRole("textbox", { name: "Size", exact: true }).fill("32, 56, 64");
  await page.getByRole("textbox", { name: "Counts", exact: true }).fill("4");
  await page.getByRole("textbox", { name: "Folder" }).fill("made");
  await page.getByRole("button", { name: "Launch" }).click();
  await page.getByText("done", { exact: true }).waitFor({ timeout: 40_000 });
  const truth = await readObjects(join(root, "made/objects.xml"));
  assert.equal(truth.length, 4);

  await goTo("#/step/cluster");
  await page.getByRole("button", { name: "Launch" }).click();
  await page.getByText("the input labels is missing (choose its file)").waitFor();
  await page.getByRole("button", { name: "Choose Labels" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "made" }).click();
  await dialog.getByRole("button", { name: /truth\.mrc/ }).click();
  await dialog.getByRole("button", { name: "Choose", exact: true }).click();
  await page.getByRole("button", { name: "Add a class" }).click();
  await page.getByRole("textbox", { name: "Radius of class 1" }).fill("6");
  await page.getByRole("button", { name: "Launch" }).click();
  await page.getByText("results/cluster/detections.xml").waitFor({ timeout: 40_000 });
  await keepPicture("one-step-done");
  await assertAccessible(page);
  const found = await readObjects(join(root, "results/cluster/detections.xml"));
  assert.equal(found.length, 4);
  const look = page.getByRole("link", { name: "Look at them" });
  assert.match(
    (await look.getAttribute("href"))!,
    /^#\/look\?volume=made%2Ftruth\.mrc&labels=made%2Ftruth\.mrc&objects=results%2Fcluster%2Fdetections\.xml$/,
  );

  await page.getByRole("button", { name: "Make it a workflow" }).click();
  await page.getByRole("button", { name: "Make it", exact: true }).click();
  await page.getByText("The workflow is right").waitFor();
  const text = await readFile(join(root, "cluster.yaml"), "utf8");
  assert.match(text, /\{id: truth, labels: made\/truth\.mrc\}/);
});
