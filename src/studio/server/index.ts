/** The studio's server: one process on 127.0.0.1, for one person and one project. */
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TomoflowError } from "../../core/error.ts";
import { allowedFiles } from "./access/allowed-files.ts";
import { createGuard } from "./access/guard.ts";
import { createApp } from "./app.ts";
import type { StudioContext } from "./context.ts";
import { editingRoutes } from "./editing/routes.ts";
import { listRoutes } from "./lists/routes.ts";
import { explainError } from "./mistakes.ts";
import { oneStepRoutes } from "./one-step/routes.ts";
import { projectRoutes } from "./project/routes.ts";
import { createHub } from "./socket.ts";
import { volumeRoutes } from "./volumes/routes.ts";
import { workflowRoutes } from "./workflow/routes.ts";

export { type SortedFiles, sortFiles } from "./volumes/sort-files.ts";

export interface StudioOptions {
  /** Folder of the project. */
  readonly root: string;
  /** Workflow file to open with, absolute. */
  readonly workflow?: string;
  /** Files named at the start, absolute: they may lie outside of the project. */
  readonly named?: readonly string[];
  /** What to show first, e.g. `#/look?volume=data/t0.mrc`. */
  readonly screen?: string;
  /** 0 for any that is free. */
  readonly port?: number;
  readonly catalogPath?: string;
  /** Told what no user can mend. */
  readonly onFault?: (error: unknown) => void;
  /** Folder with what Vite built; beside the program when not given. */
  readonly web?: string;
}

export interface Studio {
  /** With the token: whoever has it may use the studio. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Throws `studio-not-built`, `port-taken` and explained system errors. */
export async function startStudio(options: StudioOptions): Promise<Studio> {
  const { workflow, named = [], port = 0, screen = "", catalogPath, onFault = () => undefined } = options;
  const web = options.web ?? builtWeb();
  const root = await realpath(options.root);
  const ending = new AbortController();
  const endings: (() => Promise<void>)[] = [];
  const hub = createHub((error) => {
    const told = explainError(error);
    if (told.code === "studio-error") onFault(error);
    return { ...told };
  });
  const context: StudioContext = {
    root,
    files: allowedFiles(root, named),
    channels: hub,
    signal: ending.signal,
    onEnd: (action) => void endings.push(action),
    ...(workflow !== undefined && { workflow }),
    ...(catalogPath !== undefined && { catalogPath }),
  };
  const guard = createGuard();
  const app = await createApp({
    context,
    guard,
    hub,
    web,
    rooms: [projectRoutes, volumeRoutes, editingRoutes, oneStepRoutes, listRoutes, workflowRoutes],
    onFault,
  });
  try {
    await app.listen({ host: "127.0.0.1", port });
  } catch (error) {
    await app.close();
    throw (error as NodeJS.ErrnoException).code === "EADDRINUSE" ? portTaken(port, error) : error;
  }
  const taken = (app.server.address() as { port: number }).port;
  return {
    url: `http://127.0.0.1:${taken}/?token=${guard.token}${screen}`,
    port: taken,
    async close() {
      ending.abort();
      await Promise.all(endings.map((action) => action()));
      await app.close();
    },
  };
}

function builtWeb(): string {
  const beside = fileURLToPath(new URL("../web/", import.meta.url));
  // from source, what the last build made
  const built = beside.includes(`${join("src", "studio")}`)
    ? beside.replace(/src(?=.studio.web.$)/, "dist")
    : beside;
  if (!existsSync(join(built, "assets")))
    throw new TomoflowError("studio-not-built", `the studio's web part is not in ${built}`, {
      hint: "npm run build",
    });
  return built;
}

const portTaken = (port: number, cause: unknown): TomoflowError =>
  new TomoflowError("port-taken", `port ${port} is taken by another program`, {
    hint: `name another with --port, or leave it out for one that is free`,
    cause,
  });
