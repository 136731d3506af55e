/** Serving the studio from a command until Ctrl-C: the link, the line for ssh, the browser. */
import { hostname, userInfo } from "node:os";
import { isAbsolute, relative, sep } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import type { StudioOptions } from "../../studio/server/index.ts";
import { paint, writeErrorLine, writeLine } from "../output.ts";
import { hasBrowser, openBrowser } from "./browser.ts";

export interface ServeFlags {
  readonly port?: number;
  readonly open: boolean;
}

/** Adds `--port` and `--no-open`. */
export const withServing = (command: Command): Command =>
  command
    .option("--port <number>", "the port to serve on (default: one that is free)", portNumber)
    .option("--no-open", "only print the link");

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65536) return port;
  throw new InvalidArgumentError("Write a number from 1 to 65535, e.g. --port 8123.");
}

/** Returns when the user has ended it. Throws what `startStudio` throws. */
export async function serveStudio(
  place: Pick<StudioOptions, "root" | "workflow" | "named" | "screen">,
  { port, open }: ServeFlags,
): Promise<void> {
  const { startStudio } = await import("../../studio/server/index.ts");
  const studio = await startStudio({
    ...place,
    ...(port !== undefined && { port }),
    onFault: (error) =>
      writeErrorLine(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  });
  const isHere = hasBrowser();
  for (const line of linkLines(studio, isHere)) writeLine(line);
  if (open && isHere) openBrowser(studio.url);
  await untilEnded();
  await studio.close();
}

/** What to do with the link, for a person at this machine or at another. */
export function linkLines(
  { url, port }: { readonly url: string; readonly port: number },
  isHere: boolean,
  user = userInfo().username,
): readonly string[] {
  const link = ["The studio is open at", "", `  ${paint("cyan", url)}`, ""];
  const end = paint("dim", "Ctrl-C ends the studio; what was done is saved.");
  if (isHere) return [...link, end];
  const ssh = `ssh -N -L ${port}:127.0.0.1:${port} ${user}@${hostname()}`;
  return [...link, "From another computer, type there first", "", `  ${paint("bold", ssh)}`, "", end];
}

/** What the browser calls a file: below the root with forward slashes, else absolute. */
export function shownBelow(root: string, path: string): string {
  const below = relative(root, path);
  const leaves = below === ".." || below.startsWith(`..${sep}`) || isAbsolute(below);
  return leaves ? path : below.split(sep).join("/");
}

/** Ctrl-C, or whatever ends services. The second ends at once. */
function untilEnded(): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeListener(signal, end);
      resolve();
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, end);
  });
}
