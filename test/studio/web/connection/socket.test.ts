import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { WebSocket as NodeSocket, WebSocketServer } from "ws";
import { waitBeforeTry } from "../../../../src/studio/web/connection/backoff.ts";
import { readMistakes } from "../../../../src/studio/web/connection/mistakes.ts";
import { openSocket } from "../../../../src/studio/web/connection/socket.ts";

/** A server that keeps what it was told, as `channel:word`. */
async function serve(t: TestContext, port = 0) {
  const server = new WebSocketServer({ host: "127.0.0.1", port });
  const told: string[] = [];
  server.on("connection", (socket) =>
    socket.on("message", (data) => {
      const { channel, word } = JSON.parse(String(data));
      told.push(`${channel}:${word}`);
      socket.send(JSON.stringify({ channel, word: `${word}!` }));
      if (channel === "slices") socket.send(new Uint8Array([1, 2, 3]));
    }),
  );
  await once(server, "listening");
  const close = async (): Promise<void> => {
    for (const client of server.clients) client.terminate();
    await new Promise((resolve) => server.close(resolve));
  };
  t.after(close);
  return { told, close, port: (server.address() as AddressInfo).port };
}

const open = (url: string) => new NodeSocket(url) as unknown as WebSocket;

/** Resolves when `seen` says so, looked at whenever something arrives. */
function waiting() {
  let check = (): void => {};
  const until = (seen: () => boolean) =>
    new Promise<void>((resolve) => {
      check = () => seen() && resolve();
      check();
    });
  return { until, look: () => check() };
}

test("messages and frames reach their channel alone", async (t) => {
  const { port } = await serve(t);
  const heard: string[] = [];
  const { until, look } = waiting();
  const hear = (words: string): void => {
    heard.push(words);
    look();
  };
  const socket = openSocket(`ws://127.0.0.1:${port}`, { open, chance: () => 0 });
  t.after(() => socket.close());
  socket.listen("lists", {
    onMessage: ({ word }) => hear(`lists ${word}`),
    onFrame: () => hear("a frame for lists"),
  });
  socket.listen("slices", {
    onOpen: () => socket.send({ channel: "slices", word: "want" }),
    onMessage: ({ word }) => hear(`slices ${word}`),
    onFrame: (frame) => hear(`frame of ${frame.byteLength}`),
  });
  await until(() => heard.length === 2);
  assert.deepEqual(heard, ["slices want!", "frame of 3"]);
});

test("a lost connection is opened again, and each listener asks again", async (t) => {
  const first = await serve(t);
  const { until, look } = waiting();
  const states: string[] = [];
  const socket = openSocket(`ws://127.0.0.1:${first.port}`, { open, chance: () => 1 });
  t.after(() => socket.close());
  let lost = 0;
  socket.onState(({ kind }) => {
    states.push(kind);
    look();
  });
  socket.listen("lists", {
    onOpen: () => socket.send({ channel: "lists", word: "follow" }),
    onMessage: look,
    onLost: () => lost++,
  });
  await until(() => first.told.length === 1);
  await first.close();
  await until(() => states.includes("lost"));
  assert.equal(socket.send({ channel: "lists", word: "never" }), false);
  const second = await serve(t, first.port);
  await until(() => second.told.length === 1);
  assert.deepEqual(second.told, ["lists:follow"]);
  assert.equal(lost, 1);
  assert.equal(states.at(-1), "open");
});

test("pauses double up to eight seconds, shortened by chance by a half at most", () => {
  assert.deepEqual(
    [0, 1, 2, 5, 9].map((tries) => waitBeforeTry(tries, 0)),
    [250, 500, 1000, 8000, 8000],
  );
  assert.equal(waitBeforeTry(3, 1), 1000);
});

test("mistakes are read from both forms of answer, and there is always one", () => {
  const diagnostic = { code: "a", message: "one", hint: "do this" };
  assert.deepEqual(readMistakes(422, JSON.stringify({ diagnostics: [diagnostic, { no: "message" }] })), [
    diagnostic,
  ]);
  assert.deepEqual(readMistakes(400, JSON.stringify({ error: diagnostic })), [diagnostic]);
  for (const text of ["", "<html>", "null", "{}", '{"error":"text"}', '{"diagnostics":[]}']) {
    assert.equal(readMistakes(500, text)[0]!.code, "request-failed", text);
    assert.equal(readMistakes(401, text)[0]!.code, "not-signed-in", text);
  }
});
