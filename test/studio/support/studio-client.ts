/** A browser without a screen: opens a real studio, keeps its cookie, speaks over its socket. */
import type { TestContext } from "node:test";
import WebSocket from "ws";
import { type StudioOptions, startStudio } from "../../../src/studio/server/index.ts";

export interface StudioClient {
  readonly origin: string;
  readonly port: number;
  readonly cookie: string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Answer to a POST of JSON, which must be one. */
  post<T>(path: string, body: unknown): Promise<T>;
  connect(): Promise<StudioConnection>;
  close(): Promise<void>;
}

export interface StudioConnection {
  readonly socket: WebSocket;
  send(message: Readonly<Record<string, unknown>>): void;
  /** The first message from now on, or that came and was not taken, that fits. */
  message(
    fits: (message: Readonly<Record<string, unknown>>) => boolean,
  ): Promise<Readonly<Record<string, unknown>>>;
  /** Calls with each binary frame until the returned function is called. */
  onFrame(listener: (frame: ArrayBuffer) => void): () => void;
}

export async function openStudio(t: TestContext, options: StudioOptions): Promise<StudioClient> {
  const faults: unknown[] = [];
  const studio = await startStudio({ onFault: (error) => faults.push(error), ...options });
  let open = true;
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    await studio.close();
    if (faults.length > 0) throw faults[0];
  };
  t.after(close);
  const origin = `http://127.0.0.1:${studio.port}`;
  const welcome = await fetch(studio.url, { redirect: "manual" });
  const cookie = welcome.headers.get("set-cookie")!.split(";")[0]!;
  const send = (path: string, { headers, ...init }: RequestInit = {}) =>
    fetch(new URL(path, origin), { ...init, headers: { cookie, ...headers } });
  return {
    origin,
    port: studio.port,
    cookie,
    fetch: send,
    async post<T>(path: string, body: unknown) {
      const headers = { "content-type": "application/json" };
      const answer = await send(path, { method: "POST", body: JSON.stringify(body), headers });
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
      return (await answer.json()) as T;
    },
    connect: () => connect(origin, cookie, t),
    close,
  };
}

type Message = Readonly<Record<string, unknown>>;

async function connect(origin: string, cookie: string, t: TestContext): Promise<StudioConnection> {
  const socket = new WebSocket(`${origin.replace("http", "ws")}/api/socket`, { headers: { cookie, origin } });
  t.after(() => socket.terminate());
  const kept: Message[] = [];
  const waiting = new Set<(message: Message) => boolean>();
  const frames = new Set<(frame: ArrayBuffer) => void>();
  socket.on("message", (data: Buffer, isBinary: boolean) => {
    if (isBinary) {
      const frame = data.buffer.slice(data.byteOffset, data.byteOffset + data.length) as ArrayBuffer;
      for (const listener of frames) listener(frame);
      return;
    }
    const message = JSON.parse(data.toString()) as Message;
    for (const take of waiting) if (take(message)) return;
    kept.push(message);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("error", reject);
  });
  return {
    socket,
    send: (message) => socket.send(JSON.stringify(message)),
    message(fits) {
      const index = kept.findIndex(fits);
      if (index >= 0) return Promise.resolve(kept.splice(index, 1)[0]!);
      return new Promise((resolve) => {
        const take = (message: Message): boolean => {
          if (!fits(message)) return false;
          waiting.delete(take);
          resolve(message);
          return true;
        };
        waiting.add(take);
      });
    },
    onFrame(listener) {
      frames.add(listener);
      return () => void frames.delete(listener);
    },
  };
}
