import assert from "node:assert/strict";
import { test } from "node:test";
import { TomoflowError } from "../../src/core/error.ts";
import { readVolume } from "../../src/volume/formats.ts";
import { fixture } from "./fixtures.ts";

/** What is refused: file, code, what the message must say, and what the advice must say. */
const refusals: readonly [name: string, code: string, message: RegExp, hint: RegExp, dataset?: string][] = [
  ["mrc/complex-int16.mrc", "mrc-complex", /complex numbers \(mode 3, complex int16\)/, /Fourier/],
  ["mrc/complex-float32.mrc", "mrc-complex", /complex numbers \(mode 4, complex float32\)/, /Fourier/],
  ["mrc/colour.mrc", "mrc-colour", /RGB colours \(mode 16\)/, /grey/],
  ["mrc/mode-unknown.mrc", "mrc-mode", /mode 7/, /modes 0, 1, 2, 6, 12 and 101/],
  ["mrc/volume-stack.mrc", "mrc-volume-stack", /stack of 3 volumes of 1 sections/, /newstack/],
  ["mrc/size-negative.mrc", "mrc-header", /-5×4×3 voxels/, /damaged/],
  [
    "mrc/size-lying.mrc",
    "mrc-truncated",
    /1073741824×1073741824×1073741824 .* there are 1144/,
    /copy the file/,
  ],
  ["mrc/extended-negative.mrc", "mrc-header", /extended header has -4 bytes/, /damaged/],
  [
    "mrc/cut-off.mrc",
    "mrc-truncated",
    /promises 5×4×3 voxels .* 1264 bytes, but there are 1263/,
    /copy the file/,
  ],
  ["mrc/header-only.mrc", "mrc-truncated", /1264 bytes, but there are 1024/, /wait until/],
  ["mrc/cut-off-header.mrc", "mrc-truncated", /600 bytes, less than the header/, /copy the file/],
  ["mrc/empty.mrc", "mrc-truncated", /0 bytes, less than the header/, /copy the file/],
  ["mrc/text.mrc", "mrc-not-mrc", /not an MRC file/, /reads MRC/],
  ["mrc/damaged.mrc.gz", "gzip-corrupt", /gzip data are damaged or cut off/, /gzip -t/],
  ["mrc/damaged.mrc.bz2", "bzip2-corrupt", /bzip2 data are damaged or cut off/, /bzip2 -t/],
  ["mrc/missing.mrc", "file-missing", /does not exist/, /relative to the workflow/],
  ["mrc", "file-is-folder", /is a folder/, /name the volume/],
  ["make.py", "volume-format-unknown", /no format that tomoflow knows/, /MRC \(\.mrc.*HDF5 \(\.h5/],
  ["hdf5/several.h5", "hdf5-dataset-missing", /no data set `dataset`/, /first, second.*--dataset/],
  ["hdf5/several.h5", "hdf5-dataset-missing", /no data set `third`/, /first, second/, "third"],
  ["hdf5/axes.h5", "hdf5-not-volume", /`five` has the shape 3×1×4×5×1/, /z, y, x/, "five"],
  ["hdf5/axes.h5", "hdf5-not-volume", /`text` has the shape/, /z, y, x/, "text"],
  ["hdf5/cut-off.h5", "hdf5-damaged", /cannot be used as HDF5: .*truncated/, /damaged/],
  ["hdf5/text.h5", "hdf5-damaged", /cannot be used as HDF5: .*signature/, /damaged/],
];

for (const [name, code, message, hint, dataset] of refusals)
  test(`${name}${dataset ? `:${dataset}` : ""} is refused as ${code}, with advice`, async () => {
    await assert.rejects(readVolume(fixture(name), { dataset }), (error) => {
      assert.ok(error instanceof TomoflowError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      assert.ok(error.message.includes(name), `names the file: ${error.message}`);
      assert.match(error.hint ?? "", hint);
      return true;
    });
  });
