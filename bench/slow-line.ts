/**
 * Prints how the studio feels through a line of 50 ms and 20 Mbit/s, as `ssh -L` to a far machine is: `npm run build && node --import tsx
 * bench/slow-line.ts [MILLISECONDS MEGABITS]`, a minute. Makes a tomogram of 0.5 GB in the temporary folder and removes it.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { type Studio, startStudio } from "../src/studio/server/index.ts";
import { openSlowLine, type SlowLine } from "../test/support/slow-line.ts";
import { launchChromium } from "../test/support/studio-browser.ts";
import { writeNoise } from "./noise-volume.ts";

/** (z, y, x), float32. */
const shape = [128, 1024, 1024] as const;

const roundTripMs = Number(process.argv[2] ?? 50);
const megabitsPerSecond = Number(process.argv[3] ?? 20);

export async function benchSlowLine(print: (line: string) => void): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "tomoflow-bench-line-"));
  let [studio, line, browser]: [Studio?, SlowLine?, Browser?] = [];
  try {
    await writeNoise(join(root, "large.mrc"), shape);
    studio = await startStudio({ root });
    line = await openSlowLine({ port: studio.port, roundTripMs, megabitsPerSecond });
    browser = await launchChromium();
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.addInitScript('localStorage.setItem("tomoflow.tour", "seen")');
    const address = new URL(studio.url);
    address.port = String(line.port);
    await measure(page, { address: address.href, line, print });
  } finally {
    await browser?.close();
    await line?.close();
    await studio?.close();
    await rm(root, { recursive: true, force: true });
  }
}

interface Line {
  readonly address: string;
  readonly line: SlowLine;
  print(line: string): void;
}

async function measure(page: Page, { address, line, print }: Line): Promise<void> {
  const timed = async (what: string, action: () => Promise<unknown>): Promise<void> => {
    const [began, before] = [performance.now(), line.received()];
    await action();
    const megabytes = ((line.received() - before) / 1e6).toFixed(2);
    print(`${what}: ${(performance.now() - began).toFixed(0)} ms, ${megabytes} MB`);
  };
  print(`${roundTripMs} ms there and back, ${megabitsPerSecond} Mbit/s`);
  const complete = () => page.waitForSelector('canvas[data-complete="true"]', { timeout: 60_000 });
  await timed("the link opened, home to be seen", async () => {
    await page.goto(address);
    await page.getByText("Files of the project").waitFor();
  });
  await timed("a tomogram of 0.5 GB: something to see", async () => {
    await page.evaluate('location.hash = "/look?volume=large.mrc&layout=xy&zoom=0.7"');
    await page.waitForSelector('canvas[data-tiles]:not([data-tiles="0"])', { timeout: 60_000 });
  });
  await timed("in full", complete);
  const { count, seen } = await wheel(page);
  print(
    `wheel of 30 slices a second, 5 s: ${count} slices passed, ${seen} of them with a picture of their own`,
  );
  await timed("at rest again, in full", complete);
}

/** Turns as fast as a hand does; a slice counts when something of it, however coarse, was drawn before the next. */
function wheel(page: Page): Promise<{ readonly count: number; readonly seen: number }> {
  return page.evaluate(`(async () => {
    const canvas = document.querySelector('canvas[data-part="slices"]');
    const start = performance.now();
    let [count, seen] = [0, 0];
    while (performance.now() - start < 5000) {
      dispatchEvent(new KeyboardEvent("keydown", { key: count % 100 < 50 ? "PageUp" : "PageDown" }));
      await new Promise((resolve) => setTimeout(resolve, 33));
      if (canvas.dataset.detail === "complete") seen++;
      count++;
    }
    return { count, seen };
  })()`);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await benchSlowLine((line) => void process.stdout.write(`${line}\n`));
