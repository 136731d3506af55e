/** An executor whose jobs outlive the head: process groups of their own, which wait for a file `gate` as jobs wait in a queue. */
import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { followJob, writeJob } from "../../src/runner/execution/executors/detached-job.ts";
import type { OpenExecutor } from "../../src/runner/index.ts";
import { jobFiles } from "../../src/task/job-folder.ts";

const worker = fileURLToPath(new URL("../../src/worker.ts", import.meta.url));
const waitForGate = 'while [ ! -e "$1" ]; do sleep 0.05; done; shift; exec "$@"';

export const detachedExecutor: OpenExecutor = ({ folder: cwd, catalogPath }) => ({
  name: "detached",
  capacity: "queues",
  outlivesHead: true,
  async submit(request) {
    await writeJob(request);
    const output = openSync(jobFiles(request.folder).output, "a");
    const node = [
      process.execPath,
      "--import",
      import.meta.resolve("tsx"),
      worker,
      "--attempt",
      request.folder,
    ];
    const words = ["-c", waitForGate, "sh", join(cwd, "gate"), ...node, catalogPath!];
    const child = spawn("/bin/sh", words, { cwd, detached: true, stdio: ["ignore", output, output] });
    child.unref();
    return String(child.pid);
  },
  async attach({ id, folder }, listener) {
    if (id === undefined) return undefined;
    const send = (signal: NodeJS.Signals | 0) => process.kill(-Number(id), signal);
    const life = async () => ({ state: isThere(() => send(0)) ? ("alive" as const) : ("gone" as const) });
    return followJob(folder, { listener, life, kill: () => isThere(() => send("SIGKILL")) });
  },
  forgetCode: () => undefined,
  close: async () => undefined,
});

function isThere(look: () => void): boolean {
  try {
    look();
    return true;
  } catch {
    return false;
  }
}
