/** One answer of an HTTP server: headers checked, redirects followed as far as they are harmless. */
import { TomoflowError } from "../../core/error.ts";
import { isPrivateHost, shownUrl } from "./address.ts";

/** What a server says of an object. */
export interface RemoteFacts {
  /** Bytes. */
  readonly size: number;
  /** Changes with the content: ETag, else Last-Modified; absent where the server tells neither. */
  readonly validator?: string;
}

export interface RemoteRequest {
  readonly method: "GET" | "HEAD";
  /** First and last byte. */
  readonly range?: readonly [first: number, last: number];
  /** The validator that is known: the answer may be that nothing has changed. */
  readonly known?: string;
  readonly signal: AbortSignal;
}

/** What goes wrong and may go right the next time. */
export class TransientFailure extends Error {
  /** Milliseconds that the server asks to wait. */
  readonly waitMilliseconds: number | undefined;
  /** No connection at all: waiting will not help soon. */
  readonly offline: boolean;

  constructor(message: string, options: { cause?: unknown; wait?: number; offline?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.waitMilliseconds = options.wait;
    this.offline = options.offline ?? false;
  }
}

export type RemoteAnswer =
  | { readonly type: "absent" | "unchanged" }
  | {
      readonly type: "there";
      readonly facts: RemoteFacts;
      readonly first: number;
      readonly body: AsyncIterable<Uint8Array> | null;
    };

const mostRedirects = 5;

/** Throws TransientFailure, `remote-forbidden`, `remote-refused`. */
export async function ask(url: URL, request: RemoteRequest): Promise<RemoteAnswer> {
  let at = url;
  for (let redirects = 0; ; redirects++) {
    const response = await send(at, request);
    if (![301, 302, 303, 307, 308].includes(response.status)) return answerOf(url, request, response);
    await response.body?.cancel();
    const next = redirectOf(at, response, redirects);
    if (isPrivateHost(next) && !isPrivateHost(url))
      throw refused(url, `is redirected to ${shownUrl(next)}, an address of this network alone`);
    at = next;
  }
}

function redirectOf(from: URL, response: Response, redirects: number): URL {
  const place = response.headers.get("location");
  if (place === null)
    throw refused(from, `is elsewhere (${response.status}), and the server does not say where`);
  const next = new URL(place, from);
  if (!/^https?:$/.test(next.protocol) || (from.protocol === "https:" && next.protocol === "http:"))
    throw refused(from, `is redirected to ${shownUrl(next)}, which is not safe`);
  if (redirects >= mostRedirects) throw refused(from, `is redirected more than ${mostRedirects} times`);
  return next;
}

async function send(url: URL, { method, range, known, signal }: RemoteRequest): Promise<Response> {
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (range) headers.range = `bytes=${range[0]}-${range[1]}`;
  if (known?.startsWith("etag ")) headers["if-none-match"] = known.slice(5);
  if (known?.startsWith("modified ")) headers["if-modified-since"] = known.slice(9);
  try {
    return await fetch(url, { method, headers, redirect: "manual", signal });
  } catch (error) {
    throw connectionFailure(url, error);
  }
}

/** Fetch wraps what the system says. */
function connectionFailure(url: URL, error: unknown): unknown {
  if ((error as Error | null)?.name === "AbortError") return error;
  const cause = (error as { cause?: NodeJS.ErrnoException }).cause;
  const code = cause?.code ?? "";
  if (/CERT|TLS|SSL|SELF_SIGNED|ISSUER|DEPTH_ZERO/.test(code))
    return refused(url, `has no valid certificate (${code})`, error);
  const offline = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH/.test(code);
  return new TransientFailure(`no connection to ${url.host} (${code || (error as Error).message})`, {
    cause: error,
    offline,
  });
}

async function answerOf(url: URL, request: RemoteRequest, response: Response): Promise<RemoteAnswer> {
  const { status, headers } = response;
  if (status === 200 || status === 206) return there(url, request, response);
  await response.body?.cancel();
  if (status === 304) return { type: "unchanged" };
  if (status === 404 || status === 410) return { type: "absent" };
  if (status === 416 && /^bytes \*\/0$/.test(headers.get("content-range") ?? ""))
    return { type: "there", facts: { size: 0, ...validatorOf(headers) }, first: 0, body: null };
  if (status === 401 || status === 403)
    throw new TomoflowError("remote-forbidden", `${shownUrl(url)} may not be read (${status})`, {
      hint: "only what is public is read: check the address, or save the volume here first",
    });
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const seconds = Number(headers.get("retry-after"));
    const wait = seconds > 0 ? Math.min(30, seconds) * 1000 : undefined;
    throw new TransientFailure(`${url.host} answers ${status}`, wait === undefined ? {} : { wait });
  }
  throw refused(url, `is answered with ${status}`);
}

function there(url: URL, { method, range }: RemoteRequest, response: Response): RemoteAnswer {
  const { headers, status } = response;
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") throw refused(url, `is sent packed by ${encoding}, so that it has no ranges`);
  const [, first, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
  if (status === 206 && (size === undefined || Number(first) !== range?.[0]))
    throw new TransientFailure(`${url.host} sends another range than was asked for`);
  const length = status === 206 ? size : headers.get("content-length");
  if (length === null || length === undefined || !/^\d+$/.test(length))
    throw refused(url, "is sent without its length");
  return {
    type: "there",
    facts: { size: Number(length), ...validatorOf(headers) },
    first: status === 206 ? Number(first) : 0,
    body: method === "HEAD" ? null : (response.body as AsyncIterable<Uint8Array> | null),
  };
}

function validatorOf(headers: Headers): { validator?: string } {
  const [etag, modified] = [headers.get("etag"), headers.get("last-modified")];
  if (etag) return { validator: `etag ${etag.replace(/^W\//, "")}` };
  return modified ? { validator: `modified ${modified}` } : {};
}

const refused = (url: URL, what: string, cause?: unknown): TomoflowError =>
  new TomoflowError("remote-refused", `${shownUrl(url)} ${what}`, {
    hint: "check the address in a browser, or save the volume here first",
    cause,
  });
