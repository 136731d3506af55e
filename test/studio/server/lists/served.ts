/** A studio's server in this process or one of its own, and windows that speak to it as the browser does. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { WebSocket } from "ws";
import type {
  ListMessage,
  ListMode,
  OpenedList,
  Operation,
  Role,
} from "../../../../src/studio/protocol/lists.ts";
import { startStudio } from "../../../../src/studio/server/index.ts";

export interface Served {
  readonly origin: string;
  readonly cookie: string;
  close(): Promise<void>;
}

/** A web part of one page: the tests speak to the routes. */
export async function webPart(root: string): Promise<string> {
  const web = join(root, ".web");
  await mkdir(join(web, "assets"), { recursive: true });
  await writeFile(join(web, "index.html"), "<!doctype html>");
  return web;
}

export async function serve(
  context: TestContext,
  root: string,
  options: { readonly named?: readonly string[] } = {},
): Promise<Served> {
  const studio = await startStudio({ root, web: await webPart(root), ...options });
  // in this order: what is unsaved is saved at the end
  context.after(async () => {
    await studio.close();
    await rm(root, { recursive: true, force: true });
  });
  return { ...(await signIn(studio.url)), close: () => studio.close() };
}

/** The server as a process of its own, to be killed. */
export async function serveAlone(
  context: TestContext,
  root: string,
): Promise<Served & { readonly process: ChildProcess }> {
  await webPart(root);
  const program = join(import.meta.dirname, "serve-alone.ts");
  const child = spawn(process.execPath, ["--import", "tsx", program, root, join(root, ".web")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  context.after(() => void child.kill("SIGKILL"));
  const [line] = (await once(child.stdout!, "data")) as [Buffer];
  return {
    ...(await signIn(line.toString().trim())),
    process: child,
    close: async () => void child.kill("SIGKILL"),
  };
}

async function signIn(url: string): Promise<{ origin: string; cookie: string }> {
  const answer = await fetch(url, { redirect: "manual" });
  const cookie = answer.headers.get("set-cookie")!.split(";")[0]!;
  return { origin: new URL(url).origin, cookie };
}

export async function ask<T>(
  { origin, cookie }: Served,
  path: string,
  { body, method = "POST" }: { readonly body?: unknown; readonly method?: string } = {},
): Promise<{ status: number; answer: T; bytes: Uint8Array }> {
  const response = await fetch(origin + path, {
    method: body === undefined ? "GET" : method,
    headers: { cookie, ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const isJson = response.headers.get("content-type")?.includes("json");
  return {
    status: response.status,
    bytes,
    answer: (isJson ? JSON.parse(new TextDecoder().decode(bytes)) : undefined) as T,
  };
}

export interface ServedWindow {
  readonly opened: OpenedList & { readonly session: string };
  readonly messages: readonly ListMessage[];
  readonly socket: WebSocket;
  send(message: Readonly<Record<string, unknown>>): void;
  edit(operation: Operation, role?: Role): number;
  until(what: (message: ListMessage) => boolean): Promise<ListMessage>;
}

export async function openServedWindow(
  context: TestContext,
  served: Served,
  { list, session, mode = "annotate" }: { list: string; session: string; mode?: ListMode },
): Promise<ServedWindow> {
  const { answer: opened } = await ask<OpenedList & { session: string }>(served, "/api/lists/open", {
    body: { list, mode, session },
  });
  const socket = new WebSocket(`${served.origin.replace("http", "ws")}/api/socket`, {
    headers: { cookie: served.cookie, origin: served.origin },
  });
  context.after(() => socket.terminate());
  await once(socket, "open");
  const messages: ListMessage[] = [];
  const looks = new Set<() => void>();
  socket.on("message", (data) => {
    messages.push(JSON.parse(String(data)) as ListMessage);
    for (const look of looks) look();
  });
  const send = (message: Readonly<Record<string, unknown>>) =>
    socket.send(
      JSON.stringify({ channel: "lists", list: opened.list, mode, session: opened.session, ...message }),
    );
  let number = opened.lastNumber;
  send({ type: "follow", epoch: opened.epoch, since: opened.version });
  return {
    opened,
    messages,
    socket,
    send,
    edit: (operation, role = "edit") => {
      send({ type: "edit", epoch: opened.epoch, number: ++number, role, operation });
      return number;
    },
    until: (what) =>
      new Promise((resolve) => {
        const look = () => {
          const found = messages.find(what);
          if (!found) return;
          looks.delete(look);
          resolve(found);
        };
        looks.add(look);
        look();
      }),
  };
}
