/** What can be asked about lists besides editing them. */
import { basename, dirname } from "node:path";
import type { FastifyInstance, FastifyReply } from "fastify";
import { TomoflowError } from "../../../core/error.ts";
import { readObjects } from "../../../objects/formats.ts";
import { objectsOfTomogram } from "../../../objects/operations/of-tomogram.ts";
import { ignoreResults } from "../../../session/ignored-results.ts";
import { textOfTemplate } from "../../../session/workflow-templates.ts";
import { inFileOrder } from "../../protocol/list-operations.ts";
import type {
  BeginRequest,
  ClassesAnswer,
  ClassRequest,
  CompareRequest,
  GalleryRequest,
  SnapAnswer,
  SnapRequest,
  TrainingRequest,
  WriteRequest,
} from "../../protocol/list-tools.ts";
import type { ListedObject } from "../../protocol/lists.ts";
import type { StudioContext } from "../context.ts";
import { createTextFile } from "../editing/workflow-file.ts";
import { Mistakes } from "../mistakes.ts";
import { beginWith } from "./begin-workflow.ts";
import { changeClass, changeOwnClass, readClasses, readOwnClasses } from "./classes.ts";
import { compareLists } from "./compare.ts";
import { drawGallery } from "./gallery.ts";
import type { OpenLists } from "./open-lists.ts";
import { bodies } from "./request-bodies.ts";
import { snapPoints } from "./snap.ts";
import { useForTraining } from "./training-row.ts";
import { VolumeReaders } from "./volume-readers.ts";
import { writeListAs } from "./write-list.ts";

export async function toolRoutes(
  app: FastifyInstance,
  { context, lists }: { readonly context: StudioContext; readonly lists: OpenLists },
): Promise<void> {
  pictureRoutes(app, context);
  reviewRoutes(app, { context, lists });
  classRoutes(app, context);
}

function pictureRoutes(app: FastifyInstance, { files, onEnd }: StudioContext): void {
  const volumes = new VolumeReaders();
  onEnd(() => volumes.close());
  app.post<{ Body: GalleryRequest }>(
    "/api/lists/gallery",
    { schema: { body: bodies.gallery } },
    async ({ body }, reply) => {
      const { tomogram, range, ...what } = body;
      const pictures = await volumes.use(await files.resolve(tomogram), async (volume) =>
        drawGallery(volume.reader, what, {
          range: range ?? (await volume.range()),
          signal: signalOf(reply),
        }),
      );
      return reply.type("application/octet-stream").send(Buffer.from(pictures.buffer));
    },
  );
  app.post<{ Body: SnapRequest }>(
    "/api/lists/snap",
    { schema: { body: bodies.snap } },
    async ({ body }, reply): Promise<SnapAnswer> => ({
      points: await volumes.use(await files.resolve(body.tomogram), ({ reader }) =>
        snapPoints(reader, body, signalOf(reply)),
      ),
    }),
  );
}

/** Aborts when the window that asked no longer waits. */
function signalOf(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.on("close", () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

function reviewRoutes(
  app: FastifyInstance,
  { context: { files, root }, lists }: { readonly context: StudioContext; readonly lists: OpenLists },
): void {
  app.post<{ Body: CompareRequest }>(
    "/api/lists/compare",
    { schema: { body: bodies.compare } },
    async ({ body }, reply) => {
      const { list, mode, truth, distance, radii = {}, rankBy } = body;
      const document = await lists.open({ list, mode });
      const chosen = objectsOfTomogram(await readObjects(await files.resolve(truth)), {
        id: body.tomogramId,
        index: body.tomogramIndex,
        idFlag: "a row of the workflow that names this tomogram",
      });
      if (!chosen.ok) throw new Mistakes(chosen.diagnostics);
      const options = { distance: distance ?? radii, rankBy, signal: signalOf(reply) };
      return compareLists(detectionsOf(document.objects, body), chosen.value.objects, options);
    },
  );
  app.post<{ Body: WriteRequest }>(
    "/api/lists/write",
    { schema: { body: bodies.write } },
    async ({ body }) => {
      const { list, mode, to, ...keeping } = body;
      const path = await files.resolve(to);
      if (files.shown(path) === list)
        throw new TomoflowError("file-exists", `${basename(path)} is the list that is open`, {
          hint: "choose another name",
        });
      const document = await lists.open({ list, mode });
      return writeListAs(path, document.objects.values(), { ...keeping, options: {} });
    },
  );
  app.post<{ Body: TrainingRequest }>(
    "/api/lists/use-for-training",
    { schema: { body: bodies.training } },
    async ({ body: { split, ...paths } }) => {
      const [workflow, tomogram, list] = await Promise.all(
        [paths.workflow, paths.tomogram, paths.list].map((path) => files.resolve(path)),
      );
      return useForTraining({ workflow: workflow!, tomogram: tomogram!, list: list!, split });
    },
  );
  app.post<{ Body: BeginRequest }>(
    "/api/lists/begin-workflow",
    { schema: { body: bodies.beginWorkflow } },
    async ({ body: { split, template, ...paths } }): Promise<{ path: string }> => {
      const [workflow, tomogram, list] = await Promise.all(
        [paths.workflow, paths.tomogram, paths.list].map((path) => files.resolve(path)),
      );
      if (!/\.ya?ml$/i.test(workflow!) || /\.lock\.ya?ml$/i.test(workflow!))
        throw new TomoflowError("not-a-workflow", `${basename(workflow!)} is not the name of a workflow`, {
          hint: "a workflow's name ends in .yaml",
        });
      const text = await textOfTemplate(template, workflow!);
      const row = { tomogram: tomogram!, list: list!, split };
      const classes = await readOwnClasses(root);
      await createTextFile(workflow!, beginWith(text, { workflow: workflow!, row, classes }));
      ignoreResults(dirname(workflow!));
      return { path: files.shown(workflow!) };
    },
  );
}

/** Of a list for several tomograms, those of the one that is meant. */
function detectionsOf(
  objects: ReadonlyMap<string, ListedObject>,
  wanted: Pick<CompareRequest, "tomogramId" | "tomogramIndex">,
): readonly ListedObject[] {
  const all = inFileOrder(objects.values());
  for (const field of ["tomogramId", "tomogramIndex"] as const) {
    if (all.every((object) => object[field] === undefined)) continue;
    const isSeveral = all.some((object) => object[field] !== all[0]![field]);
    return isSeveral ? all.filter((object) => object[field] === wanted[field]) : all;
  }
  return all;
}

function classRoutes(app: FastifyInstance, { files, root }: StudioContext): void {
  app.get<{ Querystring: { workflow?: string } }>(
    "/api/lists/classes",
    async ({ query: { workflow } }): Promise<ClassesAnswer> => {
      if (workflow === undefined) return { classes: await readOwnClasses(root) };
      return { workflow, classes: await readClasses(await files.resolve(workflow)) };
    },
  );
  app.put<{ Body: ClassRequest }>(
    "/api/lists/classes",
    { schema: { body: bodies.changeClass } },
    async ({ body: { workflow, change } }): Promise<ClassesAnswer> => {
      if (workflow === undefined) return { classes: await changeOwnClass(root, change) };
      return { workflow, classes: await changeClass(await files.resolve(workflow), change) };
    },
  );
}
