/**
 * Prints how the studio's viewer feels in a real browser: `npm run build && node --import tsx bench/studio-browser.ts`, some five minutes.
 * Chromium draws with SwiftShader, so every pixel is the processor's work: a GPU does better. Makes a tomogram of 4 GB in the
 * temporary folder (TMPDIR) and removes it; a number of planes after the command makes it smaller than 1000.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { type Studio, startStudio } from "../src/studio/server/index.ts";
import { createVolume } from "../src/volume/formats.ts";
import { launchChromium } from "../test/support/studio-browser.ts";

/** (z, y, x), float32: 4.2 GB. */
const shape = [Number(process.argv[2] ?? 1000), 1024, 1024] as const;
const objectCount = 50_000;

export async function benchStudioBrowser(print: (line: string) => void): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "tomoflow-bench-studio-"));
  let studio: Studio | undefined;
  let browser: Browser | undefined;
  try {
    await writeNoise(join(root, "large.mrc"));
    await writeFile(join(root, "many.csv"), listOfMany());
    studio = await startStudio({ root });
    browser = await launchChromium();
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.addInitScript('localStorage.setItem("tomoflow.tour", "seen")');
    await page.goto(studio.url);
    await page.getByText("Files of the project").waitFor();
    await measure(page, print);
  } finally {
    await browser?.close();
    await studio?.close();
    await rm(root, { recursive: true, force: true });
  }
}

async function measure(page: Page, print: (line: string) => void): Promise<void> {
  const go = (words: string) => page.evaluate(`location.hash = "/look?volume=large.mrc${words}"`);
  const start = performance.now();
  const since = (): string => `${(performance.now() - start).toFixed(0)} ms`;
  await go("&layout=xy&zoom=0.9");
  await page.waitForSelector('canvas[data-tiles]:not([data-tiles="0"])', { timeout: 60_000 });
  print(`${((4 * shape[0] * shape[1] * shape[2]) / 1e9).toFixed(1)} GB, XY: first picture after ${since()}`);
  await page.waitForSelector('canvas[data-complete="true"]', { timeout: 60_000 });
  print(`XY: full detail after ${since()}`);
  for (const least of ["coarse", "moving", "complete"] as const)
    print(`XY, one after the other, ${words[least]}: ${await slicesASecond(page, least)}`);
  for (const plane of ["xz", "yz"]) {
    const shown = performance.now();
    await go(`&layout=${plane}&zoom=0.9`);
    await page.evaluate("location.reload()");
    await page.waitForSelector('canvas[data-tiles]:not([data-tiles="0"])', { timeout: 60_000 });
    print(
      `${plane}: something to see after ${(performance.now() - shown).toFixed(0)} ms, page load included`,
    );
    await page.waitForSelector('canvas[data-complete="true"]', { timeout: 600_000 });
    print(`${plane}: full detail ${since()} after the first opening (the cache is made meanwhile)`);
    for (const least of ["moving", "complete"] as const)
      print(`${plane}, one after the other, ${words[least]}: ${await slicesASecond(page, least)}`);
  }
  await go("&objects=many.csv");
  await page.evaluate("location.reload()");
  await page.getByText(`${objectCount.toLocaleString("en")} objects`).waitFor({ timeout: 60_000 });
  await page.waitForSelector('canvas[data-complete="true"]', { timeout: 60_000 });
  print(`${objectCount} objects, cross-hair moving, all panes: ${await framesASecond(page)}`);
  print(await memory(page));
}

/** How much of a slice must be there before the next is asked for. */
type Least = "coarse" | "moving" | "complete";

const words: Readonly<Record<Least, string>> = {
  coarse: "coarse at least",
  moving: "each at the detail of moving",
  complete: "each at rest and complete",
};

/** The next slice is asked for when the one before is drawn. */
function slicesASecond(page: Page, least: Least): Promise<string> {
  const enough = {
    coarse: 'canvas.dataset.detail !== "empty"',
    moving: 'canvas.dataset.detail === "complete"',
    complete: 'canvas.dataset.complete === "true"',
  }[least];
  return rateOf(page, { keys: '["PageUp"]', most: Math.min(...shape) - 1, enough, unit: "slices" });
}

/** Twenty steps to the right, twenty to the left. */
function framesASecond(page: Page): Promise<string> {
  const keys = `[${'"ArrowRight",'.repeat(20)}${'"ArrowLeft",'.repeat(20)}]`;
  return rateOf(page, { keys, most: Number.MAX_SAFE_INTEGER, enough: "true", unit: "frames" });
}

interface Turns {
  /** An array of names of keys, in the page's words. */
  readonly keys: string;
  /** Presses: there are no slices beyond the last. */
  readonly most: number;
  /** When a frame is enough, in the page's words. */
  readonly enough: string;
  readonly unit: string;
}

