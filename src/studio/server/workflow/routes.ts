/** Launching, watching and comparing of workflows for the browser: by the same calls as the command line's. */
import { readFile, stat } from "node:fs/promises";
import type { FastifyInstance } from "fastify";
import { TomoflowError } from "../../../core/error.ts";
import { compareLocks, readLockHistory } from "../../../runner/revisions/index.ts";
import {
  type CompareAnswer,
  type CompareRequest,
  eventsChannel,
  type HistoryAnswer,
  machineChannel,
  type PlanAnswer,
  type ResultsAnswer,
  type RunRequest,
  type Training,
  type WorkflowChoice,
} from "../../protocol/workflow.ts";
import type { StudioContext } from "../context.ts";
import { takeStrictBodies } from "../strict-bodies.ts";
import { eventsChannelOf } from "./events-channel.ts";
import { readLog } from "./log.ts";
import { machineChannelOf } from "./machine-channel.ts";
import { planAnswer } from "./plan-answer.ts";
import { readResults } from "./results.ts";
import { createRunning } from "./running.ts";
import { drawThumbnail } from "./thumbnail.ts";
import { readTrainings } from "./trainings.ts";
import { openWorkflow, placeOf } from "./workflow-place.ts";

const text = { type: "string", minLength: 1, maxLength: 4096 } as const;
const names = { type: "array", maxItems: 1000, items: text } as const;
const choice = { path: text, variant: text } as const;

const bodyOf = (properties: Record<string, object>, required: readonly string[] = ["path"]) => ({
  body: { type: "object", additionalProperties: false, properties, required },
});
const queryOf = (properties: Record<string, object>, required: readonly string[] = ["path"]) => ({
  querystring: { type: "object", properties, required },
});

const runBody = bodyOf({
  ...choice,
  only: names,
  force: names,
  keepGoing: { type: "boolean" },
  jobs: { type: "integer", minimum: 1, maximum: 1024 },
  engine: text,
  set: { type: "object", maxProperties: 200, additionalProperties: { type: "string", maxLength: 10_000 } },
});

export async function workflowRoutes(app: FastifyInstance, context: StudioContext): Promise<void> {
  const { channels } = context;
  channels.register(eventsChannel, eventsChannelOf(context));
  channels.register(machineChannel, machineChannelOf(context));
  await app.register(async (scope) => {
    takeStrictBodies(scope);
    runRoutes(scope, context);
    lookRoutes(scope, context);
    pictureRoutes(scope, context);
  });
}

function runRoutes(app: FastifyInstance, context: StudioContext): void {
  const running = createRunning((error) => app.log.error(error));
  context.onEnd(() => running.close());

  app.get<{ Querystring: WorkflowChoice }>(
    "/api/workflow/plan",
    { schema: queryOf(choice) },
    async ({ query }): Promise<PlanAnswer> => planAnswer(await openWorkflow(context, query)),
  );

  app.post<{ Body: RunRequest }>("/api/workflow/check", { schema: runBody }, async ({ body }) => {
    const { session, warnings } = await openWorkflow(context, body);
    const { only, force, engine } = body;
    const found = await session.check({ only, force, engine });
    return { diagnostics: [...warnings, ...found] };
  });

  app.post<{ Body: RunRequest }>("/api/workflow/run", { schema: runBody }, async ({ body }) => {
    const { session } = await openWorkflow(context, body);
    const { only, force, keepGoing, jobs, engine } = body;
    return { run: await running.start(session, { only, force, keepGoing, jobs, engine }) };
  });

  app.post<{ Body: WorkflowChoice & { run: string } }>(
    "/api/workflow/stop",
    { schema: bodyOf({ ...choice, run: text }, ["path", "run"]) },
    async ({ body }) => running.stop(await placeOf(context, body), body.run),
  );
}

