/** Starts `cluster.sh`: a real Slurm for the tests of one process, and stops it when they are over. */
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const script = fileURLToPath(new URL("./cluster.sh", import.meta.url));

export interface TestCluster {
  readonly folder: string;
  /** Runs one of Slurm's commands; returns what it prints. */
  ask(...words: string[]): Promise<string>;
  stopController(): void;
  startController(): void;
  /** Ends a node's daemon and everything that runs on the node, as a power cut does. */
  cutNode(name: string): void;
  startNode(name: string): void;
  stop(): void;
}

/** Points SLURM_CONF of this process to it. `accounts`: with a database of jobs, which takes some seconds more. */
export async function startCluster({ accounts = false } = {}): Promise<TestCluster> {
  if (process.getuid!() !== 0)
    throw new Error("a Slurm for tests is started by root: run the tests in a container, or with sudo");
  const folder = mkdtempSync(join(tmpdir(), "tomoflow-slurm-test-"));
  const call = (...words: string[]) =>
    execFileSync("/bin/bash", [script, ...words], { stdio: ["ignore", "ignore", "inherit"] });
  call("start", folder, String(await freePorts()), ...(accounts ? ["accounts"] : []));
  process.env.SLURM_CONF = join(folder, "slurm.conf");
  const pidIn = (name: string) => Number(readFileSync(join(folder, name), "utf8"));
  return {
    folder,
    ask: async (name, ...words) => (await run(name, words)).stdout,
    stopController: () => process.kill(pidIn("slurmctld.pid"), "SIGTERM"),
    startController: () => call("controller", folder),
    cutNode(name) {
      for (const pid of processesOf(folder, name)) tryKill(pid);
    },
    startNode: (name) => call("node", folder, name),
    stop() {
      for (const name of ["n1", "n2", "n3"]) for (const pid of processesOf(folder, name)) tryKill(pid);
      call("stop", folder);
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}

/** The daemon of a node, what it has started, and all below. */
function processesOf(folder: string, node: string): readonly number[] {
  const all = execFileSync("ps", ["-e", "-o", "pid=,ppid=,args="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)!)
    .map(([, pid, parent, words]) => ({ pid: Number(pid), parent: Number(parent), words: words! }));
  const daemon = all.filter(({ words }) => words.includes(`slurmd -N ${node} -L ${folder}/`));
  // those of a job leave their daemon, and are known by the folder of the node in their environment
  const mine = all.filter(
    ({ pid }) =>
      environmentOf(pid).includes(`SLURMD_NODENAME=${node}\0`) && environmentOf(pid).includes(folder),
  );
  const steps = new Set(mine.map(({ parent }) => parent));
  const stepDaemons = all.filter(({ pid, words }) => steps.has(pid) && /slurmstepd/.test(words));
  return [...daemon, ...stepDaemons, ...mine].map(({ pid }) => pid);
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended
  }
}

/** The first of five ports in a row that nobody listens to. */
async function freePorts(): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 20_000);
    const free = await Promise.all([0, 1, 2, 3, 4].map((more) => isFree(first + more)));
    if (free.every(Boolean)) return first;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
