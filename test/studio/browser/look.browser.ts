/** What the viewer draws, pixel by pixel, against volumes whose every voxel is known. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Plane } from "../../../src/studio/protocol/coordinates.ts";
import { planeAxes } from "../../../src/studio/protocol/coordinates.ts";
import { writeVolume } from "../../../src/volume/formats.ts";
import { pixelsOf } from "../../support/pixels.ts";
import { openStudioPage, type StudioPage, waitForSlices } from "../../support/studio-browser.ts";
import { temporaryFolder } from "../../support/temporary.ts";

/** (z, y, x): more than one tile along x and y, unequal, odd. */
const shape = [11, 261, 299] as const;
/** (x, y, z) */
const lengths = [shape[2], shape[1], shape[0]] as const;

/** Its grey at contrast 0 to 255 is the value itself. */
const valueAt = (x: number, y: number, z: number): number =>
  (x * 7 + y * 13 + z * 29 + (x % 5) * (y % 3)) % 256;

async function projectWithVolume(t: TestContext): Promise<string> {
  const root = await temporaryFolder(t);
  const data = new Int16Array(shape[0] * shape[1] * shape[2]);
  const labels = new Uint8Array(data.length);
  let index = 0;
  for (let z = 0; z < shape[0]; z++)
    for (let y = 0; y < shape[1]; y++)
      for (let x = 0; x < shape[2]; x++, index++) {
        data[index] = valueAt(x, y, z);
        labels[index] = x >= 140 && x < 160 && y >= 120 && y < 130 ? 2 : 0;
      }
  const place = { shape, voxelSizeAngstrom: [10, 10, 10], originAngstrom: [0, 0, 0] } as const;
  await writeVolume(join(root, "odd.mrc"), { ...place, data });
  await writeVolume(join(root, "labels.mrc"), { ...place, data: labels });
  return root;
}

/** Compares every voxel of a plane that no caption covers; gives how many were compared. */
async function comparePlane(
  { page }: StudioPage,
  plane: Plane,
  {
    at,
    zoom,
    expected,
    tolerance = 0,
  }: {
    at: readonly [number, number, number];
    zoom: number;
    expected: (x: number, y: number, z: number) => number;
    tolerance?: number;
  },
): Promise<number> {
  const box = (await page.locator(`[data-plane="${plane}"]`).boundingBox())!;
  const pixels = await pixelsOf(page, box);
  const { across, down } = planeAxes[plane];
  let compared = 0;
  for (let v = 0; v < lengths[down]; v++)
    for (let u = 0; u < lengths[across]; u++) {
      const upwards = down === 1 ? -1 : 1;
      const left = box.width / 2 + (u - at[across]) * zoom;
      const top = box.height / 2 + (v - at[down]) * zoom * upwards;
      if (left < zoom || top < 40 || left > box.width - zoom || top > box.height - 50) continue;
      const position: [number, number, number] = [...at];
      position[across] = u;
      position[down] = v;
      const [red, green, blue] = pixels.at(left, top);
      const wanted = expected(...position);
      if (Math.abs(red - wanted) > tolerance || green !== red || blue !== red)
        assert.fail(`${plane} voxel ${position.join()}: drawn ${[red, green, blue].join()}, holds ${wanted}`);
      compared++;
    }
  return compared;
}

const at = [150, 128, 6] as const;

test("every voxel of every plane is drawn in its place with its value", async (t) => {
  const studio = await openStudioPage(t, { root: await projectWithVolume(t) });
  const { page } = studio;
  for (const [plane, zoom, least] of [
    ["xy", 3, 40_000],
    ["xz", 2, 3_000],
    ["yz", 2, 2_700],
  ] as const) {
    await studio.goTo(`#/look?volume=odd.mrc&at=${at.join()}&zoom=${zoom}&contrast=0,255&layout=${plane}`);
    await page.reload();
    await waitForSlices(page);
    await page.getByRole("switch", { name: "Smooth between voxels" }).click();
    await page.keyboard.press("c");
    await waitForSlices(page);
    const compared = await comparePlane(studio, plane, { at, zoom, expected: valueAt });
    assert.ok(compared > least, `${plane}: ${compared} voxels compared`);
  }
  // inverted, and three slices averaged; the ends of the volume have fewer
  await studio.goTo(`#/look?volume=odd.mrc&at=150,128,10&zoom=2&contrast=255,0&layout=xy&average=3`);
  await page.reload();
  await waitForSlices(page);
  await page.getByRole("switch", { name: "Smooth between voxels" }).click();
  await page.keyboard.press("c");
  await waitForSlices(page);
  const compared = await comparePlane(studio, "xy", {
    at: [150, 128, 10],
    zoom: 2,
    expected: (x, y) => 255 - (valueAt(x, y, 9) + valueAt(x, y, 10)) / 2,
    tolerance: 0.51,
  });
  assert.ok(compared > 60_000, `${compared} voxels compared`);
});

