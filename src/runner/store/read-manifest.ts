/** The one place that reads manifests and believes nothing of what is in them. */
import { readFile } from "node:fs/promises";
import { isContent, isRecord, isSeconds, isSha256 } from "./record-shapes.ts";
import type { Manifest } from "./store.ts";

/** Undefined for one that is absent, not readable or not what we write: the task then simply runs. */
export async function readManifest(path: string): Promise<Manifest | undefined> {
  try {
    const manifest: unknown = JSON.parse(await readFile(path, "utf8"));
    return isManifest(manifest) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

function isManifest(value: unknown): value is Manifest {
  if (!isRecord(value) || value.version !== 1 || !isRecord(value.outputs)) return false;
  const { key, kind, lineage, outputs, metrics, seconds, engine } = value;
  return (
    typeof key === "string" &&
    typeof kind === "string" &&
    isSeconds(seconds) &&
    (lineage === undefined || isSha256(lineage)) &&
    (engine === undefined || typeof engine === "string") &&
    (metrics === undefined || isRecord(metrics)) &&
    Object.values(outputs).every(isContent)
  );
}
