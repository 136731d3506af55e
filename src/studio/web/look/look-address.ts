import { routeTo } from "../shell/route.ts";

/** The files that the Look screen shows, as its address names them: `#/look?volume=a.mrc&labels=b.mrc&objects=c.xml`. */
export interface LookFiles {
  readonly volume: string | null;
  /** A second `volume` in the address. */
  readonly second: string | null;
  readonly labels: string | null;
  readonly scores: string | null;
  readonly objects: string | null;
}

export function readLookFiles(query: URLSearchParams): LookFiles {
  const [volume = null, second = null] = query.getAll("volume");
  return {
    volume,
    second,
    labels: query.get("labels"),
    scores: query.get("scores"),
    objects: query.get("objects"),
  };
}

export function lookAddress(files: Partial<LookFiles>): string {
  const { volume, second, labels, scores, objects } = files;
  const volumes = [volume, second].filter((path) => path !== null && path !== undefined);
  return routeTo("look", { volume: volumes, labels, scores, objects });
}