function lookRoutes(app: FastifyInstance, context: StudioContext): void {
  const number = { type: "string", pattern: "^\\d{1,15}$" };
  app.get<{ Querystring: WorkflowChoice & { task: string; attempt?: string; from?: string } }>(
    "/api/workflow/log",
    {
      schema: queryOf(
        { ...choice, task: { ...text, pattern: "^[^/\\\\]+$" }, attempt: number, from: number },
        ["path", "task"],
      ),
    },
    async ({ query: { task, attempt, from, ...query } }) =>
      readLog(await placeOf(context, query), {
        task,
        ...(attempt !== undefined && { attempt: Number(attempt) }),
        ...(from !== undefined && { from: Number(from) }),
      }),
  );

  app.get<{ Querystring: WorkflowChoice }>(
    "/api/workflow/results",
    { schema: queryOf(choice) },
    async ({ query }): Promise<ResultsAnswer> =>
      readResults((await openWorkflow(context, query)).session, context),
  );

  app.get<{ Querystring: WorkflowChoice }>(
    "/api/workflow/trainings",
    { schema: queryOf(choice) },
    async ({ query }): Promise<{ trainings: readonly Training[] }> => ({
      trainings: await readTrainings(await placeOf(context, query)),
    }),
  );

  app.get<{ Querystring: WorkflowChoice }>(
    "/api/workflow/history",
    { schema: queryOf(choice) },
    async ({ query }): Promise<HistoryAnswer> => {
      try {
        return { revisions: await readLockHistory(await placeOf(context, query)), problem: null };
      } catch (error) {
        if (!(error instanceof TomoflowError) || error.code === "outside-project") throw error;
        const { message, hint } = error;
        return { revisions: [], problem: hint === undefined ? message : `${message}: ${hint}` };
      }
    },
  );

  app.post<{ Body: CompareRequest }>(
    "/api/workflow/compare",
    { schema: bodyOf({ ...choice, revisions: names, variants: names }, ["path", "revisions", "variants"]) },
    async ({ body: { revisions, variants, ...asked } }): Promise<CompareAnswer> => {
      const { sides, ...rest } = await compareLocks(await placeOf(context, asked), { revisions, variants });
      return { sides: sides.map(({ label }) => label), ...rest };
    },
  );
}

/** Types of pictures that are shown as they are: no script runs in an `<img>`, and the policy forbids it in a tab of its own. */
const pictureTypes: Readonly<Record<string, string>> = {
  svg: "image/svg+xml",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
};
const largestPicture = 16 << 20;

function pictureRoutes(app: FastifyInstance, { files }: StudioContext): void {
  app.get<{ Querystring: { path: string } }>(
    "/api/workflow/picture",
    { schema: queryOf({ path: text }) },
    async ({ query: { path } }, reply) => {
      const file = await files.resolve(path);
      const type = pictureTypes[path.slice(path.lastIndexOf(".") + 1).toLowerCase()];
      const stats = await stat(file).catch(() => undefined);
      if (!stats?.isFile() || type === undefined || stats.size > largestPicture)
        throw new TomoflowError("file-missing", `${path} is no picture that can be shown`);
      return reply
        .type(type)
        .header(
          "content-security-policy",
          "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
        )
        .header("cache-control", "no-cache")
        .send(await readFile(file));
    },
  );

  app.get<{ Querystring: { path: string; labels?: string; side?: string } }>(
    "/api/workflow/thumbnail",
    {
      schema: queryOf({
        path: text,
        labels: { type: "string", pattern: "^[0-9a-fA-F,]*$", maxLength: 2000 },
        side: { type: "string", pattern: "^\\d{2,3}$" },
      }),
    },
    async ({ query: { path, labels, side = "240" } }, reply) => {
      const picture = await drawThumbnail(await files.resolve(path), {
        side: Math.min(512, Number(side)),
        ...(labels !== undefined && { labels: labels.split(",").map((color) => `#${color}`) }),
      });
      return reply.type("image/png").header("cache-control", "private, max-age=3600").send(picture);
    },
  );
}
