/** The one WebSocket of each window, shared by channels: JSON messages that name theirs, and binary frames from the server. */
import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { WebSocket } from "ws";
import { isMap } from "../../schema/text/data-path.ts";

/** A window of the browser, for as long as its socket is open. */
export interface Client {
  /** Another one after each connection. */
  readonly session: string;
  /** Tells the window something on this channel. */
  send(message: Readonly<Record<string, unknown>>): void;
  sendFrame(frame: Uint8Array): void;
  /** Bytes that the connection has not taken yet. */
  buffered(): number;
  readonly isOpen: boolean;
}

export interface Channel {
  onOpen?(client: Client): void;
  /** `message` is what the browser sent, not checked: treat it as you would a stranger's. Throwing tells the window. */
  onMessage(client: Client, message: Readonly<Record<string, unknown>>): void | Promise<void>;
  onClose?(client: Client): void;
}

export interface Channels {
  register(name: string, channel: Channel): void;
  /** Tells every window. */
  broadcast(name: string, message: Readonly<Record<string, unknown>>): void;
}

/** Longest message of a browser, bytes. */
export const longestMessage = 4 << 20;

export interface SocketHub extends Channels {
  /** Adds the route `/api/socket`. */
  serve(app: FastifyInstance): void;
}

/** @param explain what a thrown error is to the user */
export function createHub(explain: (error: unknown) => Readonly<Record<string, unknown>>): SocketHub {
  const channels = new Map<string, Channel>();
  const sockets = new Map<WebSocket, string>();
  const clientOf = (socket: WebSocket, session: string, channel: string): Client => ({
    session,
    send(message) {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify({ ...message, channel }));
    },
    sendFrame(frame) {
      if (socket.readyState === socket.OPEN) socket.send(frame);
    },
    buffered: () => socket.bufferedAmount,
    get isOpen() {
      return socket.readyState === socket.OPEN;
    },
  });
  return {
    register(name, channel) {
      if (channels.has(name)) throw new Error(`the channel ${name} is there already`);
      channels.set(name, channel);
    },
    broadcast(name, message) {
      for (const [socket, session] of sockets) clientOf(socket, session, name).send(message);
    },
    serve(app) {
      app.get("/api/socket", { websocket: true }, (socket) => {
        const session = randomUUID();
        sockets.set(socket, session);
        const clients = new Map([...channels.keys()].map((name) => [name, clientOf(socket, session, name)]));
        socket.on("message", (data: Buffer, isBinary: boolean) => {
          const message = isBinary ? undefined : readMessage(data);
          const name = String(message?.channel);
          const [channel, client] = [channels.get(name), clients.get(name)];
          if (message === undefined || channel === undefined || client === undefined) {
            socket.close(1008, "no such channel");
            return;
          }
          void (async () => channel.onMessage(client, message))().catch((error: unknown) =>
            client.send({ type: "error", error: explain(error) }),
          );
        });
        socket.on("close", () => {
          sockets.delete(socket);
          for (const [name, client] of clients) channels.get(name)?.onClose?.(client);
        });
        socket.on("error", () => socket.terminate());
        for (const [name, client] of clients) channels.get(name)?.onOpen?.(client);
      });
    },
  };
}

function readMessage(data: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(data.toString("utf8"));
    return isMap(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
