/** Workflow files for the browser: read, checked, edited, saved, made anew; and the project's folders for choosing files. */
import { basename, dirname } from "node:path";
import type { FastifyInstance } from "fastify";
import { TomoflowError } from "../../../core/error.ts";
import { ignoreResults } from "../../../session/ignored-results.ts";
import { listTemplates, textOfTemplate } from "../../../session/workflow-templates.ts";
import type { SaveConflict, WorkflowText } from "../../protocol/forms.ts";
import { editText } from "../../protocol/workflow-text/edit-text.ts";
import type { Operation } from "../../protocol/workflow-text/operation.ts";
import type { StudioContext } from "../context.ts";
import { Mistakes } from "../mistakes.ts";
import { takeStrictBodies } from "../strict-bodies.ts";
import { browseFolder } from "./browse.ts";
import { checkText } from "./check-text.ts";
import { answerForms } from "./forms.ts";
import { operationSchema } from "./operation-schema.ts";
import { createTextFile, readTextFile, saveTextFile, type TextFile } from "./workflow-file.ts";

const path = { type: "string", minLength: 1, maxLength: 4096 } as const;
const text = { type: "string" } as const;

const body = (properties: Record<string, object>, optional: readonly string[] = []) => ({
  body: {
    type: "object",
    additionalProperties: false,
    properties,
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
  },
});

export async function editingRoutes(app: FastifyInstance, context: StudioContext): Promise<void> {
  await app.register(async (scope) => {
    takeStrictBodies(scope);
    await readingAndSaving(scope, context);
    await newAndBrowsing(scope, context);
  });
}

async function readingAndSaving(app: FastifyInstance, context: StudioContext): Promise<void> {
  const { files, root, catalogPath } = context;
  const own = catalogPath === undefined ? {} : { catalogPath };
  const shown = (absolute: string, file: TextFile): WorkflowText => ({
    path: files.shown(absolute),
    ...file,
  });

  app.get<{ Querystring: { path: string } }>(
    "/api/editing/workflow",
    { schema: { querystring: { type: "object", properties: { path }, required: ["path"] } } },
    async ({ query }) => {
      const file = await workflowPath(context, query.path);
      return shown(file, await readTextFile(file));
    },
  );

  app.put<{ Body: WorkflowText }>(
    "/api/editing/workflow",
    { schema: body({ path, text, version: text }) },
    async ({ body: { path: name, ...wanted } }): Promise<WorkflowText | SaveConflict> => {
      const file = await workflowPath(context, name);
      const result = await saveTextFile(file, wanted);
      if (result.saved) return shown(file, { text: wanted.text, version: result.version });
      return conflictOf(shown(file, result.current));
    },
  );

  app.post<{ Body: { path: string; operations: Operation[]; version?: string } }>(
    "/api/editing/edit",
    {
      schema: body(
        { path, operations: { type: "array", maxItems: 10_000, items: operationSchema }, version: text },
        ["version"],
      ),
    },
    async ({ body: { path: name, operations, version } }): Promise<WorkflowText | SaveConflict> => {
      const file = await workflowPath(context, name);
      const current = await readTextFile(file);
      if (version !== undefined && version !== current.version) return conflictOf(shown(file, current));
      const edited = editText(current.text, operations);
      if (!edited.ok) throw new Mistakes(edited.diagnostics);
      const result = await saveTextFile(file, { text: edited.value, version: current.version });
      if (result.saved) return shown(file, { text: edited.value, version: result.version });
      return conflictOf(shown(file, result.current));
    },
  );

  app.post<{ Body: { path: string; text: string; quick: boolean } }>(
    "/api/editing/check",
    { schema: body({ path, text, quick: { type: "boolean" } }) },
    async ({ body: { path: name, ...request } }) =>
      checkText({ ...request, path: await workflowPath(context, name), root, ...own }),
  );

  app.post<{ Body: { path: string; uses: string[] } }>(
    "/api/editing/forms",
    { schema: body({ path, uses: { type: "array", maxItems: 1000, items: text } }) },
    async ({ body: { path: name, uses } }) =>
      answerForms({ uses, folder: dirname(await files.resolve(name)), ...own }),
  );
}

async function newAndBrowsing(app: FastifyInstance, context: StudioContext): Promise<void> {
  const { files, root } = context;

  app.get("/api/editing/templates", () => listTemplates());

  app.post<{ Body: { path: string; template: string } }>(
    "/api/editing/new",
    { schema: body({ path, template: text }) },
    async ({ body: { path: name, template } }) => {
      const file = await workflowPath(context, name);
      const made = await createTextFile(file, await textOfTemplate(template, file));
      ignoreResults(dirname(file));
      return { path: files.shown(file), ...made };
    },
  );

  app.get<{ Querystring: { path?: string } }>(
    "/api/editing/folder",
    {
      schema: { querystring: { type: "object", properties: { path: { type: "string", maxLength: 4096 } } } },
    },
    async ({ query }) =>
      browseFolder({
        folder: await files.resolve(query.path ?? ""),
        root,
        isAllowed: files.isAllowed,
      }),
  );
}

/** Only workflow files are read and written here, and never the lock. Throws `outside-project`, `not-a-workflow`. */
async function workflowPath({ files }: StudioContext, name: string): Promise<string> {
  const file = await files.resolve(name);
  if (/\.ya?ml$/i.test(file) && !/\.lock\.ya?ml$/i.test(file)) return file;
  throw new TomoflowError("not-a-workflow", `${basename(file)} is not the name of a workflow`, {
    hint: "a workflow's name ends in .yaml",
  });
}

const conflictOf = (current: WorkflowText): SaveConflict => ({
  error: {
    code: "file-changed",
    message: `${current.path} was changed by another program`,
    hint: "look at both, and choose which to keep",
  },
  current,
});
