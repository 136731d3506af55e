/** The curves that tasks told, gathered from the records of runs: one that was interrupted and went on is one curve. */
import { layoutOf, listRuns, readRun } from "../../../runner/index.ts";
import type { WorkflowPlace } from "../../../runner/revisions/index.ts";
import type { Training } from "../../protocol/workflow.ts";

/** Runs looked through, the newest first. */
const mostRuns = 200;
const mostTrainings = 30;

type Point = Training["points"][number];

/** Of every workflow and variant of the folder when `all`, else of this one. The newest first. */
export async function readTrainings(
  place: WorkflowPlace,
): Promise<readonly (Training & { variant?: string; workflowPath: string })[]> {
  const layout = layoutOf(place);
  const runs = (await listRuns(layout, { most: mostRuns })).toReversed();
  const trainings: (Training & { variant?: string; workflowPath: string })[] = [];
  const going = new Map<string, Training>();
  for (const { id, asked } of runs) {
    for (const [task, { points, finished, started }] of await curvesOf(layout, id)) {
      const name = JSON.stringify([asked.workflowPath, asked.variant, task]);
      const before = going.get(name);
      // it went on from its checkpoint
      const first = points[0]!.step;
      const kept = before?.points.filter(({ step }) => step < first) ?? [];
      const joined = before !== undefined && kept.length > 0 && first > 1;
      const training = {
        run: id,
        task,
        started: joined ? before.started : started,
        points: joined ? [...kept, ...points] : points,
        workflowPath: asked.workflowPath,
        ...(asked.variant !== undefined && { variant: asked.variant }),
      };
      if (joined) trainings.splice(trainings.indexOf(before as (typeof trainings)[number]), 1);
      trainings.push(training);
      if (finished) going.delete(name);
      else going.set(name, training);
    }
  }
  return trainings.toReversed().slice(0, mostTrainings);
}

interface Curve {
  readonly started: string;
  readonly points: Point[];
  /** The task ended well: the next begins anew. */
  finished: boolean;
}

/** Fewer values in a row than this are a result, not a curve. */
const fewest = 2;

async function curvesOf(
  layout: ReturnType<typeof layoutOf>,
  run: string,
): Promise<ReadonlyMap<string, Curve>> {
  const curves = new Map<string, Curve>();
  try {
    for await (const { event, time } of readRun(layout, run)) {
      if (event.type === "task-metrics" && event.step !== undefined) {
        const curve = curves.get(event.task) ?? { started: time, points: [], finished: false };
        curves.set(event.task, curve);
        // a second attempt begins again at an earlier step
        while (curve.points.length > 0 && curve.points.at(-1)!.step >= event.step) curve.points.pop();
        curve.points.push({ step: event.step, values: event.values });
      } else if (event.type === "task-ended") {
        const curve = curves.get(event.task);
        if (curve) curve.finished = event.outcome === "done";
      }
    }
  } catch {
    // pruned meanwhile
  }
  return new Map([...curves].filter(([, { points }]) => points.length >= fewest || points[0]!.step > 1));
}
