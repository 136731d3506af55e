/**
 * Who may speak to the server: a browser on this machine, or at the other end of an ssh tunnel, that opened the link with the token.
 * Host and Origin are checked, so that no page of another site reaches it, not even one whose name was bound anew to 127.0.0.1.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** Names under which a machine reaches itself. */
const ownNames: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

export interface Guard {
  /** Goes into the link. */
  readonly token: string;
  /** Looks at every request before anything else does. */
  protect(app: FastifyInstance): void;
}

/** @param token a random one when not given */
export function createGuard(token = randomBytes(24).toString("base64url")): Guard {
  return {
    token,
    protect(app) {
      app.addHook("onRequest", async (request, reply) => {
        if (!isOwnHost(request) || !isOwnOrigin(request)) return refuse(reply, 403, foreign);
        const given = tokenInAddress(request);
        if (given !== undefined && isEqual(given, token)) return welcome(request, reply, token);
        const known = request.cookies[cookieName(request)];
        if (known === undefined || !isEqual(known, token)) return refuse(reply, 401, unknown);
      });
    },
  };
}

const foreign = {
  code: "foreign-request",
  message: "the studio answers only to pages of its own, under 127.0.0.1 or localhost",
  hint: "open the link that `tomoflow studio` printed; from another machine through `ssh -L`",
};

const unknown = {
  code: "not-signed-in",
  message: "this window is not signed in to the studio",
  hint: "open the link that `tomoflow studio` printed in its terminal",
};

function refuse(reply: FastifyReply, status: number, error: typeof foreign): FastifyReply {
  return reply.code(status).type("application/json").send({ error });
}

/** Takes the token out of the address, where others could read it, and into a cookie. */
function welcome(request: FastifyRequest, reply: FastifyReply, token: string): FastifyReply {
  return reply
    .setCookie(cookieName(request), token, { path: "/", httpOnly: true, sameSite: "strict" })
    .header("cache-control", "no-store")
    .redirect("/", 303);
}

/** Cookies of one name are shared by all ports of a machine; two studios must not sign each other out. */
const cookieName = ({ headers }: FastifyRequest): string =>
  `tomoflow-studio-${/:(\d+)$/.exec(headers.host ?? "")?.[1] ?? "80"}`;

function tokenInAddress({ method, url }: FastifyRequest): string | undefined {
  if (method !== "GET") return undefined;
  const address = new URL(url, "http://studio");
  return address.pathname === "/" ? (address.searchParams.get("token") ?? undefined) : undefined;
}

/** Any port: a tunnel may have another at the browser's end. */
const isOwnHost = ({ headers: { host } }: FastifyRequest): boolean =>
  host !== undefined && ownNames.has(host.replace(/:\d+$/, ""));

/** A page that sends one must be of the very host and port that it speaks to; a WebSocket always sends one. */
function isOwnOrigin({ headers }: FastifyRequest): boolean {
  const { origin, host, upgrade } = headers;
  if (headers["sec-fetch-site"] === "cross-site") return false;
  if (origin === undefined) return upgrade === undefined;
  return origin === `http://${host}`;
}

function isEqual(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