test("a label lies over exactly its voxels, in its class's colour", async (t) => {
  const studio = await openStudioPage(t, { root: await projectWithVolume(t) });
  const { page } = studio;
  await studio.goTo(
    `#/look?volume=odd.mrc&labels=labels.mrc&at=150,125,6&zoom=8&contrast=1000,2000&layout=xy`,
  );
  await page.reload();
  await waitForSlices(page);
  await page.keyboard.press("c");
  const opacity = page.getByRole("slider", { name: "Opacity" });
  await opacity.focus();
  await page.keyboard.press("End");
  await waitForSlices(page);
  const box = (await page.locator('[data-plane="xy"]').boundingBox())!;
  const look = async () => {
    const pixels = await pixelsOf(page, box);
    // y grows upwards
    return (x: number, y: number) => pixels.at(box.width / 2 + (x - 150) * 8, box.height / 2 - (y - 125) * 8);
  };
  const filled = await look();
  const blue = [0x4d, 0xab, 0xf7];
  for (const x of [140, 150, 159]) for (const y of [120, 125, 129]) assert.deepEqual(filled(x, y), blue);
  for (const [x, y] of [
    [139, 125],
    [160, 125],
    [150, 119],
    [150, 130],
  ] as const)
    assert.deepEqual(filled(x, y), [0, 0, 0]);

  await page.keyboard.press("o");
  await page.waitForTimeout(100);
  const outlined = await look();
  assert.deepEqual(outlined(150, 125), [0, 0, 0]);
  assert.deepEqual(outlined(139.6, 125), blue);

  await page.getByRole("button", { name: "Hide class 2" }).click();
  await page.waitForTimeout(100);
  assert.deepEqual((await look())(139.6, 125), [0, 0, 0]);
});

test("clicks, wheel and keys move the cross-hair in all planes, zooming keeps what is under the pointer", async (t) => {
  const studio = await openStudioPage(t, { root: await projectWithVolume(t) });
  const { page } = studio;
  await studio.goTo(`#/look?volume=odd.mrc`);
  await waitForSlices(page);
  const place = async () =>
    (await page.locator("canvas[data-shown]").getAttribute("data-shown"))!.split("@")[1];
  assert.equal(await place(), "149,130,5");
  const box = (await page.locator('[data-plane="xy"]').boundingBox())!;
  const middle = [box.x + box.width / 2, box.y + box.height / 2] as const;
  await page.mouse.move(...middle);
  const under = async () =>
    (await page.locator('[data-part="readout"] div:has(dt:text-is("voxel")) dd').textContent())!;
  const value = async () =>
    Number(await page.locator('[data-part="readout"] div:has(dt:text-is("value")) dd').textContent());
  await page.mouse.wheel(0, 100);
  await waitForPlace(page, "149,130,6");
  await page.keyboard.down("Shift");
  await page.mouse.wheel(0, -100);
  await page.keyboard.up("Shift");
  await waitForPlace(page, "149,130,0");
  await page.keyboard.press("PageUp");
  await waitForPlace(page, "149,130,1");
  await page.keyboard.press("End");
  await waitForPlace(page, "149,130,10");
  await waitForSlices(page);

  await page.mouse.move(middle[0] - 60, middle[1] - 40);
  const before = (await under()).split(", ").map(Number);
  assert.equal(await value(), valueAt(before[0]!, before[1]!, 10));
  // y grows upwards: above the middle it is larger
  assert.ok(before[0]! < 149 && before[1]! > 130, before.join());
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -300);
  await page.keyboard.up("Control");
  await page.waitForTimeout(100);
  await page.mouse.move(middle[0] - 60, middle[1] - 40.01);
  assert.deepEqual((await under()).split(", ").map(Number), before);

  await page.mouse.click(middle[0] - 60, middle[1] - 40);
  await waitForPlace(page, (found) => found.every((part, axis) => Math.round(part) === before[axis]));
  await page.keyboard.press("0");
  const yz = (await page.locator('[data-plane="yz"]').boundingBox())!;
  await page.mouse.click(yz.x + yz.width / 2, yz.y + yz.height / 2);
  // x stays, y and z come from the YZ plane
  await waitForPlace(
    page,
    ([x, y, z]) => Math.round(x!) === before[0] && Math.abs(y! - 130) <= 1 && Math.abs(z! - 5) <= 1,
  );
});

/** Waits until the cross-hair drawn is there. */
async function waitForPlace(
  page: StudioPage["page"],
  wanted: string | ((place: readonly number[]) => boolean),
): Promise<void> {
  const end = Date.now() + 10_000;
  for (;;) {
    const place = (await page.locator("canvas[data-shown]").getAttribute("data-shown"))!.split("@")[1]!;
    if (typeof wanted === "string" ? place === wanted : wanted(place.split(",").map(Number))) return;
    assert.ok(Date.now() < end, `the cross-hair stayed at ${place}`);
    await page.waitForTimeout(30);
  }
}
