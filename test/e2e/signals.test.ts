/** Signals to a whole process group, as service managers, batch systems and closing terminals send them. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { tomoflow } from "../support/command-line.ts";
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

test("a hangup does not end a run without a terminal, as started with nohup", async (context) => {
  const folder = await temporaryFolder(context);
  const { code, stdout, stderr } = await signalled(folder, "SIGHUP", () => writeFile(join(folder, "go"), ""));
  assert.equal(code, 0, stdout + stderr);
  assert.equal(await readFile(join(folder, "results/slow/wait/a/end.txt"), "utf8"), "done");
});
