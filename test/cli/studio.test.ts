import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { hasBrowser } from "../../src/cli/studio/browser.ts";
import { linkLines, shownBelow } from "../../src/cli/studio/serve.ts";
import { writeVolume } from "../../src/volume/formats.ts";
import { programStart } from "../support/program-start.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** Over ssh, so that no test opens a browser. */
function tomoflow(t: TestContext, words: readonly string[], cwd: string): ChildProcess {
  const child = spawn(process.execPath, [...programStart, ...words], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, SSH_CONNECTION: "1.2.3.4 5 6.7.8.9 22", NO_COLOR: "1" },
  });
  t.after(() => void child.kill("SIGKILL"));
  return child;
}

async function linesUntil({ stdout }: ChildProcess, last: RegExp): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: stdout! })) {
    lines.push(line);
    if (last.test(line)) return lines;
  }
  throw new Error(`only this came:\n${lines.join("\n")}`);
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

test("`view` serves files from anywhere, prints the link and the ssh line, and Ctrl-C ends it cleanly", async (t) => {
  const [folder, elsewhere] = [await temporaryFolder(t), await temporaryFolder(t)];
  const volume = {
    data: Int8Array.of(1, 2, 3, 4, 5, 6),
    shape: [1, 2, 3],
    voxelSizeAngstrom: null,
    originAngstrom: [0, 0, 0],
  } as const;
  await writeVolume(join(elsewhere, "tomo.mrc"), volume);
  await writeVolume(join(elsewhere, "other.mrc"), volume);
  const child = tomoflow(t, ["view", join(elsewhere, "tomo.mrc")], folder);
  const text = (await linesUntil(child, /Ctrl-C/)).join("\n");
  const link = /http:\S+/.exec(text)![0];
  const { origin, port, hash } = new URL(link);
  assert.match(text, new RegExp(`ssh -N -L ${port}:127\\.0\\.0\\.1:${port} `));
  const path = new URLSearchParams(hash.split("?")[1]).get("volume");
  const welcome = await fetch(link, { redirect: "manual" });
  const cookie = welcome.headers.getSetCookie()[0]!.split(";")[0]!;
  const open = (named: string | null) =>
    fetch(`${origin}/api/volumes/open`, {
      method: "POST",
      body: JSON.stringify({ path: named }),
      headers: { cookie, origin, "content-type": "application/json" },
    });
  const answer = await open(path);
  assert.equal(answer.status, 200);
  assert.deepEqual(((await answer.json()) as { shape: unknown }).shape, [3, 2, 1]);
  assert.equal((await open(join(elsewhere, "other.mrc"))).status, 403);
  const ended = once(child, "exit");
  child.kill("SIGINT");
  assert.deepEqual(await ended, [0, null]);
  await assert.rejects(fetch(origin));
});

test("what cannot be shown is said before anything is served", async (t) => {
  const folder = await temporaryFolder(t);
  for (const [words, expected] of [
    [["view", "none.mrc"], /none\.mrc does not exist/],
    [["view", "--labels", "none.h5#/a", import.meta.filename], /none\.h5 does not exist/],
    [["studio", "none"], /there is no none/],
    [["annotate", "none.mrc", "-o", "picks.xml"], /none\.mrc/],
    [["studio", "--port", "70000"], /from 1 to 65535/],
  ] as const) {
    const child = tomoflow(t, words, folder);
    // one that serves instead would wait for ever
    child.stdout!.once("data", () => child.kill("SIGKILL"));
    const [told, [code]] = await Promise.all([textOf(child.stderr!), once(child, "exit")]);
    assert.match(told, expected);
    assert.notEqual(code, 0);
  }
});

test("a browser is opened only where somebody sits", () => {
  assert.equal(hasBrowser({ DISPLAY: ":0" }, "linux"), true);
  assert.equal(hasBrowser({ WAYLAND_DISPLAY: "wayland-0" }, "linux"), true);
  assert.equal(hasBrowser({}, "linux"), false);
  assert.equal(hasBrowser({ DISPLAY: "localhost:10.0", SSH_CONNECTION: "a" }, "linux"), false);
  assert.equal(hasBrowser({}, "darwin"), true);
  assert.equal(hasBrowser({ SSH_TTY: "/dev/pts/0" }, "darwin"), false);
});

test("the ssh line is for whoever is elsewhere; files outside of the folder keep their whole path", () => {
  const studio = { url: "http://127.0.0.1:8123/?token=x", port: 8123 };
  assert.doesNotMatch(linkLines(studio, true).join("\n"), /ssh/);
  assert.match(linkLines(studio, false, "ann").join("\n"), /ssh -N -L 8123:127\.0\.0\.1:8123 ann@/);
  assert.equal(shownBelow("/a/b", "/a/b/c/d.mrc"), "c/d.mrc");
  assert.equal(shownBelow("/a/b", "/a/bc/d.mrc"), "/a/bc/d.mrc");
});