/** Begins at the first slice and presses a key after each frame that is enough, five seconds long. */
async function rateOf(page: Page, { keys, most, enough, unit }: Turns): Promise<string> {
  const before = await processorTimes();
  const { count, seconds } = (await page.evaluate(`(async () => {
    const canvas = document.querySelector('canvas[data-part="slices"]');
    const keys = ${keys};
    dispatchEvent(new KeyboardEvent("keydown", { key: "Home" }));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const start = performance.now();
    let count = 0;
    while (performance.now() - start < 5000 && count < ${most}) {
      const before = canvas.dataset.shown;
      dispatchEvent(new KeyboardEvent("keydown", { key: keys[count % keys.length] }));
      do await new Promise(requestAnimationFrame);
      while (canvas.dataset.shown === before || !(${enough}));
      count++;
    }
    return { count, seconds: (performance.now() - start) / 1000 };
  })()`)) as { count: number; seconds: number };
  const after = await processorTimes();
  const each = [...after].map(
    ([kind, time]) => `${kind} ${((time - (before.get(kind) ?? 0)) / count).toFixed(0)} ms`,
  );
  return `${(count / seconds).toFixed(1)} ${unit} a second (processor time of each: ${each.join(", ")})`;
}

/** Of the browser's processes and of the server (this process), ms. */
async function processorTimes(): Promise<ReadonlyMap<string, number>> {
  const { user, system } = process.cpuUsage();
  const times = new Map([["server", (user + system) / 1000]]);
  for (const { kind, folder } of await browserProcesses()) {
    const fields = (await readFile(`${folder}/stat`, "utf8").catch(() => "")).split(") ")[1]?.split(" ");
    // clock ticks of 10 ms
    const time = (Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0)) * 10;
    times.set(kind, (times.get(kind) ?? 0) + time);
  }
  return times;
}

/** The page's own process: what is on the GPU is in another, and on the graphics card where there is one. */
async function memory(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize = 0 } = (await session.send("Runtime.getHeapUsage")) as {
    usedSize: number;
    backingStorageSize?: number;
  };
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
  const processes = await residentMemory();
  const each = [...processes].map(([kind, bytes]) => `${kind} ${megabytes(bytes)}`).join(", ");
  return `browser memory: scripts ${megabytes(usedSize)}, their arrays ${megabytes(backingStorageSize)}; processes: ${each}`;
}

/** The largest process of each kind, by its resident memory. */
async function residentMemory(): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const { kind, folder } of await browserProcesses()) {
    const status = await readFile(`${folder}/status`, "utf8").catch(() => "");
    const bytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
    found.set(kind, Math.max(found.get(kind) ?? 0, bytes));
  }
  return found;
}

/** Descendants of this process that draw. */
async function browserProcesses(): Promise<readonly { readonly kind: string; readonly folder: string }[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const status = await readFile(`/proc/${name}/status`, "utf8").catch(() => "");
    parents.set(Number(name), Number(/PPid:\s+(\d+)/.exec(status)?.[1] ?? 0));
  }
  const isOurs = (pid: number | undefined): boolean =>
    pid === process.pid || (pid !== undefined && pid > 1 && isOurs(parents.get(pid)));
  const found: { kind: string; folder: string }[] = [];
  for (const pid of parents.keys()) {
    const folder = `/proc/${pid}`;
    const command = isOurs(pid) ? await readFile(`${folder}/cmdline`, "utf8").catch(() => "") : "";
    const kind = /--type=(renderer|gpu-process)/.exec(command)?.[1];
    if (kind !== undefined) found.push({ kind, folder });
  }
  return found;
}

async function writeNoise(path: string): Promise<void> {
  const [depth, height, width] = shape;
  const writer = await createVolume(path, {
    shape,
    type: "float32",
    voxelSizeAngstrom: [7, 7, 7],
    originAngstrom: [0, 0, 0],
  });
  const plane = new Float32Array(height * width);
  let state = 1;
  for (let index = 0; index < plane.length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    plane[index] = state / 2 ** 31 - 1;
  }
  for (let z = 0; z < depth; z++) {
    // every plane another: the one before, moved
    plane.copyWithin(0, 12_345);
    plane.fill(z / depth, plane.length - 12_345);
    await writer.append(plane);
  }
  await writer.close();
}

function listOfMany(): string {
  const rows = Array.from({ length: objectCount }, (_, index) => {
    const place = (factor: number, length: number) => Math.round(((index * factor) % 1) * (length - 1));
    return `${1 + (index % 8)},${place(0.754877, shape[2])},${place(0.56984, shape[1])},${place(0.437198, shape[0])}`;
  });
  return `class_label,x,y,z\n${rows.join("\n")}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await benchStudioBrowser((line) => void process.stdout.write(`${line}\n`));
