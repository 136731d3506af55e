/** The volumes that windows look at: each file is opened once, and its cache made in the background. */
import { stat } from "node:fs/promises";
import { explainSystemError, TomoflowError } from "../../../core/error.ts";
import { sha256 } from "../../../core/hash.ts";
import type { VolumeReader } from "../../../volume/volume.ts";
import type { SliceNews, TileAddress } from "../../protocol/slices.ts";
import type { OpenVolumeRequest, VolumeAnswer } from "../../protocol/volumes.ts";
import type { CubeMemory } from "../slices/cube-memory.ts";
import type { DirectTile } from "../slices/direct.ts";
import type { PyramidStore } from "../slices/pyramid-store.ts";
import { openHandle, type VolumeHandle } from "./volume-handle.ts";

export interface OpenedVolume {
  /** What is known by now. */
  answer(): VolumeAnswer;
  readonly reader: VolumeReader;
  /** Undefined where there is nothing yet, or nothing at all, at the address. */
  readTile(address: TileAddress, signal: AbortSignal): Promise<DirectTile | undefined>;
}

export interface OpenedVolumes {
  /** Throws what `openVolume` throws. @param path absolute */
  open(path: string, request: OpenVolumeRequest): Promise<VolumeAnswer>;
  /** Throws `not-open`. */
  find(id: string): Promise<OpenedVolume>;
  close(): Promise<void>;
}

export interface OpenedVolumesOptions {
  readonly memory: CubeMemory;
  readonly store: () => Promise<PyramidStore>;
  readonly signal: AbortSignal;
  readonly tell: (news: SliceNews) => void;
}

export function openedVolumes(options: OpenedVolumesOptions): OpenedVolumes {
  const opened = new Map<string, Promise<VolumeHandle>>();
  return {
    async open(path, request) {
      const id = await idOf(path, request);
      const opening = opened.get(id) ?? openHandle(id, path, { request, ...options });
      opened.set(id, opening);
      opening.catch(() => opened.delete(id));
      return { ...(await opening).answer(), path: request.path };
    },
    async find(id) {
      const volume = opened.get(id);
      if (volume) return volume;
      throw new TomoflowError("not-open", "this volume is not open any more", { hint: "open it again" });
    },
    async close() {
      const all = await Promise.allSettled(opened.values());
      await Promise.all(all.map((each) => each.status === "fulfilled" && each.value.close()));
    },
  };
}

/** The same for a file that has not changed: what is written anew is another volume. */
async function idOf(path: string, { dataset = "", as = "density" }: OpenVolumeRequest): Promise<string> {
  const stats = await stat(path, { bigint: true }).catch((error: unknown) => {
    throw explainSystemError(error, path);
  });
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return sha256([path, dev, ino, size, mtimeNs, ctimeNs, dataset, as].join("\0")).slice(0, 20);
}
