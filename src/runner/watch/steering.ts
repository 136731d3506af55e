/** A run under watch: which tasks are at work with which key, and which of them a change has made stale. */
import { canonicalJson } from "../../core/hash.ts";
import type { Workflow } from "../../schema/workflow.ts";
import type { PlanOptions, TaskControl } from "../options.ts";
import { planProject } from "../planning/plan.ts";
import { openProject } from "../project.ts";
import { readTrouble } from "../record/trouble.ts";
import { layoutOf } from "../store/layout.ts";
import { buildGraph, type Task, type TaskGraph } from "../tasks/graph.ts";
import { inputFiles } from "../tasks/inputs.ts";
import { recipeOf } from "../tasks/key.ts";

export class SteeredRun implements TaskControl {
  readonly #workflow: Workflow;
  readonly #graph: TaskGraph;
  /** Key by task id, of those at work. */
  readonly #working = new Map<string, string>();
  readonly #ended = new Set<string>();
  readonly #stops = new Map<string, AbortController>();
  /** What went wrong, by key, in this run and those before. */
  readonly #failures: Map<string, string>;

  constructor(workflow: Workflow, failures: Map<string, string>) {
    this.#failures = failures;
    this.#workflow = workflow;
    this.#graph = buildGraph(workflow);
  }

  stopOf(taskId: string): AbortSignal {
    return this.#stopper(taskId).signal;
  }

  /** A task that failed would fail again: it waits until something about it is new. */
  async refuse(taskId: string, key: string): Promise<string | undefined> {
    const message = this.#failures.get(key) ?? (await this.#earlierFailure(taskId, key));
    if (message !== undefined)
      return `failed before, and nothing about it has changed: ${message} (tomoflow run tries it again)`;
    this.#working.set(taskId, key);
    return undefined;
  }

  /** `failure` says what went wrong, if something did. */
  ended(taskId: string, failure: string | undefined): void {
    const key = this.#working.get(taskId);
    if (key !== undefined && failure !== undefined) this.#failures.set(key, failure);
    this.#working.delete(taskId);
    this.#ended.add(taskId);
  }

  /**
   * Stops the tasks at work whose key is another in the workflow as it is now, and those not begun that it words
   * differently; returns the ids of the former. Throws as `planWorkflow` does.
   */
  async stopStale(workflow: Workflow, options: PlanOptions): Promise<readonly string[]> {
    const stale = this.#working.size > 0 ? await this.#staleAtWork(workflow, options) : [];
    for (const id of [...stale, ...this.#reworded(workflow)]) this.#stopper(id).abort();
    return stale;
  }

  async #staleAtWork(workflow: Workflow, options: PlanOptions): Promise<readonly string[]> {
    const project = await openProject(workflow);
    try {
      const { judgements } = await planProject(project, options);
      return [...this.#working]
        .filter(([id, key]) => this.#working.get(id) === key && judgements.get(id)?.keys?.key !== key)
        .map(([id]) => id);
    } finally {
      await project.contents.close();
    }
  }

  /** Changed content of an input is no reason: a task looks at its inputs when it begins. */
  #reworded(workflow: Workflow): readonly string[] {
    const graph = buildGraph(workflow);
    return this.#graph.tasks
      .filter(({ id }) => !this.#working.has(id) && !this.#ended.has(id))
      .filter((task) => {
        const now = graph.byId.get(task.id);
        return (
          now === undefined || wording(now, graph, workflow) !== wording(task, this.#graph, this.#workflow)
        );
      })
      .map(({ id }) => id);
  }

  /** From before the watch. */
  async #earlierFailure(taskId: string, key: string): Promise<string | undefined> {
    const trouble = await readTrouble(layoutOf(this.#workflow), taskId);
    return trouble?.outcome === "failed" && trouble.key === key ? trouble.message : undefined;
  }

  #stopper(taskId: string): AbortController {
    const known = this.#stops.get(taskId);
    if (known) return known;
    const stopper = new AbortController();
    this.#stops.set(taskId, stopper);
    return stopper;
  }
}

const wording = (task: Task, graph: TaskGraph, workflow: Workflow): string =>
  canonicalJson({
    recipe: recipeOf(task, workflow),
    inputs: inputFiles(task, graph, workflow).map(({ role, path, part }) => [role, path, part?.name]),
  });
