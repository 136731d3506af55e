/** The frame around the screens: the tour, navigation, keys, colours, accessibility; pictures for people when a folder is named. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { writeVolume } from "../../../src/volume/formats.ts";
import { assertAccessible, openStudioPage, waitForSlices } from "../../support/studio-browser.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const workflow = `version: 1
name: two tomograms
classes:
  1: {name: ribosome, radius: 6}
  2: {name: <img src=x onerror=alert(1)>, radius: 4}
tomograms:
  - {id: t1, split: train, tomogram: data/one.mrc, labels: data/one-labels.mrc, objects: data/one.csv}
  - {id: t2, split: valid, tomogram: data/two.mrc}
steps:
  target: {uses: target, from: tomograms, with: {strategy: spheres, radii: {1: 6, 2: 4}}}
`;

async function project(t: TestContext): Promise<string> {
  const root = await temporaryFolder(t);
  await mkdir(join(root, "data"));
  const shape = [20, 60, 80] as const;
  const data = new Float32Array(20 * 60 * 80).map((_, index) => Math.sin(index * 12.9898) * 1e-3);
  const labels = new Uint8Array(data.length).map((_, index) =>
    index % 80 < 12 && index % 4800 < 900 ? 1 : 0,
  );
  const place = { shape, voxelSizeAngstrom: [13.6, 13.6, 13.6], originAngstrom: [0, 0, 0] } as const;
  await writeVolume(join(root, "data/one.mrc"), { ...place, data });
  await writeVolume(join(root, "data/two.mrc"), { ...place, data: data.map((value) => -value * 4e7) });
  await writeVolume(join(root, "data/one-labels.mrc"), { ...place, data: labels });
  await writeFile(join(root, "data/one.csv"), "class_label,x,y,z\n1,10,12,9\n2,40,30,10\n1,70,50,11\n");
  await writeFile(join(root, "workflow.yaml"), workflow);
  return root;
}

test("the first start shows the tour once; home leads to every tomogram with its files", async (t) => {
  const { page, keepPicture } = await openStudioPage(t, { root: await project(t), tour: true });
  await page.getByRole("dialog").waitFor();
  await keepPicture("tour");
  await assertAccessible(page);
  for (let step = 0; step < 4; step++) await page.getByRole("button", { name: "Next" }).click();
  await page.getByRole("button", { name: "Begin" }).click();
  await page.reload();
  await page.getByRole("heading", { name: "workflow.yaml" }).waitFor();
  await page.getByText("two.mrc").waitFor();
  assert.equal(await page.getByRole("dialog").count(), 0);
  await keepPicture("home");
  await assertAccessible(page);

  await page.getByRole("link", { name: "Look" }).nth(1).click();
  await waitForSlices(page);
  await page.getByText("3 objects").waitFor();
  const side = page.getByRole("complementary");
  for (const name of ["one.mrc", "one-labels.mrc", "one.csv"]) await side.getByText(name).waitFor();
  // a name that is a script stays a name
  await side.getByText("<img src=x onerror=alert(1)>").first().waitFor();
  await keepPicture("look-small");
  await assertAccessible(page);
});

test("keys are listed by ?, typed text is left alone, every screen opens by keyboard", async (t) => {
  const { page, goTo } = await openStudioPage(t, { root: await project(t) });
  await goTo("#/look?volume=data/one.mrc");
  await waitForSlices(page);
  await page.keyboard.press("?");
  const list = page.getByRole("dialog", { name: "Keys" });
  for (const words of ["Next slice", "Automatic contrast", "Go to Launch"])
    await list.getByText(words).waitFor();
  await assertAccessible(page);
  await page.keyboard.press("Escape");
  assert.equal(await page.getByRole("dialog").count(), 0);
  // "i" in the field for z is no command, and what is typed there moves the cross-hair
  const z = page.getByLabel("z", { exact: true });
  await z.fill("i");
  assert.equal(await page.getByRole("switch", { name: "Invert" }).getAttribute("aria-checked"), "false");
  await z.fill("3");
  await z.press("Enter");
  await page.waitForSelector('canvas[data-shown$=",3"]');
  await z.fill("7");
  await z.press("Escape");
  assert.equal(await z.inputValue(), "3");
  await page.keyboard.press("i");
  assert.equal(await page.getByRole("switch", { name: "Invert" }).getAttribute("aria-checked"), "true");
  for (const [key, heading] of [
    ["1", "Home"],
    ["3", "Annotate"],
    ["4", "Configure"],
  ] as const) {
    await page.keyboard.press(`Alt+${key}`);
    await waitForTitle(page, `${heading} · tomoflow`);
  }
});

test("contrast shows something whatever the range, can be kept, and the wrong file is told in words", async (t) => {
  const { page, goTo } = await openStudioPage(t, { root: await project(t) });
  await goTo("#/look?volume=data/one.mrc");
  await waitForSlices(page);
  const darkest = page.getByRole("slider", { name: "Darkest value" });
  const [low, high] = [
    Number(await darkest.getAttribute("aria-valuenow")),
    Number(await page.getByRole("slider", { name: "Brightest value" }).getAttribute("aria-valuenow")),
  ];
  assert.ok(low >= -0.0011 && low < -0.0002 && high <= 0.0011 && high > 0.0002, `${low} to ${high}`);
  await darkest.focus();
  await page.keyboard.press("ArrowRight");
  assert.ok(Number(await darkest.getAttribute("aria-valuenow")) > low);
  await page.keyboard.press("i");
  assert.equal(await page.getByRole("switch", { name: "Invert" }).getAttribute("aria-checked"), "true");

  await goTo("#/look?volume=data/none.mrc");
  await page.getByText("does not exist").waitFor();
  await assertAccessible(page);
  await goTo("#/look");
  await page.getByRole("button", { name: "Choose a tomogram" }).click();
  await page.getByRole("button", { name: "data" }).click();
  await page.getByRole("button", { name: "two.mrc" }).click();
  await waitForSlices(page);
  assert.match(page.url(), /volume=data%2Ftwo\.mrc/);
  assert.ok(Number(await darkest.getAttribute("aria-valuenow")) < -1000);
});

test("light and dark follow the system until one is chosen, and the choice is kept", async (t) => {
  const { page } = await openStudioPage(t, { root: await project(t) });
  const ground = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
  await page.emulateMedia({ colorScheme: "light" });
  assert.equal(await ground(), "rgb(243, 244, 246)");
  await page.emulateMedia({ colorScheme: "dark" });
  assert.equal(await ground(), "rgb(19, 22, 25)");
  await page.getByRole("button", { name: "Colours: as the system" }).click();
  assert.equal(await ground(), "rgb(243, 244, 246)");
  await page.reload();
  assert.equal(await ground(), "rgb(243, 244, 246)");
});

async function waitForTitle(page: Page, title: string): Promise<void> {
  const end = Date.now() + 10_000;
  while ((await page.title()) !== title) {
    assert.ok(Date.now() < end, `the title stayed ${await page.title()}`);
    await page.waitForTimeout(50);
  }
}
