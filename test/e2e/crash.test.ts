/**
 * Heads and workers killed at random instants of a small workflow (SIGKILL), which is then run again: never a wrong `fresh`,
 * never a lost result, never half an output, and in the end byte for byte what an undisturbed run makes. TOMOFLOW_KILLS says
 * how many; a failure names the seed with which TOMOFLOW_CRASH_SEED repeats it (the same choice of victim and instant).
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, watch } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { test } from "node:test";
import { sha256 } from "../../src/core/hash.ts";
import { Random } from "../../src/core/random.ts";
import { type BuiltRun, builtModule, requireBuild, startBuiltRun } from "../support/built-program.ts";
import { crashOutputs, writeCrashProject } from "../support/crash-project.ts";
import { temporaryFolder } from "../support/temporary.ts";

const wantedKills = Number(process.env.TOMOFLOW_KILLS ?? 100);
const firstSeed = Number(process.env.TOMOFLOW_CRASH_SEED ?? Date.now() % 1_000_000);

/** What an undisturbed run leaves, and how long it is in signs of each kind. */
interface Undisturbed {
  readonly results: Readonly<Record<string, string>>;
  readonly lock: string;
  readonly events: number;
  readonly changes: number;
  readonly milliseconds: number;
}

test("killed at random instants, the next run makes exactly what an undisturbed one makes", async (context) => {
  requireBuild();
  const root = await temporaryFolder(context);
  const undisturbed = await runUndisturbed(join(root, "undisturbed"));
  const killed: Record<string, number> = {};
  let kills = 0;
  let seed = firstSeed;
  const rounds = async (): Promise<void> => {
    while (kills < wantedKills) {
      if (seed - firstSeed >= 3 * wantedKills) throw new Error("most runs end before they are killed");
      const own = seed++;
      const victim = await killAndRunAgain(join(root, `${own}`), own, undisturbed);
      if (victim === undefined) continue;
      killed[victim] = (killed[victim] ?? 0) + 1;
      kills++;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, rounds));
  for (const [victim, count] of Object.entries(killed)) context.diagnostic(`${count} times ${victim}`);
  context.diagnostic(`seeds ${firstSeed} to ${seed - 1}`);
  assert.ok(
    Object.keys(killed).length === cuts.length || wantedKills < 50,
    "every kind of victim was killed",
  );
});

async function runUndisturbed(folder: string): Promise<Undisturbed> {
  await makeProject(folder);
  let changes = 0;
  const stopWatching = watchChanges(folder, () => changes++);
  const started = performance.now();
  const run = startBuiltRun(folder);
  assert.equal(await run.ended, "");
  stopWatching();
  assert.equal(run.events.at(-1)?.type, "run-ended");
  const milliseconds = performance.now() - started;
  return { ...(await whatIsThere(folder)), events: run.events.length, changes, milliseconds };
}

const makeProject = async (folder: string): Promise<void> => {
  await mkdir(folder);
  await writeCrashProject(folder);
};

/** Names the victim; undefined when the run was over before. */
async function killAndRunAgain(
  folder: string,
  seed: number,
  undisturbed: Undisturbed,
): Promise<string | undefined> {
  const random = new Random(seed);
  const { victim, cut } = cuts[random.integer(0, cuts.length - 1)]!;
  const share = random.uniform();
  await makeProject(folder);
  try {
    const run = startBuiltRun(folder);
    if (!(await cut(run, { folder, share, undisturbed }))) return undefined;
    await checkWhatIsLeft(folder, run, undisturbed);
    await checkNextRun(folder, undisturbed);
  } catch (error) {
    const how = `${victim} killed at ${share.toFixed(3)} of the run`;
    const again = `repeat with TOMOFLOW_KILLS=1 TOMOFLOW_CRASH_SEED=${seed}`;
    throw new Error(`${how}: ${(error as Error).message}\n${again}`, { cause: error });
  }
  await rm(folder, { recursive: true });
  return victim;
}

interface Cutting {
  readonly folder: string;
  /** Of the run, 0 to 1. */
  readonly share: number;
  readonly undisturbed: Undisturbed;
}

/** Kills after a share of the run; false when there was nothing left to kill. */
type Cut = (run: BuiltRun, cutting: Cutting) => Promise<boolean>;

/** Between two events: planning, starting, progress, ending. */
const atEvent: Cut = async (run, { share, undisturbed }) => {
  const wanted = 1 + Math.floor(share * undisturbed.events);
  let killed = false;
  run.onEvent(() => {
    if (run.events.length === wanted) killed = run.kill();
  });
  await run.ended;
  return killed;
};

/** At that time, or for a worker as soon as there is one. */
const atTime =
  (kill: (run: BuiltRun, folder: string) => boolean): Cut =>
  async (run, { folder, share, undisturbed }) => {
    let killed = false;
    let timer: NodeJS.Timeout;
    const wait = (milliseconds: number) => {
      timer = setTimeout(() => {
        killed = kill(run, folder);
        if (!killed) wait(1);
      }, milliseconds);
    };
    wait(share * undisturbed.milliseconds);
    await run.ended;
    clearTimeout(timer!);
    return killed;
  };

/** Between two changes in the folders: blobs, manifests, working copies, lock, leases, checkpoints. */
const atChange: Cut = async (run, { folder, share, undisturbed }) => {
  const wanted = 1 + Math.floor(share * undisturbed.changes);
  let [changes, killed] = [0, false];
  const stopWatching = watchChanges(folder, () => {
    if (++changes === wanted) killed = run.kill();
  });
  await run.ended;
  stopWatching();
  return killed;
};

