/** What a workflow has made: its files with what each is, and the metrics in the lock. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { TomoflowError } from "../../../core/error.ts";
import { type LockedTasks, lockNow, type WorkflowPlace } from "../../../runner/revisions/index.ts";
import type { Session } from "../../../session/index.ts";
import type { Confusion, ResultFile, ResultKind, ResultsAnswer } from "../../protocol/workflow.ts";
import type { StudioContext } from "../context.ts";

/** Throws `lock-conflict`, `lock-unreadable`. */
export async function readResults(
  { workflow }: Session,
  context: Pick<StudioContext, "files">,
): Promise<ResultsAnswer> {
  const place: WorkflowPlace = workflow;
  const tasks = await lockOrNothing(place);
  const steps = new Map(workflow.steps.map((step) => [step.id, step]));
  const files: ResultFile[] = [];
  const confusions: Confusion[] = [];
  for (const [task, locked] of tasks) {
    const [id = "", row] = task.split("@");
    const step = steps.get(id);
    if (step === undefined) continue;
    const ports = new Map(portsOf(step).map((port) => [port.name, port]));
    for (const [port, { path: kept }] of Object.entries(locked.outputs)) {
      const path = join(workflow.folder, kept);
      const stats = (await context.files.isAllowed(path)) && (await stat(path).catch(() => undefined));
      if (!stats) continue;
      files.push({
        task,
        step: id,
        ...(row !== undefined && { row }),
        port,
        description: ports.get(port)?.description ?? "",
        path: context.files.shown(path),
        kind: kindOf(port, path),
        bytes: stats.size,
        changedMs: stats.mtimeMs,
      });
      if (step.kind.name === "evaluate" && port === "confusion") {
        const confusion = await readConfusion(task, path);
        if (confusion) confusions.push(confusion);
      }
    }
  }
  return {
    files,
    confusions,
    tasks: [...tasks]
      .filter(([task]) => steps.has(task.split("@")[0]!))
      .map(([task, { seconds, engine, metrics = {} }]) => {
        const [step = "", row] = task.split("@");
        return {
          task,
          step,
          ...(row !== undefined && { row }),
          seconds,
          ...(engine !== undefined && { engine }),
          metrics,
        };
      }),
  };
}

async function lockOrNothing(place: WorkflowPlace): Promise<LockedTasks> {
  try {
    return await lockNow(place);
  } catch (error) {
    if (error instanceof TomoflowError && error.code === "no-lock") return new Map();
    throw error;
  }
}

function portsOf({ kind, parameters }: Session["workflow"]["steps"][number]) {
  try {
    return kind.ports(parameters).outputs;
  } catch {
    return [];
  }
}

function kindOf(port: string, path: string): ResultKind {
  if (/\.(svg|png|jpe?g|webp)$/i.test(path)) return "picture";
  if (/\.json$/i.test(path)) return "metrics";
  if (/\.(xml|star|xlsx)$/i.test(path)) return "objects";
  if (/\.csv$/i.test(path)) return port === "objects" ? "objects" : "other";
  if (!/\.(mrc|map|rec|h5|hdf|hdf5)$/i.test(path)) return "other";
  if (/^(labels|target|truth)/i.test(port)) return "labels";
  return /^(weights|best|last|model|history)/i.test(port) ? "other" : "volume";
}

/** Longest confusion table, bytes: one has a line a class. */
const largestTable = 1 << 20;

/** Undefined for what is no such table: a person may have edited it. */
async function readConfusion(task: string, path: string): Promise<Confusion | undefined> {
  const text = await readFile(path, "utf8").catch(() => "");
  if (text.length > largestTable) return undefined;
  const [head, ...lines] = text.trim().split(/\r?\n/).map(cellsOf);
  const rows = lines.map(([name, ...counts]) => ({ name: name ?? "", counts: counts.map(Number) }));
  const isTable =
    head !== undefined &&
    rows.length > 0 &&
    rows.every(({ counts }) => counts.length === head.length - 1 && counts.every(Number.isFinite));
  if (!isTable) return undefined;
  return {
    task,
    truth: rows.map(({ name }) => name),
    found: head.slice(1),
    counts: rows.map(({ counts }) => counts),
  };
}

/** Of a line of csv, quotes taken off. */
const cellsOf = (line: string): string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'),
  );
