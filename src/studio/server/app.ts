/** The server put together: guard, policy, the web part's files, and each room's routes. */
import { join } from "node:path";
import compress from "@fastify/compress";
import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import files from "@fastify/static";
import websocket from "@fastify/websocket";
import fastify, { type FastifyInstance } from "fastify";
import type { Guard } from "./access/guard.ts";
import type { StudioContext } from "./context.ts";
import { tellMistakes } from "./mistakes.ts";
import { longestMessage, type SocketHub } from "./socket.ts";

/** Longest body of a request, bytes: a workflow, a list of objects. */
const longestBody = 32 << 20;

export interface AppOptions {
  readonly context: StudioContext;
  readonly guard: Guard;
  readonly hub: SocketHub;
  /** Folder with what Vite built, absolute. */
  readonly web: string;
  /** The routes of each room. */
  readonly rooms: readonly ((app: FastifyInstance, context: StudioContext) => Promise<void>)[];
  /** Told what no user can mend. */
  readonly onFault: (error: unknown) => void;
}

export async function createApp({
  context,
  guard,
  hub,
  web,
  rooms,
  onFault,
}: AppOptions): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: longestBody,
    forceCloseConnections: true,
    // a body that is not what it should be is refused, not made to fit
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
  });
  tellMistakes(app, onFault);
  await app.register(cookie);
  // a refused upgrade is nobody's connection any more: Node's server has let go of it
  app.addHook("onResponse", async ({ raw }) => {
    if (raw.headers.upgrade !== undefined) raw.socket.end();
  });
  guard.protect(app);
  await app.register(helmet, { contentSecurityPolicy: policy, strictTransportSecurity: false });
  // not what is compressed already, nor frames of slices, which go over the socket
  await app.register(compress, { threshold: 4096, encodings: ["gzip"] });
  await app.register(websocket, { options: { maxPayload: longestMessage } });
  for (const room of rooms) await room(app, context);
  hub.serve(app);
  // names of assets hold a hash of their content
  await app.register(files, {
    root: join(web, "assets"),
    prefix: "/assets/",
    immutable: true,
    maxAge: "1y",
    decorateReply: false,
  });
  await app.register(files, { root: web, cacheControl: false, wildcard: false });
  return app;
}

/** Nothing from elsewhere, nothing inline, no code made of text. `style-src-attr`: positions that scripts give to elements. */
const policy = {
  useDefaults: false,
  directives: {
    "default-src": ["'self'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "style-src-attr": ["'unsafe-inline'"],
    "img-src": ["'self'", "blob:", "data:"],
    "connect-src": ["'self'"],
    "worker-src": ["'self'", "blob:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'none'"],
  },
};
