import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import WebSocket from "ws";
import type { OneStepMessage, StepRequest } from "../../../../src/studio/protocol/one-step.ts";
import { openStudio } from "../opened-studio.ts";

const request: StepRequest = {
  uses: "simulate",
  parameters: { size: [24, 40, 48], counts: 3 },
  rows: [{ id: "t0", values: {}, inputs: {} }],
  classes: { 1: { name: "barrel", radius: 6, shape: "barrel" } },
  folder: "made",
  engine: "auto",
};

test("every window is told how a step fares, one that opens later too", async (context) => {
  const { studio, cookie, ask, root } = await openStudio(context);
  const origin = new URL(studio.url).origin;
  const open = (): {
    socket: WebSocket;
    until: (wanted: (message: OneStepMessage) => boolean) => Promise<OneStepMessage>;
  } => {
    const socket = new WebSocket(`${origin.replace("http", "ws")}/api/socket`, {
      headers: { cookie, origin },
    });
    context.after(() => socket.terminate());
    const told: OneStepMessage[] = [];
    let wake = (): void => undefined;
    socket.on("message", (data, isBinary) => {
      if (isBinary) return;
      const message = JSON.parse(String(data)) as OneStepMessage;
      if (message.channel === "one-step") told.push(message);
      wake();
    });
    return {
      socket,
      until: async (wanted) => {
        for (;;) {
          const found = told.find(wanted);
          if (found) return found;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
    };
  };
  const first = open();
  assert.equal((await first.until(() => true)).run, null);
  const { status, answer } = await ask("/api/one-step/start", request);
  assert.deepEqual([status, answer.ok, answer.run.status], [200, true, "running"]);
  const second = await ask("/api/one-step/start", request);
  assert.deepEqual([second.status, second.answer.error.code], [422, "step-runs"]);
  const { run } = await first.until((message) => message.run !== null && message.run.status !== "running");
  assert.equal(run!.status, "done", JSON.stringify(run!.error));
  assert.equal((await open().until(() => true)).run!.results.length, 3);

  const made = await ask("/api/one-step/workflow", { path: "sim.yaml", request });
  assert.equal(await readFile(join(root, "sim.yaml"), "utf8"), made.answer.text);
  const outside = await ask("/api/one-step/workflow", { path: "../sim.yaml", request });
  assert.equal(outside.answer.error.code, "outside-project");
  const wrong = await ask("/api/one-step/start", { ...request, folder: "../elsewhere" });
  assert.deepEqual([wrong.status, wrong.answer.ok, wrong.answer.mistakes[0].path], [200, false, ["folder"]]);
  assert.equal((await ask("/api/one-step/start", { ...request, engine: "abacus" })).status, 400);
});
