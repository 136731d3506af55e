import { readdir } from "node:fs/promises";
import { hostname } from "node:os";
import { basename } from "node:path";
import type { FastifyInstance } from "fastify";
import { explainSystemError } from "../../../core/error.ts";
import { toolVersion } from "../../../core/version.ts";
import type { ProjectAnswer } from "../../protocol/project.ts";
import type { StudioContext } from "../context.ts";

export async function projectRoutes(
  app: FastifyInstance,
  { root, workflow, files }: StudioContext,
): Promise<void> {
  app.get("/api/project", async (): Promise<ProjectAnswer> => {
    const names = await readdir(root).catch((error: unknown) => {
      throw explainSystemError(error, root);
    });
    const workflows = names.filter((name) => /\.ya?ml$/.test(name) && !name.endsWith(".lock.yaml")).sort();
    const only = workflows.length === 1 ? workflows[0]! : null;
    return {
      name: basename(root),
      root,
      workflow: workflow === undefined ? only : files.shown(workflow),
      workflows,
      version: toolVersion(),
      host: hostname(),
    };
  });
}
