/** Reads what was typed, and what was answered, out of a Markdown page, and types it again in a folder with real files. */
import { readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeObjects } from "../../src/objects/formats.ts";
import { writeVolume } from "../../src/volume/formats.ts";
import type { CommandResult } from "./command-line.ts";
import { applyDiff } from "./mistake-cases.ts";

export interface TypedMistake {
  readonly title: string;
  /** Change of the workflow; empty when it stays. */
  readonly diff: string;
  /** Words after `tomoflow`. */
  readonly words: readonly string[];
  /** `…` stands for anything in a line, alone for any lines. */
  readonly expected: string;
  readonly exitCode: number;
}

/** The sections with a ```sh block; the exit code stands in the `## ` section around them. */
export function readTypedMistakes(page: string): TypedMistake[] {
  const groups = readFileSync(page, "utf8").split(/^## /m).slice(1);
  return groups.flatMap((group) => {
    const exitCode = Number(/exit code is (\d+)/.exec(group)?.[1]);
    return group
      .split(/^### /m)
      .slice(1)
      .flatMap((section) => {
        const typed = blockOf(section, "sh");
        if (typed === undefined) return [];
        const [program, ...words] = typed.trim().split(" ");
        if (program !== "tomoflow") throw new Error(`${typed} does not call tomoflow`);
        const title = section.split("\n", 1)[0]!;
        const diff = blockOf(section, "diff") ?? "";
        return [{ title, diff, words, expected: blockOf(section, "text") ?? "", exitCode }];
      });
  });
}

const blockOf = (section: string, language: string): string | undefined =>
  new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(section)?.[1];

/** The workflow that the page shows before its typed mistakes. */
export function typedWorkflow(page: string): string {
  const blocks = [...readFileSync(page, "utf8").matchAll(/```yaml\n(version: 1\n.*?)```/gs)];
  return blocks.at(-1)![1]!;
}

/** (z, y, x) voxels */
const shape = [20, 24, 28] as const;
const place = { voxelSizeAngstrom: [10, 10, 10], originAngstrom: [0, 0, 0], labels: [] } as const;

/** Writes the workflow and the files that it names: three tomograms with two objects each, two masks. */
export async function writeTypedProject(folder: string, workflow: string): Promise<void> {
  for (const name of ["data", "masks"]) await mkdir(join(folder, name), { recursive: true });
  for (let index = 0; index < 3; index++) {
    const data = Float32Array.from(
      { length: shape[0] * shape[1] * shape[2] },
      (_, voxel) => ((voxel * 7919 + index * 31) % 251) - 125,
    );
    await writeVolume(join(folder, `data/t${index}.mrc`), { data, shape, ...place });
    await writeObjects(join(folder, `data/t${index}.xml`), [
      { label: 1, x: 13 + index, y: 11, z: 9, phi: 10, psi: 20, the: 30 },
      { label: 2, x: 7 + index, y: 17, z: 12, phi: 0, psi: 0, the: 0 },
    ]);
  }
  for (const name of ["ribosome", "proteasome"]) {
    const data = new Int8Array(9 ** 3).fill(1, 1);
    await writeVolume(join(folder, `masks/${name}.mrc`), { data, shape: [9, 9, 9], ...place });
  }
  await writeFile(join(folder, "workflow.yaml"), workflow);
}

/** Changes the workflow of the folder as the page says. */
export async function changeWorkflow({ title, diff }: TypedMistake, folder: string): Promise<void> {
  const path = join(folder, "workflow.yaml");
  if (diff) await writeFile(path, applyDiff(await readFile(path, "utf8"), diff, title));
}

/** What the page shows: of a wrong input what stands on standard error, of a run that took place its lines. */
export const shownText = ({ code, stdout, stderr }: CommandResult): string => (code === 2 ? stderr : stdout);

/** True when `actual` is what the page shows. */
export function matchesShown(actual: string, expected: string): boolean {
  const pattern = expected
    .trimEnd()
    .split("\n")
    .map((line) => (line === "…" ? "(?:.*\n)*?" : `${line.split("…").map(escaped).join(".*")}\n`))
    .join("");
  return new RegExp(`^${pattern}$`).test(`${actual.trimEnd()}\n`);
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
