/** Launch and watch: a real small training from Run to its results, seen in the browser; a lost connection; another process's run. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { assertAccessible, openStudioPage } from "../../support/studio-browser.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const workflow = (epochs: number) => `version: 1
name: small
classes:
  1: {name: ribosome, shape: two-lobed, radius: 6, color: "#4e79a7"}
tomograms:
  - {id: t1, split: train}
  - {id: t2, split: valid}
params: {epochs: ${epochs}}
variants: {short: {epochs: 2}}
steps:
  simulate: {uses: simulate, from: tomograms, with: {size: [20, 40, 44], counts: 3, snr: 1}}
  target: {uses: target, from: simulate, with: {strategy: spheres, radii: {1: 4}}}
  train:
    uses: train
    from: target
    with: {filters: [4, 4], patchSize: 16, batchSize: 1, epochs: "\${params.epochs}", stepsPerEpoch: 2, validationSteps: 1, shift: 3}
`;

const run = (page: Page) => page.getByRole("button", { name: "Run", exact: true });

/** Pixels of a chart that are of no grey: its lines. */
const colouredPixels = (page: Page, title: string): Promise<number> =>
  page
    .locator("figure", { hasText: title })
    .locator("canvas")
    .evaluate((element) => {
      const canvas = element as unknown as {
        width: number;
        height: number;
        getContext(kind: "2d"): {
          getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
        };
      };
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        const [red, green, blue, alpha] = [data[at]!, data[at + 1]!, data[at + 2]!, data[at + 3]!];
        if (alpha > 128 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60) count++;
      }
      return count;
    });

const epochsShown = async (page: Page): Promise<number> => {
  const words = await page.locator("figure", { hasText: "Loss" }).getByRole("img").getAttribute("aria-label");
  return Number(/over epochs to (\d+);/.exec(words ?? "")?.[1] ?? 0);
};

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + 50_000; !(await holds()); await new Promise((wait) => setTimeout(wait, 100)))
    if (Date.now() > end) assert.fail(what);
}

test("a training is launched, its curves move, and its results land", async (t) => {
  const root = await temporaryFolder(t);
  const file = join(root, "workflow.yaml");
  await writeFile(file, workflow(6));
  const { page, goTo, keepPicture } = await openStudioPage(t, { root, workflow: file });
  await goTo("#/launch");
  await page.getByText("5 tasks to do").waitFor();
  await page.getByRole("group", { name: "Step train" }).or(page.locator('[data-id="train"]')).first().click();
  await page.getByRole("heading", { name: "train" }).waitFor();
  await page.getByText("waits for 2 tasks of target").first().waitFor();
  await assertAccessible(page);
  await page.keyboard.press("Escape");
  await run(page).click();
  await page.getByRole("button", { name: "Stop" }).waitFor();

  await page.getByText("Curves", { exact: true }).click();
  await page.locator("figure", { hasText: "Loss" }).waitFor({ timeout: 50_000 });
  const first = await epochsShown(page);
  await until(async () => (await epochsShown(page)) > first || first === 6, "the curves do not move");
  await until(async () => (await epochsShown(page)) === 6, "the training does not end");
  assert.ok((await colouredPixels(page, "Loss")) > 50);
  await page.getByText("F1 of each class").waitFor();
  await keepPicture("launch-curves");
  await run(page).waitFor({ timeout: 30_000 });
  await page.getByText("last run done", { exact: true }).waitFor();

  await page.getByText("Results", { exact: true }).click();
  await page.getByRole("heading", { name: "simulate" }).waitFor();
  const thumbnail = page.locator("a img").nth(1);
  await thumbnail.waitFor();
  await until(
    () => thumbnail.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth > 0),
    "no thumbnail is drawn",
  );
  assert.match(
    (await page
      .getByRole("link", { name: /tomogram/ })
      .first()
      .getAttribute("href"))!,
    /#\/look\?volume=/,
  );
  await keepPicture("launch-results");

  await page.getByText("History", { exact: true }).click();
  await page.getByRole("cell", { name: "done", exact: true }).waitFor();
  await assertAccessible(page);
  await keepPicture("launch-history");
  await page.keyboard.press("2");
  const done = page.getByRole("row").filter({ hasText: "up to date" });
  await until(
    async () => (await done.count()) === 5,
    "the table does not show five tasks that are up to date",
  );
  await assertAccessible(page);
});

test("a mistake in the workflow is told where it is, and leads to Configure", async (t) => {
  const root = await temporaryFolder(t);
  const file = join(root, "workflow.yaml");
  await writeFile(file, workflow(6).replace("patchSize: 16", "patchSize: 17"));
  const { page, goTo } = await openStudioPage(t, { root, workflow: file });
  await goTo("#/launch");
  await page.getByText("workflow.yaml cannot run as it is").waitFor();
  await page
    .getByText(/patchSize/)
    .first()
    .waitFor();
  await writeFile(file, workflow(6));
  await page.getByRole("button", { name: "Look again" }).click();
  await page.getByText("5 tasks to do").waitFor();
});

test("a thousand tasks stay smooth", async (t) => {
  const root = await temporaryFolder(t);
  const file = join(root, "workflow.yaml");
  const rows = Array.from({ length: 500 }, (_, index) => `  - {id: t${index}, split: test}`).join("\n");
  await writeFile(
    file,
    workflow(6)
      .replace(/ {2}- \{id: t1[\s\S]*?(?=params)/, `${rows}\n`)
      .replace(/ {2}train:[\s\S]*/, ""),
  );
  const { page, goTo } = await openStudioPage(t, { root, workflow: file });
  await goTo("#/launch?view=tasks");
  await page.getByText("1000 tasks to do").waitFor({ timeout: 30_000 });
  const drawn = await page.getByRole("row").count();
  assert.ok(drawn < 80, `${drawn} rows are drawn`);
  const table = page.getByRole("region", { name: "Tasks" });
  const frames = await table.evaluate(async (element) => {
    const frame = element as unknown as { scrollTop: number; scrollHeight: number };
    const next = (globalThis as unknown as { requestAnimationFrame(call: () => void): void })
      .requestAnimationFrame;
    const from = performance.now();
    for (let step = 1; step <= 60; step++) {
      frame.scrollTop = (frame.scrollHeight * step) / 60;
      await new Promise<void>((resolve) => next(resolve));
    }
    return 60_000 / (performance.now() - from);
  });
  t.diagnostic(`${frames.toFixed(0)} frames a second`);
  // on a machine that does much else besides
  assert.ok(frames > 2, `${frames} frames a second while scrolling`);
  await page.getByText("target@t499").waitFor();
  await page.getByRole("textbox", { name: "Find a task" }).fill("target@t37");
  await until(async () => (await page.getByRole("row").count()) === 1 + 11, "the filter does not fit");
});
