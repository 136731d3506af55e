/** What lies over the slices: objects, a second tomogram, the 3-D view, the saved picture; and a lost connection. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { writeVolume } from "../../../src/volume/formats.ts";
import { pixelsOf } from "../../support/pixels.ts";
import { openStudioPage, waitForSlices } from "../../support/studio-browser.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const shape = [31, 101, 151] as const;

async function project(t: TestContext): Promise<string> {
  const root = await temporaryFolder(t);
  const place = { shape, voxelSizeAngstrom: [10, 10, 10], originAngstrom: [0, 0, 0] } as const;
  const length = shape[0] * shape[1] * shape[2];
  await writeVolume(join(root, "black.mrc"), { ...place, data: new Int16Array(length).fill(10) });
  await writeVolume(join(root, "white.mrc"), { ...place, data: new Int16Array(length).fill(200) });
  await writeFile(
    join(root, "workflow.yaml"),
    `version: 1\nname: w\nclasses: {1: {name: one, radius: 10, color: "#ff0000"}}\ntomograms: [{id: t, tomogram: black.mrc}]\nsteps: {}\n`,
  );
  await writeFile(join(root, "list.csv"), "class_label,x,y,z\n1,75,50,15\n1,40,50,19\n1,110,50,26\n");
  return root;
}

/** Redness of the ring of an object at x, seen in XY at z 15, zoom 4. */
async function ringAt(page: Page, x: number): Promise<number> {
  const box = (await page.locator('[data-plane="xy"]').boundingBox())!;
  const pixels = await pixelsOf(page, box);
  let strongest = 0;
  for (let away = 37; away <= 43; away++)
    strongest = Math.max(strongest, pixels.at(box.width / 2 + (x - 75) * 4 + away, box.height / 2)[0]);
  return strongest;
}

test("objects are circles of their class's radius, weaker the farther they are, and nothing beyond it", async (t) => {
  const { page, goTo } = await openStudioPage(t, { root: await project(t) });
  await goTo("#/look?volume=black.mrc&objects=list.csv&at=75,50,15&zoom=4&contrast=100,200&layout=xy");
  await waitForSlices(page);
  await page.keyboard.press("c");
  await page.waitForTimeout(200);
  const [near, farther, beyond] = [await ringAt(page, 75), await ringAt(page, 40), await ringAt(page, 110)];
  assert.ok(near > 190, `in its slice: ${near}`);
  assert.ok(farther > 80 && farther < near - 30, `four slices away: ${farther}`);
  assert.equal(beyond, 0, "eleven slices away");
  await page.keyboard.press("t");
  await page.waitForTimeout(100);
  assert.equal(await ringAt(page, 75), 0);
  await page.keyboard.press("t");

  // ] goes to the objects one by one, and what is chosen has a white rim
  await page.keyboard.press("]");
  await page.waitForSelector('canvas[data-shown$="@75,50,15"]');
  await page.keyboard.press("]");
  await page.waitForSelector('canvas[data-shown$="@40,50,19"]');
  await page.keyboard.press("[");
  await page.waitForSelector('canvas[data-shown$="@75,50,15"]');
});

test("of a list for several tomograms only the objects of the shown one lie over it", async (t) => {
  const root = await project(t);
  const rows = ["t,1,75,50,15", "u,1,40,50,15", "u,1,20,30,15"];
  await writeFile(join(root, "mixed.csv"), `tomo_id,class_label,x,y,z\n${rows.join("\n")}\n`);
  const { page, goTo } = await openStudioPage(t, { root });
  await goTo("#/look?volume=black.mrc&objects=mixed.csv&at=75,50,15&zoom=4&contrast=100,200");
  // row t of the workflow is black.mrc
  await page.getByText("1 object", { exact: true }).waitFor();
  await page
    .getByRole("combobox", { name: "Objects of which tomogram" })
    .selectOption({ label: "tomogram u (2)" });
  await page.getByText("2 objects", { exact: true }).waitFor();
});

test("a score map lies over the slices in colours from the least score on, told below as a number", async (t) => {
  const root = await project(t);
  const place = { shape, voxelSizeAngstrom: [10, 10, 10], originAngstrom: [0, 0, 0] } as const;
  const data = new Float32Array(shape[0] * shape[1] * shape[2]).map((_, index) =>
    index % 151 < 75 ? 0.25 : 0.75,
  );
  await writeVolume(join(root, "scores.mrc"), { ...place, data });
  const { page, goTo } = await openStudioPage(t, { root });
  await goTo("#/look?volume=black.mrc&scores=scores.mrc&at=75,50,15&zoom=4&contrast=1000,2000&layout=xy");
  await waitForSlices(page);
  await page.keyboard.press("c");
  await page.waitForTimeout(200);
  const box = (await page.locator('[data-plane="xy"]').boundingBox())!;
  const at = async (x: number) =>
    (await pixelsOf(page, box)).at(box.width / 2 + (x - 75) * 4, box.height / 2);
  assert.deepEqual(await at(60), [0, 0, 0], "0.25 is below the least, 0.5");
  // 0.75 is half of the way from 0.5 to 1: the middle of the colours, at 60 %
  const drawn = await at(90);
  for (const [index, part] of [0.93, 0.41, 0.15].entries())
    assert.ok(Math.abs(drawn[index]! - part * 0.6 * 255) <= 2, `drawn ${drawn.join()}`);
  await page.mouse.move(box.x + box.width / 2 + 60, box.y + box.height / 2);
  const score = page.locator('[data-part="readout"] div:has(dt:text-is("score")) dd');
  await score.getByText("0.75").waitFor();
});

