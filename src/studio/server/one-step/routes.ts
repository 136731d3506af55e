/** One step alone for the browser: checked, started, stopped, told over the channel `one-step`, made a workflow. */

import { dirname } from "node:path";
import type { FastifyInstance } from "fastify";
import { ignoreResults } from "../../../session/ignored-results.ts";
import { singleStepKind } from "../../../session/single-step/kind.ts";
import type { StepRequest } from "../../protocol/one-step.ts";
import type { StudioContext } from "../context.ts";
import { createTextFile } from "../editing/workflow-file.ts";
import { takeStrictBodies } from "../strict-bodies.ts";
import { asWorkflow } from "./as-workflow.ts";
import { requestSchema } from "./request-schema.ts";
import { createStepRunner } from "./step-runner.ts";

const channel = "one-step";

export async function oneStepRoutes(app: FastifyInstance, context: StudioContext): Promise<void> {
  await app.register(async (scope) => {
    takeStrictBodies(scope);
    await routes(scope, context);
  });
}

async function routes(app: FastifyInstance, context: StudioContext): Promise<void> {
  const { files, root, channels } = context;
  const runner = createStepRunner({ root, resolve: (path) => files.resolve(path) }, (run) =>
    channels.broadcast(channel, { run }),
  );
  context.onEnd(() => runner.close());
  channels.register(channel, {
    onOpen: (client) => client.send({ run: runner.latest() }),
    // asked again by a screen that opens while the socket is there already
    onMessage: (client) => client.send({ run: runner.latest() }),
  });

  app.post<{ Body: StepRequest }>("/api/one-step/check", { schema: { body: requestSchema } }, ({ body }) =>
    runner.check(body),
  );

  app.post<{ Body: StepRequest }>("/api/one-step/start", { schema: { body: requestSchema } }, ({ body }) =>
    runner.start(body),
  );

  app.post("/api/one-step/stop", async (_request, reply) => {
    runner.stop();
    return reply.code(204).send();
  });

  app.post<{ Body: { path: string; request: StepRequest } }>(
    "/api/one-step/workflow",
    {
      schema: {
        body: {
          type: "object",
          additionalProperties: false,
          properties: {
            path: { type: "string", pattern: "\\.ya?ml$", maxLength: 4096 },
            request: requestSchema,
          },
          required: ["path", "request"],
        },
      },
    },
    async ({ body: { path, request } }) => {
      const absolutePath = await files.resolve(path);
      const { parameters } = await singleStepKind(request.uses);
      const fileParameters = new Set(
        Object.entries(parameters.properties).flatMap(([name, schema]) => (schema["x-file"] ? [name] : [])),
      );
      const shownPath = files.shown(absolutePath);
      const text = asWorkflow({ request, path: shownPath, absolutePath, fileParameters });
      const made = await createTextFile(absolutePath, text);
      ignoreResults(dirname(absolutePath));
      return { path: shownPath, ...made };
    },
  );
}
