import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import WebSocket from "ws";
import { allowedFiles } from "../../../src/studio/server/access/allowed-files.ts";
import { startStudio } from "../../../src/studio/server/index.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { openStudio } from "../support/studio-client.ts";

type Headers = Readonly<Record<string, string>>;

/** `fetch` sets Host and Sec-Fetch-* itself; a page of another site does not ask us. */
function get(
  port: number,
  path: string,
  headers: Headers,
): Promise<{ status: number; body: string; headers: Headers }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, headers }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text) => {
        body += text;
      });
      answer.on("end", () =>
        resolve({ status: answer.statusCode!, body, headers: answer.headers as Headers }),
      );
    });
    asked.on("error", reject).end();
  });
}

const projectOf = (t: TestContext) => temporaryFolder(t);

test("only who has the token comes in, and the token leaves the address", async (t) => {
  const studio = await startStudio({ root: await projectOf(t) });
  t.after(() => studio.close());
  const { port } = studio;
  const [, token] = /token=(.*)$/.exec(studio.url)!;
  const host = `127.0.0.1:${port}`;
  assert.equal((await get(port, "/", { host })).status, 401);
  assert.equal((await get(port, "/api/project", { host })).status, 401);
  assert.equal((await get(port, "/assets/none.js", { host })).status, 401);
  assert.equal((await get(port, `/?token=${token!.slice(1)}x`, { host })).status, 401);
  const welcome = await get(port, `/?token=${token}`, { host });
  assert.equal(welcome.status, 303);
  assert.equal(welcome.headers.location, "/");
  const [cookie] = welcome.headers["set-cookie"] as unknown as string[];
  assert.match(cookie!, /HttpOnly; SameSite=Strict$/);
  const signedIn = { host, cookie: cookie!.split(";")[0]! };
  assert.equal((await get(port, "/", signedIn)).status, 200);
  assert.equal((await get(port, "/api/project", { ...signedIn, cookie: `${signedIn.cookie}x` })).status, 401);
});

test("other sites are refused even with the cookie: by Host, by Origin, by where the browser says it comes from", async (t) => {
  const client = await openStudio(t, { root: await projectOf(t) });
  const { port, cookie } = client;
  const host = `127.0.0.1:${port}`;
  const strangers: readonly Headers[] = [
    { host: "evil.example" },
    // a name of theirs, bound anew to 127.0.0.1
    { host: `rebound.evil.example:${port}` },
    { host: "127.0.0.1.evil.example" },
    { host, origin: "http://evil.example" },
    { host, origin: "null" },
    { host, origin: `http://127.0.0.1:${port + 1}` },
    { host, origin: `https://127.0.0.1:${port}` },
    { host, "sec-fetch-site": "cross-site" },
  ];
  for (const headers of strangers)
    assert.equal(
      (await get(port, "/api/project", { cookie, ...headers })).status,
      403,
      JSON.stringify(headers),
    );
  // the other end of a tunnel may have another port
  assert.equal(
    (await get(port, "/api/project", { cookie, host: "localhost:9999", origin: "http://localhost:9999" }))
      .status,
    401,
  );
  assert.equal((await get(port, "/api/project", { cookie, host, origin: `http://${host}` })).status, 200);
});

test("a socket needs cookie and Origin", async (t) => {
  const client = await openStudio(t, { root: await projectOf(t) });
  const url = `${client.origin.replace("http", "ws")}/api/socket`;
  const opened = (headers: Headers) =>
    new Promise<number>((resolve) => {
      const socket = new WebSocket(url, { headers });
      socket.once("open", () => resolve(101));
      socket.once("unexpected-response", (asked, response) => {
        resolve(response.statusCode!);
        asked.destroy();
      });
      socket.once("error", () => undefined);
      t.after(() => socket.terminate());
    });
  assert.equal(await opened({ cookie: client.cookie, origin: client.origin }), 101);
  assert.equal(await opened({ cookie: client.cookie }), 403);
  assert.equal(await opened({ cookie: client.cookie, origin: "http://evil.example" }), 403);
  assert.equal(await opened({ origin: client.origin }), 401);
});

