/** Pixels of a screenshot. Decoded by the browser itself: no package for PNG. */
import type { Page } from "playwright-core";

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** (row, column, [red, green, blue, alpha]) */
  readonly data: Uint8Array;
  /** Red, green, blue. */
  at(left: number, top: number): readonly [number, number, number];
}

/** What is drawn in a part of the page, CSS pixels; what lies over it is in the picture. */
export async function pixelsOf(
  page: Page,
  clip: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): Promise<Pixels> {
  const png = (await page.screenshot({ clip, scale: "css" })).toString("base64");
  const { width, height, text } = (await page.evaluate(`(${decode})("${png}")`)) as {
    width: number;
    height: number;
    text: string;
  };
  const data = new Uint8Array(Buffer.from(text, "base64"));
  return {
    width,
    height,
    data,
    at: (left, top) => {
      const start = (Math.floor(top) * width + Math.floor(left)) * 4;
      return [data[start]!, data[start + 1]!, data[start + 2]!];
    },
  };
}

/** Runs in the browser, whose types the tests do not have. */
const decode = `async (base64) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  let text = "";
  for (let start = 0; start < data.length; start += 8192) text += String.fromCharCode(...data.subarray(start, start + 8192));
  return { width: bitmap.width, height: bitmap.height, text: btoa(text) };
}`;
