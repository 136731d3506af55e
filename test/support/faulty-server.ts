/** An HTTP server on this machine that serves a folder or bytes as a bucket does, with faults when asked for. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";

export interface Faults {
  /** Milliseconds before each answer. */
  delay?: number;
  /** Every n-th answer is cut off in the middle. */
  cutEvery?: number;
  /** Every n-th request is answered with 503. */
  failEvery?: number;
  /** Ranges are ignored. */
  noRanges?: boolean;
  /** Neither ETag nor Last-Modified. */
  noValidators?: boolean;
  /** HEAD is not known. */
  noHead?: boolean;
  /** Answers of this status to everything. */
  always?: number;
  /** No answer ever. */
  silent?: boolean;
  /** Where requests are sent on to. */
  redirect?: string;
}

export interface FaultyServer {
  readonly url: string;
  /** `GET /t.zarr/zarr.json 0-1048575`, in order. */
  readonly requests: string[];
  readonly faults: Faults;
  /** Bytes of bodies that were begun. */
  bytes: number;
  /** Nobody answers any more. */
  stop(): Promise<void>;
}

type Content = (path: string) => Promise<Uint8Array | undefined>;

/** The files below a folder. */
export const folderContent =
  (folder: string): Content =>
  (path) =>
    readFile(join(folder, path)).catch(() => undefined);

export async function serveFaultily(
  context: TestContext,
  content: Content,
  faults: Faults = {},
): Promise<FaultyServer> {
  let count = 0;
  const server = createServer((request, response) => {
    count++;
    const { range = "" } = request.headers;
    served.requests.push(`${request.method} ${request.url} ${range.replace("bytes=", "")}`.trim());
    setTimeout(
      () => void answer(request, response, count).catch(() => response.destroy()),
      faults.delay ?? 0,
    );
  });

  async function answer(request: IncomingMessage, response: ServerResponse, number: number): Promise<void> {
    if (faults.silent) return;
    if (faults.redirect) return void response.writeHead(302, { location: faults.redirect }).end();
    const every = (n: number | undefined) => n !== undefined && number % n === 0;
    if (faults.always !== undefined) return void response.writeHead(faults.always).end();
    if (every(faults.failEvery)) return void response.writeHead(503).end("busy");
    if (faults.noHead && request.method === "HEAD") return void response.writeHead(405).end();
    const bytes = await content(decodeURIComponent(request.url!.split("?")[0]!));
    if (!bytes) return void response.writeHead(404).end();
    const etag = `"${createHash("md5").update(bytes).digest("hex")}"`;
    const headers: Record<string, string> = faults.noValidators ? {} : { etag };
    if (!faults.noValidators && request.headers["if-none-match"] === etag)
      return void response.writeHead(304, headers).end();
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    const isPart = from !== undefined && !faults.noRanges;
    if (isPart && Number(from) >= bytes.length)
      return void response.writeHead(416, { ...headers, "content-range": `bytes */${bytes.length}` }).end();
    const part = isPart ? bytes.subarray(Number(from), Number(to) + 1) : bytes;
    if (isPart) headers["content-range"] = `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}`;
    response.writeHead(isPart ? 206 : 200, { ...headers, "content-length": String(part.length) });
    if (request.method === "HEAD") return void response.end();
    served.bytes += part.length;
    if (!every(faults.cutEvery)) return void response.end(part);
    response.write(part.subarray(0, part.length >> 1), () => setTimeout(() => response.destroy(), 5));
  }

  await new Promise<void>((listening) => void server.listen(0, "127.0.0.1", listening));
  const stop = () =>
    new Promise<void>((stopped) => {
      server.closeAllConnections();
      server.close(() => stopped());
    });
  context.after(stop);
  const served: FaultyServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    faults,
    bytes: 0,
    stop,
  };
  return served;
}
