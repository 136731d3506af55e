import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import type { ProjectAnswer } from "../../protocol/project.ts";
import { Button } from "../components/button.tsx";
import { EmptyState, Waiting } from "../components/empty-state.tsx";
import { Mistakes } from "../components/notice.tsx";
import { mistakesOf, request } from "../connection/request.ts";
import type { ScreenProps } from "../screens.ts";
import { routeTo } from "../shell/route.ts";
import { goTo } from "../shell/use-route.ts";
import styles from "./configure-screen.module.css";
import { lookAtDisk, openWorkflow, useConfigure } from "./configure-store.ts";
import { type FirstRow, NewDialog } from "./new-dialog.tsx";
import { Workbench } from "./workbench.tsx";

/** Seconds between two looks at the file on the disk. */
const lookSeconds = 5;

/** The configure screen: `#/configure?file=work/chlamy.yaml`, or the project's workflow. */
export function ConfigureScreen({ query }: ScreenProps) {
  const project = useQuery({
    queryKey: ["project"],
    queryFn: () => request<ProjectAnswer>("/api/project"),
  });
  const wished = query.get("file") ?? query.get("workflow");
  const path = wished ?? (query.has("new") ? null : project.data?.workflow) ?? null;
  const first = useMemo(() => firstRowOf(query), [query]);
  const draftPath = useConfigure((state) => state.draft?.path);
  const [isNew, setNew] = useState(query.has("new"));
  const opening = useQuery({
    queryKey: ["open-workflow", path],
    queryFn: async () => {
      await openWorkflow(path!);
      return path;
    },
    enabled: path !== null,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  useLooking();
  const show = (file: string): void => goTo(routeTo("configure", { file }));
  const dialog = useMemo(
    () => (
      <NewDialog
        open={isNew}
        first={first}
        onMade={(made) => goTo(routeTo("configure", { file: made }))}
        onClose={() => setNew(false)}
      />
    ),
    [isNew, first],
  );
  if (opening.isError)
    return (
      <div className={styles.missing}>
        <Mistakes mistakes={mistakesOf(opening.error)} />
        <Button icon="plus" onClick={() => setNew(true)}>
          New workflow
        </Button>
        {dialog}
      </div>
    );
  if (path !== null && draftPath !== undefined && (draftPath === path || opening.isSuccess))
    return (
      <>
        <Workbench onNew={() => setNew(true)} />
        {dialog}
      </>
    );
  if (project.isLoading || path !== null) return <Waiting what="Opening the workflow" />;
  return (
    <>
      <NoWorkflow found={project.data?.workflows ?? []} onOpen={show} onNew={() => setNew(true)} />
      {dialog}
    </>
  );
}

/** `#/configure?new&tomogram=t1.mrc&list=t1.xml&split=train` */
function firstRowOf(query: URLSearchParams): FirstRow | null {
  const [tomogram, list] = [query.get("tomogram"), query.get("list")];
  if (tomogram === null || list === null) return null;
  return { tomogram, list, split: query.get("split") === "valid" ? "valid" : "train" };
}

/** Another program may write the file while it is open here. */
function useLooking(): void {
  useEffect(() => {
    const look = (): void => {
      if (document.visibilityState === "visible") void lookAtDisk();
    };
    const timer = setInterval(look, lookSeconds * 1000);
    addEventListener("focus", look);
    return () => {
      clearInterval(timer);
      removeEventListener("focus", look);
    };
  }, []);
}

interface NoWorkflowProps {
  readonly found: readonly string[];
  onOpen(path: string): void;
  onNew(): void;
}

function NoWorkflow({ found, onOpen, onNew }: NoWorkflowProps) {
  return (
    <EmptyState
      icon="configure"
      title={found.length > 0 ? "Which workflow?" : "No workflow yet"}
      actions={
        <Button look="primary" icon="plus" onClick={onNew}>
          New workflow
        </Button>
      }
    >
      A workflow names your tomograms, the classes to find, and the steps that find them. It is a text file:
      git can keep it, and `tomoflow run` runs it anywhere.
      {found.length > 0 && (
        <ul className={styles.found}>
          {found.map((path) => (
            <li key={path}>
              <Button icon="file" onClick={() => onOpen(path)}>
                {path}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </EmptyState>
  );
}
