import { checkBox } from "../box.ts";
import type { ByteSource } from "../byte-source.ts";
import { readFileBox } from "../raw-box.ts";
import type { OpenOptions, VolumeReader } from "../volume.ts";
import { headerBytes, readHeader } from "./header.ts";

/** Opens an EM file. Throws `em-not-em`, `em-type`, `em-truncated`. */
export async function openEm(source: ByteSource, { signal }: OpenOptions = {}): Promise<VolumeReader> {
  const bytes = new Uint8Array(Math.min(headerBytes, source.size));
  await source.read(0, bytes, signal);
  const { info, layout } = readHeader(bytes, { path: source.name, fileBytes: source.size });
  return {
    info,
    readBox: async (start, shape, stop) => {
      const box = { start, shape };
      checkBox(box, info.shape);
      return readFileBox(source, layout, { box, ...(stop && { signal: stop }) });
    },
    close: () => source.close(),
  };
}
