/**
 * A real studio in a real Chromium. Slices are drawn by SwiftShader, so that tests can look at pixels on machines without a GPU.
 * TOMOFLOW_CHROMIUM names the browser; TOMOFLOW_SCREENSHOTS a folder that gets pictures of screens.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { type StudioOptions, startStudio } from "../../src/studio/server/index.ts";

export interface StudioPage {
  readonly page: Page;
  /** Without the token: the page has its cookie. */
  readonly origin: string;
  /** Shows a screen, e.g. `#/look?volume=t.mrc`. */
  goTo(address: string): Promise<void>;
  /** A picture of the screen for people, in light and dark; nothing when no folder is named. */
  keepPicture(name: string): Promise<void>;
}

/**
 * Starts the studio and opens its link. Ends both after the test, which fails if the page had an error of its own.
 * @param viewport CSS pixels, 1280 × 800 when not given
 */
export async function openStudioPage(
  t: TestContext,
  {
    viewport = { width: 1280, height: 800 },
    tour = false,
    ...options
  }: StudioOptions & {
    readonly viewport?: { readonly width: number; readonly height: number };
    /** Leave the first start's tour open. */
    readonly tour?: boolean;
  },
): Promise<StudioPage> {
  const studio = await startStudio(options);
  const browser = await launchChromium();
  const page = await browser.newPage({ viewport, colorScheme: "dark", reducedMotion: "reduce" });
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    // a refused request and a lost connection are told by the screen; a broken policy or a script's own complaint is a fault
    if (
      message.type() === "error" &&
      !/^(Failed to load resource|WebSocket connection to)/.test(message.text())
    )
      faults.push(message.text());
  });
  t.after(async () => {
    await browser.close();
    await studio.close();
    assert.deepEqual(faults, []);
  });
  if (!tour) await page.addInitScript('localStorage.setItem("tomoflow.tour", "seen")');
  await page.goto(studio.url);
  const origin = new URL(studio.url).origin;
  return {
    page,
    origin,
    goTo: async (address) => void (await page.goto(`${origin}/${address}`)),
    keepPicture: (name) => keepPicture(page, name),
  };
}

/** Chromium without a screen, WebGL2 by SwiftShader. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.TOMOFLOW_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--enable-unsafe-swiftshader", "--use-angle=swiftshader"],
  });
}

async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env.TOMOFLOW_SCREENSHOTS;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
  }
}

/** Waits until every slice in sight is drawn at its full detail. */
export async function waitForSlices(page: Page): Promise<void> {
  await page.waitForSelector('canvas[data-part="slices"][data-complete="true"]', { timeout: 30_000 });
}

const axeScript = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

interface AxeFault {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** Fails when axe finds a serious or critical fault of accessibility, in light or dark. */
export async function assertAccessible(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    // through the debugger: the studio's policy lets no page add a script
    await page.evaluate(axeSource());
    const faults = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: readonly AxeFault[] }> };
      };
      return (await axe.run()).violations;
    });
    assert.deepEqual(
      faults
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => [
          colorScheme,
          id,
          nodes.slice(0, 3).map(({ html, failureSummary }) => [html.slice(0, 160), failureSummary]),
        ]),
      [],
    );
  }
}

let source: string | undefined;
function axeSource(): string {
  source ??= readFileSync(axeScript, "utf8");
  return source;
}