test("two tomograms side by side and blended, each with a contrast of its own", async (t) => {
  const { page, goTo } = await openStudioPage(t, { root: await project(t) });
  await goTo("#/look?volume=black.mrc&volume=white.mrc&at=75,50,15&contrast=0,255&layout=xy");
  await waitForSlices(page);
  await page.keyboard.press("c");
  const panes = page.locator('[data-plane="xy"]');
  await panes.nth(1).waitFor();
  await page.waitForTimeout(200);
  const grey = async (pane: number) => {
    const box = (await panes.nth(pane).boundingBox())!;
    return (await pixelsOf(page, box)).at(box.width / 2 + 5, box.height / 2 + 5)[0];
  };
  assert.equal(await grey(0), 10);
  const second = await grey(1);
  await page.getByText("Blended").click();
  assert.equal(await panes.count(), 1);
  const mix = page.getByRole("slider", { name: "First to second" });
  await mix.focus();
  await page.waitForTimeout(200);
  const half = await grey(0);
  assert.ok(Math.abs(half - (10 + second) / 2) <= 1, `half of 10 and ${second}: ${half}`);
  await page.keyboard.press("End");
  await page.waitForTimeout(100);
  assert.equal(await grey(0), second);
});

test("the 3-D view turns, and the saved picture holds what is in sight", async (t) => {
  const { page, goTo } = await openStudioPage(t, { root: await project(t) });
  await goTo("#/look?volume=black.mrc&objects=list.csv&contrast=0,255");
  await waitForSlices(page);
  await page.getByText("3 objects").waitFor();
  const space = page.locator('[data-plane="space"]');
  const box = (await space.boundingBox())!;
  const reds = async () => {
    const { data } = await pixelsOf(page, box);
    let sum = 0;
    let count = 0;
    for (let pixel = 0; pixel < data.length / 4; pixel++)
      if (data[pixel * 4]! > 80 && data[pixel * 4 + 1]! < 30 && data[pixel * 4 + 2]! < 30) {
        sum += pixel % Math.round(box.width);
        count++;
      }
    return { count, middle: sum / count };
  };
  await page.waitForTimeout(200);
  const before = await reds();
  assert.ok(before.count > 100, `${before.count} pixels of balls`);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 120, box.y + box.height / 2 + 20, { steps: 4 });
  await page.mouse.up();
  await page.waitForTimeout(200);
  const after = await reds();
  assert.ok(after.count > 100 && (after.count !== before.count || after.middle !== before.middle));

  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save the picture as PNG" }).click();
  const download = await waiting;
  assert.equal(download.suggestedFilename(), "black.png");
  const png = await readFile(await download.path());
  assert.equal(
    png.readUInt32BE(16),
    Math.round((await page.locator("canvas[data-shown]").boundingBox())!.width),
  );
  // not an empty canvas: a picture of one colour would be far smaller
  assert.ok(png.length > 3000, `${png.length} bytes`);
});

test("a lost connection is told, and slices go on when it is back", async (t) => {
  const { page, goTo } = await openStudioPage(t, { root: await project(t) });
  await page.addInitScript(`
    const Real = WebSocket;
    globalThis.sockets = [];
    globalThis.WebSocket = class extends Real {
      constructor(url) {
        super(globalThis.cut ? url.replace("/api/socket", "/api/none") : url);
        globalThis.sockets.push(this);
      }
    };
  `);
  await goTo("#/look?volume=black.mrc&contrast=0,255&layout=xy");
  await page.reload();
  await waitForSlices(page);
  await page.evaluate("globalThis.cut = true; for (const socket of globalThis.sockets) socket.close()");
  await page.getByText("The studio's server does not answer").waitFor();
  await page.keyboard.press("PageUp");
  await page.waitForSelector('canvas[data-complete="false"]');
  // in one turn: the next try of its own could come first
  await page.evaluate(
    `globalThis.cut = false;
    [...document.querySelectorAll("button")].find(({ textContent }) => textContent === "Try now").click()`,
  );
  await waitForSlices(page);
  assert.equal(await page.getByText("The studio's server does not answer").count(), 0);
});
