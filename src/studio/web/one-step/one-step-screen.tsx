import { useEffect } from "react";
import { Waiting } from "../components/empty-state.tsx";
import { Icon, type IconName } from "../components/icon.tsx";
import { ScreenBar } from "../components/panel.tsx";
import { toastMistake } from "../components/toast.tsx";
import type { ScreenProps } from "../screens.ts";
import { routeTo } from "../shell/route.ts";
import styles from "./one-step-screen.module.css";
import { RunPanel } from "./run-panel.tsx";
import { StepForm } from "./step-form.tsx";
import { followRun, loadForms, recallRequest, useStep } from "./step-store.ts";

const order = ["simulate", "target", "train", "segment", "cluster", "evaluate", "command"];

const icons: Readonly<Record<string, IconName>> = {
  simulate: "volume",
  target: "target",
  train: "step",
  segment: "labels",
  cluster: "list",
  evaluate: "review",
  command: "launch",
};

/** One step alone on files: `#/step/cluster`. */
export function OneStepScreen({ rest }: ScreenProps) {
  const forms = useStep((state) => state.forms);
  const run = useStep((state) => state.run);
  const kinds = [...(forms?.kinds ?? [])].sort((a, b) => order.indexOf(a.uses) - order.indexOf(b.uses));
  const uses = kinds.some((kind) => kind.uses === rest) ? rest : (run?.request.uses ?? "segment");
  useEffect(() => {
    loadForms().catch(toastMistake);
    return followRun();
  }, []);
  useEffect(() => recallRequest(uses), [uses]);
  const kind = kinds.find((each) => each.uses === uses);
  if (!kind) return <Waiting what="Loading the steps" />;
  return (
    <div className={styles.screen}>
      <ScreenBar title="One step" detail="on files, without a workflow" />
      <div className={styles.columns}>
        <nav className={styles.kinds} aria-label="Steps">
          {kinds.map(({ uses: each, label, summary }) => (
            <a
              key={each}
              href={routeTo(`step/${each}`)}
              className={styles.kind}
              aria-current={each === uses ? "page" : undefined}
            >
              <Icon name={icons[each] ?? "step"} />
              <span>
                <strong>{label}</strong>
                <span className={styles.summary}>{summary}</span>
              </span>
            </a>
          ))}
        </nav>
        <StepForm key={uses} kind={kind} />
        <RunPanel kind={kind} />
      </div>
    </div>
  );
}