test("every page has a policy without inline scripts, without text that becomes code, without other hosts", async (t) => {
  const client = await openStudio(t, { root: await projectOf(t) });
  const page = await client.fetch("/");
  const policy = page.headers.get("content-security-policy")!;
  assert.match(policy, /default-src 'self'/);
  assert.match(policy, /script-src 'self';/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe-eval|https?:|\*/);
  const html = await page.text();
  assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)|<style|\son\w+=|https?:\/\//);
});

test("no path leads out of the project: not by dots, not absolute, not by a link", async (t) => {
  const root = await projectOf(t);
  const outside = await temporaryFolder(t);
  await writeFile(join(outside, "secret.mrc"), "secret");
  await mkdir(join(root, "data"));
  await symlink(outside, join(root, "data", "door"));
  await symlink(join(outside, "secret.mrc"), join(root, "data", "window.mrc"));
  const client = await openStudio(t, { root });
  const paths = [
    "../secret.mrc",
    "data/../../secret.mrc",
    join(outside, "secret.mrc"),
    "/etc/passwd",
    "data/door/secret.mrc",
    "data/door/not-there-yet.mrc",
    "data/window.mrc",
    "data/a\0.mrc",
  ];
  for (const path of paths) {
    const headers = { "content-type": "application/json" };
    const answer = await client.fetch("/api/volumes/open", {
      method: "POST",
      body: JSON.stringify({ path }),
      headers,
    });
    assert.equal(answer.status, 403, path);
    assert.equal(((await answer.json()) as { error: { code: string } }).error.code, "outside-project");
  }
  const escapes = [
    "/assets/../../package.json",
    "/assets/..%2f..%2fpackage.json",
    "/..%2f..%2fpackage.json",
    "/%2e%2e/%2e%2e/package.json",
  ];
  for (const path of escapes) {
    const { status, body } = await get(client.port, path, {
      host: `127.0.0.1:${client.port}`,
      cookie: client.cookie,
    });
    assert.ok(status >= 400, `${path}: ${status}`);
    assert.doesNotMatch(body, /"name": "tomoflow"/);
  }
});

test("a file named at the start may lie outside, its neighbours may not", async (t) => {
  const [root, outside] = [await temporaryFolder(t), await temporaryFolder(t)];
  const named = join(outside, "tomo.mrc");
  for (const name of ["tomo.mrc", "other.mrc"]) await writeFile(join(outside, name), "x");
  const files = allowedFiles(root, [named]);
  assert.equal(await files.resolve(named), named);
  assert.equal(files.shown(named), named);
  await assert.rejects(files.resolve(join(outside, "other.mrc")), { code: "outside-project" });
  assert.equal(await files.resolve("new/picks.xml"), join(root, "new", "picks.xml"));
  assert.equal(files.shown(join(root, "new", "picks.xml")), "new/picks.xml");
});

test("bodies that are too large, and ones that are no JSON, are refused with words", async (t) => {
  const client = await openStudio(t, { root: await projectOf(t) });
  const post = (body: string) =>
    client.fetch("/api/volumes/open", {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });
  const large = await post(JSON.stringify({ path: "x".repeat(33 << 20) }));
  assert.equal(large.status, 413);
  assert.equal((await post("{")).status, 400);
  assert.equal((await post(JSON.stringify({ path: 5, and: "more" }))).status, 400);
  const connection = await client.connect();
  const closed = new Promise((resolve) => connection.socket.once("close", resolve));
  connection.socket.send(JSON.stringify({ channel: "slices", text: "x".repeat(5 << 20) }));
  assert.equal(await closed, 1009);
});

test("a port that is taken is said, with what to do", async (t) => {
  const root = await projectOf(t);
  const studio = await startStudio({ root });
  t.after(() => studio.close());
  await assert.rejects(startStudio({ root, port: studio.port }), { code: "port-taken", message: /is taken/ });
});
