/** What a task's inputs hold, where it reads a part of one that part. */
import type { Content } from "../store/content.ts";
import type { Look, StatCache } from "../store/stat-cache.ts";
import type { InputFile } from "./inputs.ts";

type Input = Pick<InputFile, "path" | "part">;

/** Undefined when there is no such file. A part that cannot be told counts as the whole file. Throws what `contentOf` throws. */
export async function lookAtInput({ path, part }: Input, contents: StatCache): Promise<Look | undefined> {
  const look = part?.counts ? await contents.lookAtPart(path, part) : undefined;
  return look ?? contents.lookAt(path);
}

/**
 * The inputs as the lock has them, where that took a list as a whole of which now a part counts, or the other way round: equal then, the
 * result is as true. Undefined where there is no difference.
 */
export async function contentsAsLocked(
  inputs: readonly InputFile[],
  contents: ReadonlyMap<string, Content>,
  { locked, cache }: { readonly locked: Locked | undefined; readonly cache: StatCache },
): Promise<ReadonlyMap<string, Content> | undefined> {
  const others = new Map<string, Content>();
  for (const { role, path, part } of inputs) {
    if (!part?.orWhole || !contents.has(role)) continue;
    const wantsPart = locked !== undefined && Object.hasOwn(locked.inputs, role) && locked.inputs[role]!.part;
    if (Boolean(wantsPart) === (contents.get(role)!.part !== undefined)) continue;
    const look = wantsPart ? await cache.lookAtPart(path, part) : await cache.lookAt(path);
    if (look) others.set(role, look.content);
  }
  return others.size > 0 ? new Map([...contents, ...others]) : undefined;
}

interface Locked {
  readonly inputs: Readonly<Record<string, { readonly part?: string }>>;
}
