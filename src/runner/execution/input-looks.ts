/**
 * Whether the files that a task reads hold still while it does. One that is changed and changed back has the content that
 * the key was made of, and the task may have read the other: so the stamps are compared too, `ctime` among them, which
 * nobody sets. What a program writes through a memory map moves no time on Linux and is not seen.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Judgement } from "../planning/judge.ts";
import type { Project } from "../project.ts";
import { sameContent } from "../store/content.ts";
import { toProjectPath } from "../store/layout.ts";
import { type Look, stampOf } from "../store/stat-cache.ts";
import { lookAtInput } from "../tasks/input-content.ts";

/** By input role. */
export type InputLooks = ReadonlyMap<string, Look | undefined>;

export interface ChangedInput {
  readonly role: string;
  /** Relative to the project where it lies inside. */
  readonly path: string;
  /** What became of it, for the user. */
  readonly how: string;
}

export interface SeenInputs {
  readonly looks: InputLooks;
  /** `device:inode` of files that got another name from us or the job alone. */
  readonly linked: ReadonlySet<string>;
}

export async function lookAtInputs({ inputs }: Judgement, { contents }: Project): Promise<InputLooks> {
  const looks = inputs.map(async (input) => [input.role, await lookAtInput(input, contents)] as const);
  return new Map(await Promise.all(looks));
}

/** The first input that is not what the key was made of, or not the file any more that it was at the looks before. */
export async function changedInput(
  judgement: Judgement,
  { looks, linked }: SeenInputs,
  project: Project,
): Promise<ChangedInput | undefined> {
  const now = await lookAtInputs(judgement, project);
  for (const { role, path, part } of judgement.inputs) {
    const [then, look] = [looks.get(role), now.get(role)];
    const isSame = look !== undefined && sameContent(look.content, judgement.contents.get(role));
    if (isSame && then !== undefined && (await isUntouched(then, look, { project, linked }))) continue;
    // others may go on picking in a list for several tomograms; each task reads it in one go
    if (isSame && part?.counts && part.orWhole) continue;
    const how = isSame ? "was touched, or changed and changed back," : "changed";
    return { role, path: toProjectPath(project.layout, path), how };
  }
  return undefined;
}

type Surroundings = Pick<SeenInputs, "linked"> & { readonly project: Project };

/** A file of the cache may get other names meanwhile, which moves its ctime; it is read-only. */
async function isUntouched(then: Look, now: Look, around: Surroundings): Promise<boolean> {
  const { project, linked } = around;
  if (then.stamp.file === now.stamp.file && then.stamp.state === now.stamp.state) return true;
  if (then.inside && now.inside) return isFolderUntouched(then.inside, now.inside, around);
  if (then.stamp.body !== now.stamp.body) return false;
  if (linked.has(now.stamp.file)) return true;
  return (await stampOf(project.store.blobPath(now.content.sha256)))?.file === now.stamp.file;
}

type Inside = NonNullable<Look["inside"]>;

/** The times of a folder move when a file in it comes or goes, also when it has gone again. */
async function isFolderUntouched(then: Inside, now: Inside, around: Surroundings): Promise<boolean> {
  if (then.folders.size !== now.folders.size || then.files.size !== now.files.size) return false;
  for (const [path, stamp] of now.folders) if (then.folders.get(path) !== stamp) return false;
  for (const [path, look] of now.files) {
    const before = then.files.get(path);
    if (before === undefined || !(await isUntouched(before, look, around))) return false;
  }
  return true;
}

/** What an attempt left to go on from may come from the other content of an input that changed. */
export async function forgetDoubtfulCheckpoints({ keys }: Judgement, { layout }: Project): Promise<void> {
  await rm(join(layout.checkpoints, keys!.lineage), { recursive: true, force: true });
}
