/** Object lists in the browser: opened and edited, by as many windows as there are, and the tools for them. */
import { dirname, isAbsolute, relative } from "node:path";
import type { FastifyInstance } from "fastify";
import { TomoflowError } from "../../../core/error.ts";
import { readVolumeInfo } from "../../../volume/formats.ts";
import { inFileOrder } from "../../protocol/list-operations.ts";
import type { ListKey, ListMessage } from "../../protocol/lists.ts";
import type { StudioContext } from "../context.ts";
import type { DocumentPlace, ListDocument } from "./document.ts";
import { isSession, type ListChannel, openListChannel } from "./list-channel.ts";
import { toTomogramObject } from "./listed-objects.ts";
import { OpenLists } from "./open-lists.ts";
import { bodies, type OpenBody } from "./request-bodies.ts";
import { compareWithTomogram } from "./tomogram-check.ts";
import { toolRoutes } from "./tool-routes.ts";

export async function listRoutes(app: FastifyInstance, context: StudioContext): Promise<void> {
  const { channels, files, onEnd } = context;
  const lists = new OpenLists((key) => placeOf(key, context));
  onEnd(() => lists.close());
  app.post<{ Body: OpenBody }>("/api/lists/open", { schema: { body: bodies.open } }, async ({ body }) => {
    if (!isSession(body.session))
      throw new TomoflowError("bad-request", "this is no name of a session", { hint: "load the page again" });
    const list = files.shown(await files.resolve(body.list));
    const document = await lists.open({ list, mode: body.mode });
    const opened = await document.open(body.session);
    return { ...opened, warnings: [...opened.warnings, ...(await warningsFor(document, body, context))] };
  });
  // what is too long for a message of the socket
  app.post<{ Body: object }>("/api/lists/edit", async ({ body }) => {
    const answers: ListMessage[] = [];
    const channel = openListChannel(lists, (message) => answers.push(message));
    if ((body as { type?: unknown }).type === "edit") await channel.receive(body);
    channel.close();
    return { answers };
  });
  const windows = new Map<unknown, ListChannel>();
  channels.register("lists", {
    onOpen: (client) =>
      void windows.set(
        client,
        openListChannel(lists, (message) => client.send({ ...message })),
      ),
    onMessage: (client, message) => windows.get(client)?.receive(message),
    onClose: (client) => {
      windows.get(client)?.close();
      windows.delete(client);
    },
  });
  await toolRoutes(app, { context, lists });
}

/** @throws TomoflowError `outside-project`, `list-in-cache` */
async function placeOf(key: ListKey, { files, root }: StudioContext): Promise<DocumentPlace> {
  const path = await files.resolve(key.list);
  const shown = files.shown(path);
  if (shown !== key.list)
    throw new TomoflowError("bad-request", `${key.list} is called ${shown}`, { hint: "load the page again" });
  const below = relative(root, path);
  if (!isAbsolute(below) && below.split(/[\\/]/)[0] === ".tomoflow")
    throw new TomoflowError("list-in-cache", `${shown} is kept by tomoflow and not to be edited`, {
      hint: `open the list in the folder of its step, not in ${dirname(shown)}`,
    });
  return { ...key, path, root, options: {} };
}

async function warningsFor(document: ListDocument, { tomogram, list }: OpenBody, { files }: StudioContext) {
  if (tomogram === undefined) return [];
  const info = await readVolumeInfo(await files.resolve(tomogram));
  return compareWithTomogram(inFileOrder(document.objects.values()).map(toTomogramObject), info, list);
}
