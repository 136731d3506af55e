import { useState } from "react";
import type { ProjectAnswer } from "../../protocol/project.ts";
import { Button } from "../components/button.tsx";
import { Waiting } from "../components/empty-state.tsx";
import { Icon } from "../components/icon.tsx";
import { Badge, Mistakes } from "../components/notice.tsx";
import { mistakesOf } from "../connection/request.ts";
import { lookAddress } from "../look/look-address.ts";
import { FileBrowser } from "../project/file-browser.tsx";
import { nameOf, useProject, useTable } from "../project/project-queries.ts";
import { recentFiles } from "../project/recent-files.ts";
import type { ScreenProps } from "../screens.ts";
import { routeTo } from "../shell/route.ts";
import { goTo } from "../shell/use-route.ts";
import styles from "./home-screen.module.css";
import { Tomograms } from "./tomograms.tsx";
import { Tour, useTour } from "./tour.tsx";

/** Where one begins: the project's workflow, its tomograms, and every file that can be looked at. */
export function HomeScreen(_: ScreenProps) {
  const project = useProject();
  const tour = useTour();
  if (project.isPending) return <Waiting what="Opening the project" />;
  if (project.isError)
    return (
      <div className={styles.page}>
        <Mistakes mistakes={mistakesOf(project.error)} />
      </div>
    );
  const { name, root, host } = project.data;
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div>
          <h1>{name}</h1>
          <p>
            {root} on {host}
          </p>
        </div>
        <Button look="quiet" icon="help" onClick={tour.start}>
          Tour
        </Button>
      </header>
      <div className={styles.columns}>
        <div className={styles.column}>
          <WorkflowCard project={project.data} />
          {project.data.workflow && <Tomograms workflow={project.data.workflow} />}
        </div>
        <div className={styles.column}>
          <Recent root={root} />
          <section className={styles.card}>
            <h2>Files of the project</h2>
            <FileBrowser
              kinds={["tomogram", "list", "table", "workflow", "weights"]}
              onChoose={({ path, kind }) => goTo(addressOf(path, kind))}
            />
          </section>
        </div>
      </div>
      <Tour {...tour} />
    </div>
  );
}

function addressOf(path: string, kind: string): string {
  if (kind === "workflow") return routeTo("configure", { workflow: path });
  if (kind === "list" || kind === "table") return routeTo("review", { list: path });
  return lookAddress({ volume: path });
}

function WorkflowCard({ project }: { readonly project: ProjectAnswer }) {
  const { workflow, workflows } = project;
  const [chosen, choose] = useState(workflow);
  const table = useTable(chosen);
  if (chosen === null && workflows.length === 0)
    return (
      <section className={styles.card}>
        <h2>There is no workflow yet</h2>
        <p className={styles.words}>
          A workflow is one YAML file that says which tomograms there are and which steps run on them: target,
          train, segment, cluster, evaluate.
        </p>
        <ol className={styles.steps}>
          <li>
            <a href="#/annotate">Mark particles</a> in a tomogram or two: some twenty of each class.
          </li>
          <li>
            Press <b>Use it</b> there, or begin <a href="#/configure?new">a new workflow</a> from a template.
          </li>
          <li>Launch it: a network learns from them and finds the others.</li>
          <li>Review what was found; the corrected list trains the next network.</li>
        </ol>
        <div className={styles.actions}>
          <Button look="primary" icon="annotate" onClick={() => goTo("#/annotate")}>
            Mark particles
          </Button>
          <Button icon="plus" onClick={() => goTo("#/configure?new")}>
            New workflow
          </Button>
          <Button icon="step" onClick={() => goTo("#/step")}>
            One step alone
          </Button>
        </div>
      </section>
    );
  const mistakes = table.data?.mistakes.filter(({ severity }) => severity === "error") ?? [];
  const errors = mistakes.length;
  return (
    <section className={styles.card}>
      <div className={styles.title}>
        <h2>{chosen === null ? "Choose a workflow" : nameOf(chosen)}</h2>
        {table.data && (
          <Badge kind={errors > 0 ? "bad" : "good"}>
            {errors > 0 ? `${errors} ${errors === 1 ? "mistake" : "mistakes"}` : "ready"}
          </Badge>
        )}
      </div>
      {workflows.length > 1 && (
        <ul className={styles.workflows}>
          {workflows.map((path) => (
            <li key={path}>
              <button type="button" aria-pressed={path === chosen} onClick={() => choose(path)}>
                <Icon name="configure" size={14} />
                {path}
              </button>
            </li>
          ))}
        </ul>
      )}
      {table.isError && <Mistakes mistakes={mistakesOf(table.error)} />}
      <Mistakes mistakes={mistakes.slice(0, 2)} />
      {chosen && (
        <div className={styles.actions}>
          <Button
            look={errors > 0 ? "plain" : "primary"}
            icon="launch"
            onClick={() => goTo(routeTo("launch", { workflow: chosen }))}
          >
            Launch and watch
          </Button>
          <Button
            look={errors > 0 ? "primary" : "plain"}
            icon="configure"
            onClick={() => goTo(routeTo("configure", { workflow: chosen }))}
          >
            {errors > 0 ? "Mend in Configure" : "Configure"}
          </Button>
          <Button
            icon="picture"
            onClick={() => goTo(routeTo("launch", { workflow: chosen, view: "results" }))}
          >
            Results
          </Button>
          <Button icon="review" onClick={() => goTo("#/review")}>
            Review
          </Button>
        </div>
      )}
    </section>
  );
}

function Recent({ root }: { readonly root: string }) {
  const paths = recentFiles(root);
  if (paths.length === 0) return null;
  return (
    <section className={styles.card}>
      <h2>Looked at last</h2>
      <ul className={styles.recent}>
        {paths.slice(0, 5).map((path) => (
          <li key={path}>
            <a href={lookAddress({ volume: path })} title={path}>
              <Icon name="volume" size={14} />
              {nameOf(path)}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
