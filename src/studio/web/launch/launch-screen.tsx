import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import type { WorkflowChoice } from "../../protocol/workflow.ts";
import { Button } from "../components/button.tsx";
import { EmptyState, Waiting } from "../components/empty-state.tsx";
import { Mistakes } from "../components/notice.tsx";
import { mistakesOf } from "../connection/request.ts";
import { studioSocket } from "../connection/studio-socket.ts";
import { useProject } from "../project/project-queries.ts";
import type { ScreenProps } from "../screens.ts";
import { routeTo } from "../shell/route.ts";
import styles from "./launch.module.css";
import { usePlan, workflowQueries } from "./launch-api.ts";
import { useLaunch, watchWorkflow } from "./launch-store.ts";
import { asView, OpenedWorkflow, type View } from "./opened-workflow.tsx";

/** Launch and watch: `#/launch?workflow=…&variant=…&view=curves`. */
export function LaunchScreen({ query }: ScreenProps) {
  const project = useProject();
  if (project.isPending) return <Waiting what="Opening the project" />;
  if (project.isError) return <Mistakes mistakes={mistakesOf(project.error)} />;
  const path = query.get("workflow") ?? project.data.workflow;
  if (path === null)
    return (
      <EmptyState
        icon="launch"
        title="Which workflow?"
        actions={project.data.workflows.map((name) => (
          <a key={name} href={routeTo("launch", { workflow: name })}>
            <Button>{name}</Button>
          </a>
        ))}
      >
        {project.data.workflows.length > 0
          ? "Choose one to run it and to watch it."
          : "There is no workflow in this folder yet: make one in Configure."}
      </EmptyState>
    );
  return <Launch path={path} variant={query.get("variant")} view={asView(query.get("view"))} />;
}

interface LaunchProps {
  readonly path: string;
  readonly variant: string | null;
  readonly view: View;
}

function Launch({ path, variant, view }: LaunchProps) {
  const choice = useMemo<WorkflowChoice>(
    () => ({ path, ...(variant !== null && { variant }) }),
    [path, variant],
  );
  useEffect(() => watchWorkflow(choice, studioSocket()), [choice]);
  const plan = usePlan(choice);
  useFreshAnswers();
  if (plan.isPending) return <Waiting what="Planning" />;
  if (plan.isError)
    return (
      <div className={styles.mistakes}>
        <h2>{path} cannot run as it is</h2>
        <Mistakes mistakes={mistakesOf(plan.error)} />
        <div>
          <a href={routeTo("configure", { workflow: path })}>
            <Button icon="configure">Mend it in Configure</Button>
          </a>{" "}
          <Button look="quiet" icon="refresh" onClick={() => void plan.refetch()}>
            Look again
          </Button>
        </div>
      </div>
    );
  return <OpenedWorkflow choice={choice} plan={plan.data} view={view} />;
}

/** What a run changes is asked for again when a task of it ends, at most once a second. */
function useFreshAnswers(): void {
  const queries = useQueryClient();
  const ended = useLaunch(({ model }) => {
    let count = 0;
    for (const task of model?.tasks.values() ?? []) if (task.ended) count++;
    return `${model?.run} ${count} ${model?.end?.type}`;
  });
  const known = useRef(ended);
  useEffect(() => {
    if (known.current === ended) return;
    known.current = ended;
    const timer = setTimeout(() => void queries.invalidateQueries({ queryKey: [workflowQueries] }), 700);
    return () => clearTimeout(timer);
  }, [ended, queries]);
}
