/** The studio through a line of 50 ms and 20 Mbit/s, as `ssh -L` to a far machine is. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { startStudio } from "../../../src/studio/server/index.ts";
import { writeVolume } from "../../../src/volume/formats.ts";
import { openSlowLine } from "../../support/slow-line.ts";
import { launchChromium, waitForSlices } from "../../support/studio-browser.ts";
import { temporaryFolder } from "../../support/temporary.ts";

test("slices that go by faster than the line carries them come coarser, and in full where one stops", async (t) => {
  const root = await temporaryFolder(t);
  const shape = [60, 640, 640] as const;
  let state = 1;
  const data = Int16Array.from({ length: shape[0] * shape[1] * shape[2] }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state >> 16;
  });
  const sampling = { voxelSizeAngstrom: [10, 10, 10], originAngstrom: [0, 0, 0] } as const;
  await writeVolume(join(root, "t.mrc"), { data, shape, ...sampling });
  const studio = await startStudio({ root });
  t.after(() => studio.close());
  const line = await openSlowLine({ port: studio.port, roundTripMs: 50, megabitsPerSecond: 20 });
  t.after(() => line.close());
  const browser = await launchChromium();
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.addInitScript('localStorage.setItem("tomoflow.tour", "seen")');
  const address = new URL(studio.url);
  address.port = String(line.port);
  await page.goto(address.href);
  await page.evaluate('location.hash = "/look?volume=t.mrc&layout=xy&zoom=1"');
  await waitForSlices(page);

  // a slice in full is 0.8 MB, a third of a second of this line; 100 slices go by in four seconds
  const before = line.received();
  const seen = (await page.evaluate(`(async () => {
    const canvas = document.querySelector('canvas[data-part="slices"]');
    let seen = 0;
    for (let count = 0; count < 100; count++) {
      dispatchEvent(new KeyboardEvent("keydown", { key: Math.floor(count / 25) % 2 ? "PageDown" : "PageUp" }));
      await new Promise((resolve) => setTimeout(resolve, 40));
      if (canvas.dataset.detail === "complete") seen++;
    }
    dispatchEvent(new KeyboardEvent("keydown", { key: "End" }));
    return seen;
  })()`)) as number;
  t.diagnostic(`${seen} of 100 slices were drawn in time, ${line.received() - before} bytes`);
  assert.ok(seen >= 20, `${seen} of 100 slices were drawn before the next`);
  await page.waitForSelector('canvas[data-part="slices"][data-shown$=",59"]');
  const stopped = performance.now();
  await waitForSlices(page);
  assert.ok(performance.now() - stopped < 10_000, "a slice in full takes too long where one stops");
});
