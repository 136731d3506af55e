/** Signals to a whole process group, as service managers, batch systems and closing terminals send them. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { tomoflow } from "../support/command-line.ts";
import { programStart } from "../support/program-start.ts";
import { temporaryFolder } from "../support/temporary.ts";

const workflow = `version: 1
name: slow
tomograms: [{id: a}]
steps:
  wait: {uses: ./wait.mjs}
`;

/** Works until the file \`go\` is there; when stopped it notes so in its checkpoint first. */
const waitKind = `import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
export default {
  name: "wait", version: 1, summary: "Waits.", scope: "row",
  parameters: { type: "object", properties: {} },
  ports: () => ({ inputs: [], outputs: [{ name: "end", file: "end.txt", description: "The end." }], columns: [], classFields: [] }),
  async run({ outputs, checkpointFolder, signal, report }) {
    report({ type: "log", text: "at work" });
    const isThere = () => access(join(process.cwd(), "go")).then(() => true, () => false);
    while (!signal.aborted && !(await isThere())) await new Promise((resolve) => setTimeout(resolve, 20));
    if (signal.aborted) await writeFile(join(checkpointFolder, "kept"), "so far");
    signal.throwIfAborted();
    await writeFile(outputs.end, "done");
  },
};
`;

/** Sends a signal to the run and its workers once the task is at work. */
async function signalled(folder: string, signal: NodeJS.Signals, afterwards: () => Promise<void>) {
  await writeFile(join(folder, "workflow.yaml"), workflow);
  await writeFile(join(folder, "wait.mjs"), waitKind);
  let sent = false;
  return tomoflow(["run"], {
    folder,
    group: true,
    onOutput: (output, kill) => {
      if (sent || !output.includes("at work")) return;
      sent = true;
      kill(signal);
      void afterwards();
    },
  });
}

test("SIGTERM to head and workers lets the task keep its checkpoint", async (context) => {
  const folder = await temporaryFolder(context);
  const { code, stdout, stderr } = await signalled(folder, "SIGTERM", async () => undefined);
  assert.equal(code, 130, stdout + stderr);
  assert.match(stdout, /1 interrupted/);
  const [lineage] = await readdir(join(folder, ".tomoflow/checkpoints"));
  assert.equal(await readFile(join(folder, ".tomoflow/checkpoints", lineage!, "kept"), "utf8"), "so far");
});

test("a terminal that closes stops the run at a safe point, and it ends as by a hangup", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "workflow.yaml"), workflow);
  await writeFile(join(folder, "wait.mjs"), waitKind);
  const run = `${process.execPath} ${programStart.join(" ")} run --plain`;
  // the shell that has the terminal ends with it; another stays to tell how its child ended. Node undoes the trap for itself
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const terminal = spawn("script", ["-qfc", `(trap '' HUP; ${run}; echo $? > status) & wait`, "/dev/null"], {
    cwd: folder,
    env: { ...environment, SHELL: "/bin/sh" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const isThere = await new Promise<boolean>((resolve) => {
    terminal.once("error", () => resolve(false));
    let said = "";
    terminal.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes("at work")) resolve(true);
    });
  });
  if (!isThere) {
    context.diagnostic("NO script HERE to make a terminal with: held to test/cli/interruption.test.ts alone");
    return;
  }
  terminal.kill("SIGKILL");
  const status = join(folder, "status");
  const patience = AbortSignal.timeout(20_000);
  while (!(await readFile(status, "utf8").catch(() => ""))) {
    patience.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(await readFile(status, "utf8"), "129\n");
  const [lineage] = await readdir(join(folder, ".tomoflow/checkpoints"));
  assert.equal(await readFile(join(folder, ".tomoflow/checkpoints", lineage!, "kept"), "utf8"), "so far");
});

test("a hangup does not end a run without a terminal, as started with nohup", async (context) => {
  const folder = await temporaryFolder(context);
  const { code, stdout, stderr } = await signalled(folder, "SIGHUP", () => writeFile(join(folder, "go"), ""));
  assert.equal(code, 0, stdout + stderr);
  assert.equal(await readFile(join(folder, "results/slow/wait/a/end.txt"), "utf8"), "done");
});
