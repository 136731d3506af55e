/** A volume segmented on the GPU, in tiles of several chunks, whose device is lost on the way. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { globals } from "webgpu";
import { createWebgpuEngine } from "../../src/compute/webgpu/engine.ts";
import type { Shape3 } from "../../src/volume/volume.ts";
import { segmentNoise, tinyWeights } from "../support/tiny-segmentation.ts";

const shape: Shape3 = [8, 4, 48];
/** Two resolutions, for time. */
const network = { classes: 3, filters: [3, 4] };

test("labels equal the onnx engine's, in tiles, and after the device was lost between two of them", async (t) => {
  const { GPUAdapter } = globals as { GPUAdapter: { prototype: GPUAdapter } };
  const requests = t.mock.method(GPUAdapter.prototype, "requestDevice");
  const engine = await createWebgpuEngine();
  t.after(() => engine.dispose());
  const tiny = { network, weights: [tinyWeights(28, network)] };
  const expected = await segmentNoise(shape, tiny);
  assert.equal(new Set(expected.labels).size, 3, "a test of one class would test little");
  const onProgress = async () => (await requests.mock.calls[0]!.result!).destroy();
  const { labels, tiles } = await segmentNoise(
    shape,
    { ...tiny, tile: [8, 4, 24], planes: 4, onProgress },
    engine,
  );
  assert.equal(tiles, 2);
  assert.equal(requests.mock.callCount(), 2, "the device was lost and opened again");
  const differing = labels.filter((label, i) => label !== expected.labels[i]).length;
  assert.ok(
    differing <= 1,
    `${differing} voxels differ, where two classes are as probable as rounding tells`,
  );
  assert.deepEqual(engine.buffers(), { count: 0, bytes: 0 });
});
