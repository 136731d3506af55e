/** Where a step that runs alone writes: beside the place first, and there only once everything is written. */
import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.ts";
import { explainSystemError, TomoflowError } from "../../core/error.ts";
import { takeFile } from "../../core/own-file.ts";
import { takeFolder } from "../../core/own-folder.ts";
import { objectFormats } from "../../objects/object-formats.ts";
import { isFolderOutput } from "../../schema/folder-ports.ts";
import { holdingOf, type OutputPort } from "../../schema/step-description.ts";
import { writableExtensions } from "../../volume/volume-formats.ts";
import { placedAt } from "./placed.ts";

export interface PendingOutputs {
  /** Absolute path to write by port, hidden and with the final ending. */
  readonly paths: Readonly<Record<string, string>>;
  /** Absolute final path by port. */
  readonly published: Readonly<Record<string, string>>;
  /** Renames what was written to its final path; what is a link to another file is copied. */
  publish(): Promise<void>;
  /** Removes what was written; after `publish` there is nothing left. */
  discard(): Promise<void>;
}

const endingsOfObjects = objectFormats.flatMap(({ extensions }) => extensions);

/** Endings of files with the same content, of which a step writes the one that is asked for; undefined where any goes. */
function endingsFor(port: OutputPort): readonly string[] | undefined {
  switch (holdingOf(port)) {
    case "objects":
      return endingsOfObjects;
    case "volume":
    case "labels":
      return writableExtensions;
    case undefined:
      return [endingsOfObjects, writableExtensions].find(([usual]) => usual === extname(port.file));
    default:
      return undefined;
  }
}

/** Mistakes in the names that the user chose for outputs, before the work whose result could not be written. */
export function checkOutputNames(
  ports: readonly OutputPort[],
  given: ReadonlyMap<string, string>,
): readonly Diagnostic[] {
  return ports.flatMap((port) => {
    const { name, file } = port;
    const path = given.get(name);
    const known = endingsFor(port);
    // a kind of the user's own may write what tomoflow does not
    const endings = known && [...new Set([...known, extname(file)])];
    if (path === undefined || endings === undefined || endings.includes(extname(path).toLowerCase()))
      return [];
    return [
      {
        ...errorDiagnostic(
          "output-format-unknown",
          `${path}: the output ${name} cannot be written in a file of this name`,
          { hint: `end it in ${endings.slice(0, -1).join(", ")} or ${endings.at(-1)}` },
        ),
        ...placedAt("outputs", name),
      },
    ];
  });
}

/**
 * `given` are paths by port; the other outputs go to `folder` under the port's own file name. Throws `output-exists` for a folder
 * that is there and not empty: it may hold more than an earlier result.
 */
export async function prepareOutputs(
  ports: readonly OutputPort[],
  given: ReadonlyMap<string, string>,
  folder: string,
): Promise<PendingOutputs> {
  const published = Object.fromEntries(
    ports.map(({ name, file }) => [name, resolve(given.get(name) ?? join(folder, file))]),
  );
  const paths = Object.fromEntries(
    Object.entries(published).map(([name, path]) => [
      name,
      join(dirname(path), `.writing-${process.pid}-${basename(path)}`),
    ]),
  );
  await explained(folder, async () => {
    for (const path of Object.values(published)) await mkdir(dirname(path), { recursive: true });
  });
  const folders = new Set(ports.filter(isFolderOutput).map(({ name }) => name));
  for (const name of folders) await checkEmpty(published[name]!);
  return {
    paths,
    published,
    publish: () =>
      explained(folder, async () => {
        for (const [name, path] of Object.entries(published))
          await (folders.has(name) ? takeFolder : takeFile)(paths[name], path, dirname(paths[name]));
      }),
    discard: async () => {
      for (const path of Object.values(paths)) await rm(path, { force: true, recursive: true });
    },
  };
}

async function checkEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  if (names.length === 0) return;
  throw new TomoflowError("output-exists", `${folder} is there already, and not empty`, {
    hint: "name another folder, or move that one away",
  });
}

async function explained(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw explainSystemError(error, (error as NodeJS.ErrnoException).path ?? path);
  }
}
