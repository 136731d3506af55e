/** Annotating as a person does: ten objects by double click, moved, undone, saved, and gone on with after a reload. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { readObjects, writeObjects } from "../../../src/objects/formats.ts";
import { startStudio } from "../../../src/studio/server/index.ts";
import { writeVolume } from "../../../src/volume/formats.ts";
import {
  assertAccessible,
  launchChromium,
  openStudioPage,
  waitForSlices,
} from "../../support/studio-browser.ts";

const workflow = `version: 1
name: annotated
classes: # what to find
  1: {name: ribosome, radius: 5} # large
tomograms:
  - {id: t1, tomogram: t1.mrc}
steps: {}
`;

async function project(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "tomoflow-annotate-"));
  const shape = [24, 64, 96] as const;
  const data = new Float32Array(24 * 64 * 96).map((_, index) => Math.sin(index * 12.9898) * 3);
  const sampling = { voxelSizeAngstrom: [10, 10, 10], originAngstrom: [0, 0, 0] } as const;
  await writeVolume(join(root, "t1.mrc"), { data, shape, ...sampling });
  await writeFile(join(root, "workflow.yaml"), workflow);
  return root;
}

const address = "#/annotate?tomogram=t1.mrc&list=objects/t1.xml";
const pane = (page: Page) => page.locator('[data-plane="xy"]');

async function saved(page: Page): Promise<void> {
  await page.getByText("Saved", { exact: true }).waitFor();
}

test("ten objects by double click, saved, reloaded, resumed, and undone after the reload", async (t) => {
  const root = await project();
  const { page, goTo, keepPicture } = await openStudioPage(t, { root });
  const list = join(root, "objects", "t1.xml");
  await goTo(address);
  await waitForSlices(page);
  const box = (await pane(page).boundingBox())!;
  const at = (x: number, y: number) => ({ position: { x: box.width * x, y: box.height * y } });
  for (let index = 0; index < 5; index++) await pane(page).dblclick(at(0.3 + 0.1 * index, 0.4));
  await page.getByText("5 objects", { exact: true }).first().waitFor();

  // a class made here is taken for what comes next, and is in the workflow
  await page.getByRole("button", { name: "New class" }).click();
  await page.getByLabel("Name").fill("proteasome");
  await page.getByLabel("Radius").fill("4");
  await page.getByRole("button", { name: "Make the class" }).click();
  await page
    .getByRole("button", { name: /proteasome/ })
    .first()
    .waitFor();
  const text = await readFile(join(root, "workflow.yaml"), "utf8");
  assert.match(
    text,
    /# what to find\n {2}1: \{name: ribosome, radius: 5\} # large\n {2}2: \{name: proteasome, color: "#[0-9a-f]{6}", radius: 4\}\n/,
  );
  for (let index = 0; index < 5; index++) await pane(page).dblclick(at(0.3 + 0.1 * index, 0.6));
  await saved(page);
  const ten = await readObjects(list);
  assert.deepEqual(
    ten.map(({ label }) => label),
    [1, 1, 1, 1, 1, 2, 2, 2, 2, 2],
  );
  assert.ok(
    ten.every(({ z }) => z === 11 || z === 12),
    "in the slice that is shown",
  );
  for (let index = 1; index < 5; index++) assert.ok(ten[index]!.x > ten[index - 1]!.x);

  // drag: along the plane, the third coordinate stays
  await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.4);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.35, box.y + box.height * 0.3, { steps: 4 });
  await page.mouse.up();
  // the one that was dragged is chosen in the table too
  assert.equal(await page.locator('tr[aria-selected="true"]').count(), 1);
  await page.waitForSelector('output[data-state="good"]');
  const [moved] = await readObjects(list);
  assert.ok(moved!.x > ten[0]!.x + 1 && Math.abs(moved!.y - ten[0]!.y) > 1);
  assert.equal(moved!.z, ten[0]!.z);
  await keepPicture("annotate");
  await assertAccessible(page);

  await page.reload();
  await waitForSlices(page);
  await page.getByText("10 objects", { exact: true }).first().waitFor();
  await pane(page).focus();
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  await page.getByText("9 objects", { exact: true }).first().waitFor();
  await page.keyboard.press("Control+Shift+z");
  await page.getByText("10 objects", { exact: true }).first().waitFor();
  await saved(page);
  const back = await readObjects(list);
  assert.equal(back.length, 10);
  assert.deepEqual(back[0], ten[0], "the drag before the reload is undone");
});

test("nothing is removed by accident, cells are edited in place, two windows see each other", async (t) => {
  const root = await project();
  await writeObjects(
    join(root, "t1.csv"),
    [10, 40, 70].map((x, index) => ({
      label: 1,
      x,
      y: 32,
      z: 12,
      score: (index + 1) / 10,
      extra: { note: "<img src=x onerror=alert(1)>" },
    })),
  );
  const { page, goTo } = await openStudioPage(t, { root });
  await goTo("#/annotate?tomogram=t1.mrc&list=t1.csv");
  await waitForSlices(page);
  // nothing chosen, then something chosen but the focus elsewhere
  await pane(page).focus();
  await page.keyboard.press("Delete");
  await page.keyboard.press("Control+a");
  await page.getByRole("button", { name: "Save as …" }).focus();
  await page.keyboard.press("Delete");
  await page.getByText("3 objects", { exact: true }).first().waitFor();

  const row = page.locator("tbody tr").nth(1);
  await row.locator("td").nth(1).dblclick();
  await page.keyboard.type("41.5");
  await page.keyboard.press("Enter");
  await saved(page);
  assert.deepEqual(
    (await readObjects(join(root, "t1.csv"))).map(({ x }) => x),
    [10, 41.5, 70],
  );
  await row.locator("td").nth(1).dblclick();
  await page.keyboard.type("many");
  await page.keyboard.press("Enter");
  await page.getByText("“many” is not kept: x is a number").waitFor();

  await page.getByLabel("Filter the objects").fill("score>0.15");
  await page.getByText("2 of 3").waitFor();
  await page.getByLabel("Filter the objects").fill("");

  // a copy of the tab, with its storage, is a window of its own all the same
  const [other] = await Promise.all([page.waitForEvent("popup"), page.evaluate("void open(location.href)")]);
  await other.getByText("3 objects", { exact: true }).first().waitFor();
  await page.getByText("1 other window").waitFor();
  await row.click();
  await page.keyboard.press("Delete");
  await page.getByText("Removed 1 object", { exact: true }).waitFor();
  await other.getByText("2 objects", { exact: true }).first().waitFor();
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await other.getByText("3 objects", { exact: true }).first().waitFor();
  // what the other window did is not undone here
  await other.locator("tbody tr").first().click();
  await other.getByLabel("Class of the chosen objects").waitFor();
  await other.keyboard.press("Delete");
  await page.getByText("2 objects", { exact: true }).first().waitFor();
  await other.close();
  await saved(page);
  assert.deepEqual(
    (await readObjects(join(root, "t1.csv"))).map(({ x, extra }) => [x, extra!.note]),
    [
      [41.5, "<img src=x onerror=alert(1)>"],
      [70, "<img src=x onerror=alert(1)>"],
    ],
  );
});

test("a server that dies in mid-annotation loses nothing: what was done meanwhile is kept by the browser and sent", async (t) => {
  const root = await project();
  const { page, goTo, close } = await openOwnStudio(t, root);
  await goTo(address);
  await waitForSlices(page);
  const box = (await pane(page).boundingBox())!;
  const at = (x: number) => ({ position: { x: box.width * x, y: box.height * 0.5 } });
  await pane(page).dblclick(at(0.3));
  await saved(page);
  const port = Number(new URL(page.url()).port);
  await close();
  await pane(page).dblclick(at(0.5));
  await pane(page).dblclick(at(0.7));
  await page.getByText("2 not sent yet").waitFor();
  assert.equal((await readObjects(join(root, "objects", "t1.xml"))).length, 1);

  // a new server has another token: its link is opened in the same tab
  const again = await startStudio({ root, port });
  t.after(() => again.close());
  await page.goto(again.url);
  await goTo(address);
  await page.getByText("3 objects", { exact: true }).first().waitFor();
  await saved(page);
  assert.equal((await readObjects(join(root, "objects", "t1.xml"))).length, 3);
});

/** A studio that the test ends by itself. */
async function openOwnStudio(t: TestContext, root: string) {
  const studio = await startStudio({ root });
  const browser = await launchChromium();
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.addInitScript('localStorage.setItem("tomoflow.tour", "seen")');
  await page.goto(studio.url);
  const { origin } = new URL(studio.url);
  return { page, goTo: (to: string) => page.goto(`${origin}/${to}`), close: () => studio.close() };
}