/** As soon as an output appears, under its own name or a hidden one. */
const atOutput: Cut = async (run, { folder, share }) => {
  const outputs = Object.values(crashOutputs).flat();
  const wanted = outputs[Math.floor(share * outputs.length)]!;
  let killed = false;
  const stopWatching = watchChanges(join(folder, "results", dirname(wanted)), (name) => {
    if (!killed && name?.includes(basename(wanted))) killed = run.kill();
  });
  await run.ended;
  stopWatching();
  return killed;
};

function watchChanges(folder: string, onChange: (name: string | null) => void): () => void {
  const watcher = watch(folder, { recursive: true }, (_event, name) => onChange(name));
  // a folder may be gone before Node looks into it
  watcher.on("error", () => undefined);
  return () => watcher.close();
}

function killWorkers(_run: BuiltRun, folder: string): boolean {
  let killed = false;
  for (const pid of workersOf(folder))
    try {
      killed = process.kill(pid, "SIGKILL");
    } catch {
      // it has ended by itself
    }
  return killed;
}

/** Process ids in the leases; these come and go, and may be read while they are written. */
function workersOf(folder: string): number[] {
  const leases = join(folder, ".tomoflow/leases");
  try {
    return readdirSync(leases, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".json"))
      .map((name) => JSON.parse(readFileSync(join(leases, name), "utf8")) as { worker?: { pid: number } })
      .flatMap(({ worker }) => (worker ? [worker.pid] : []));
  } catch {
    return [];
  }
}

const cuts: readonly { readonly victim: string; readonly cut: Cut }[] = [
  { victim: "the head, between two events", cut: atEvent },
  { victim: "the head, between two changes on the disk", cut: atChange },
  { victim: "the head, while it puts an output in its place", cut: atOutput },
  { victim: "the head, at any time", cut: atTime((run) => run.kill()) },
  { victim: "the workers, at any time", cut: atTime(killWorkers) },
];

async function checkWhatIsLeft(folder: string, run: BuiltRun, { results }: Undisturbed): Promise<void> {
  const { plan } = await openBuilt(folder);
  const { tasks } = await plan();
  const states = new Map(tasks.map(({ id, state }) => [id, state]));
  for (const event of run.events)
    if (event.type === "task-ended" && event.outcome === "done")
      assert.match(
        states.get(event.task) ?? "",
        /^(?:fresh|restore)$/,
        `the result of ${event.task} is lost`,
      );
  const found = await filesOf(join(folder, "results"));
  // hidden files are being written: the next run clears them away
  for (const [path, text] of Object.entries(found))
    if (!path.split("/").some((name) => name.startsWith(".")))
      assert.equal(text, results[path], `half an output: ${path}`);
  // a folder is there whole or not at all
  for (const folder of Object.values(crashOutputs).flat())
    assert.ok([0, filesIn(results, folder)].includes(filesIn(found, folder)), `half a folder: ${folder}`);
  for (const { id, state } of tasks)
    if (state === "fresh")
      for (const path of crashOutputs[id]!)
        assert.ok(filesIn(found, path) > 0, `${id} is fresh without ${path}`);
  for (const [path, text] of Object.entries(await filesOf(join(folder, ".tomoflow/cache/blobs"))))
    if (!basename(path).startsWith("."))
      assert.equal(sha256(text), basename(path), `a damaged blob: ${path}`);
}

/** How many files are at a path or below it. */
const filesIn = (files: Readonly<Record<string, string>>, path: string): number =>
  Object.keys(files).filter((name) => `${name}/`.startsWith(`${path}/`)).length;

async function checkNextRun(folder: string, undisturbed: Undisturbed): Promise<void> {
  const { plan, run } = await openBuilt(folder);
  const { outcome, diagnostics } = await run();
  assert.equal(outcome, "done", JSON.stringify(diagnostics));
  const { results, lock } = await whatIsThere(folder);
  assert.deepEqual(results, undisturbed.results);
  assert.equal(lock, undisturbed.lock);
  assert.equal((await plan()).counts.fresh, Object.keys(crashOutputs).length);
}

/** The built runner in this process: one start less a round. */
async function openBuilt(folder: string) {
  const [{ loadWorkflow }, { planWorkflow, runWorkflow }, { stepKinds }, { loadStepKind }] =
    await Promise.all([
      builtModule<typeof import("../../src/schema/load-workflow.ts")>("schema/load-workflow"),
      builtModule<typeof import("../../src/runner/index.ts")>("runner/index"),
      builtModule<typeof import("../../src/steps/catalog.ts")>("steps/catalog"),
      builtModule<typeof import("../../src/steps/step-module.ts")>("steps/step-module"),
    ]);
  const load = async () => {
    const loaded = await loadWorkflow(join(folder, "workflow.yaml"), { catalog: stepKinds, loadStepKind });
    assert.ok(loaded.ok, JSON.stringify(loaded.diagnostics));
    return loaded.value;
  };
  return {
    plan: async () => planWorkflow(await load()),
    run: async () => runWorkflow(await load(), { sink: () => undefined }),
  };
}

/** Results by path, and the lock without durations. */
async function whatIsThere(folder: string): Promise<Pick<Undisturbed, "results" | "lock">> {
  const lock = await readFile(join(folder, "workflow.lock.yaml"), "utf8");
  return { results: await filesOf(join(folder, "results")), lock: lock.replace(/^ *seconds: .*\n/gm, "") };
}

/** Contents by path below the folder; empty where there is none. */
async function filesOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const read = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [relative(folder, path), await readFile(path, "utf8")] as const;
  });
  return Object.fromEntries((await Promise.all(read)).sort(([a], [b]) => (a < b ? -1 : 1)));
}
