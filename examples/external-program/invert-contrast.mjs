/** Inverts the contrast of a tomogram: `node invert-contrast.mjs in.mrc out.mrc`. MRC mode 2 (float32), little-endian. */
import { readFileSync, writeFileSync } from "node:fs";

const headerBytes = 1024;
const [source, target] = process.argv.slice(2);
const bytes = readFileSync(source);
const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
if (view.getInt32(12, true) !== 2) throw new Error(`${source} is not in MRC mode 2`);

const extendedHeaderBytes = view.getInt32(92, true);
for (let at = headerBytes + extendedHeaderBytes; at < bytes.length; at += 4)
  view.setFloat32(at, -view.getFloat32(at, true), true);

// the header's smallest, largest and mean value follow
const [smallest, largest, mean] = [76, 80, 84].map((at) => view.getFloat32(at, true));
view.setFloat32(76, -largest, true);
view.setFloat32(80, -smallest, true);
view.setFloat32(84, -mean, true);
writeFileSync(target, bytes);
