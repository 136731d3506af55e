import { useEffect, useState } from "react";
import type { KindForm } from "../../protocol/forms.ts";
import type { StepRun } from "../../protocol/one-step.ts";
import { Button } from "../components/button.tsx";
import { Icon } from "../components/icon.tsx";
import { Badge, Notice } from "../components/notice.tsx";
import { RichText } from "../configure/fields/rich-text.tsx";
import { shownBytes } from "../configure/files/shown-bytes.ts";
import { MakeWorkflow } from "./make-workflow.tsx";
import { lookAtFile, lookAtRun } from "./results.ts";
import styles from "./run-panel.module.css";
import { shownSeconds } from "./shown-seconds.ts";
import { Sparkline } from "./sparkline.tsx";
import { fitToKind, requestToSend } from "./step-request.ts";
import { requestOf, start, stop, useStep } from "./step-store.ts";

/** Launch, how it goes, and what came of it. */
export function RunPanel({ kind }: { readonly kind: KindForm }) {
  const { run, isStarting, requests, mistakes } = useStep();
  const [isMaking, setMaking] = useState(false);
  const request = requestToSend(fitToKind(requestOf({ requests }, kind.uses), kind), kind);
  const isAtWork = run?.status === "running" || run?.status === "stopping";
  const errors = mistakes.filter(({ severity }) => severity === "error").length;
  const shown = run && (run.request.uses === kind.uses || isAtWork) ? run : null;
  return (
    <aside className={styles.panel} aria-label="Run">
      <div className={styles.actions}>
        {isAtWork ? (
          <Button look="danger" icon="stop" className={styles.main} onClick={() => void stop()}>
            {run.status === "stopping" ? "Stop at once" : "Stop"}
          </Button>
        ) : (
          <Button
            look="primary"
            icon="launch"
            className={styles.main}
            disabled={isStarting}
            onClick={() => void start(request)}
          >
            {isStarting ? "Checking" : "Launch"}
          </Button>
        )}
        <Button icon="configure" onClick={() => setMaking(true)}>
          Make it a workflow
        </Button>
      </div>
      {errors > 0 && (
        <Notice kind="bad" hint="They are said beside the fields.">
          {errors === 1 ? "One thing is wrong." : `${errors} things are wrong.`} Nothing was started.
        </Notice>
      )}
      {shown ? (
        <Progress run={shown} />
      ) : (
        <p className={styles.nothing}>
          Choose the files, then launch. Progress, values and results show up here; the results open in Look.
        </p>
      )}
      <MakeWorkflow key={kind.uses} open={isMaking} request={request} onClose={() => setMaking(false)} />
    </aside>
  );
}

const states: Readonly<
  Record<StepRun["status"], readonly [kind: "good" | "warn" | "bad" | "accent" | "idle", words: string]>
> = {
  running: ["accent", "running"],
  stopping: ["warn", "stopping"],
  done: ["good", "done"],
  failed: ["bad", "failed"],
  stopped: ["idle", "stopped"],
};

function Progress({ run }: { readonly run: StepRun }) {
  const { status, progress, metrics, engine, error, log, request } = run;
  const [kind, words] = states[status];
  const seconds = useSeconds(run);
  const fraction = progress && progress.total > 0 ? progress.done / progress.total : 0;
  const isAtWork = status === "running" || status === "stopping";
  return (
    <>
      <section className={styles.card}>
        <header className={styles.head}>
          <strong>{request.uses}</strong>
          <Badge kind={kind}>{words}</Badge>
          <span className={styles.time}>{shownSeconds(seconds)}</span>
        </header>
        {isAtWork && (
          <progress
            className={styles.bar}
            aria-label="Progress"
            value={progress ? fraction : undefined}
            max={1}
          />
        )}
        {progress && (
          <p className={styles.detail}>
            {progress.unit} {progress.done} of {progress.total}
            {progress.detail && ` · ${progress.detail}`}
            {isAtWork && progress.etaSeconds !== undefined && ` · ${shownSeconds(progress.etaSeconds)} left`}
          </p>
        )}
        {engine && <p className={styles.detail}>computes with {engine}</p>}
        {error && (
          <Notice kind="bad" hint={error.hint && <RichText text={error.hint} />}>
            <RichText text={error.message} />
          </Notice>
        )}
        {status === "stopped" && (
          <p className={styles.detail}>
            Launched again with the same files, it goes on from its checkpoint where it has one.
          </p>
        )}
      </section>
      <Results run={run} />
      {Object.keys(metrics).length > 0 && <Values run={run} />}
      {log.length > 0 && (
        <details className={styles.log} open={status === "failed"}>
          <summary>Log</summary>
          <pre>{log.join("\n")}</pre>
        </details>
      )}
    </>
  );
}

/** Counts while it is at work. */
function useSeconds({ startedMs, seconds }: StepRun): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (seconds !== undefined) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [seconds]);
  return seconds ?? Math.max(0, (now - startedMs) / 1000);
}

function Values({ run }: { readonly run: StepRun }) {
  return (
    <section className={styles.card}>
      <h3>Values</h3>
      <dl className={styles.values}>
        {Object.entries(run.metrics).map(([name, value]) => (
          <div key={name}>
            <dt title={name}>{name}</dt>
            <Sparkline values={run.samples.flatMap((sample) => sample.values[name] ?? [])} />
            <dd>{Number.isInteger(value) ? value : Number(value.toPrecision(4))}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Results({ run }: { readonly run: StepRun }) {
  if (run.results.length === 0) return null;
  const look = lookAtRun(run);
  return (
    <section className={styles.card}>
      <header className={styles.head}>
        <h3>Results</h3>
        {look && (
          <a className={styles.look} href={look}>
            <Icon name="look" size={14} />
            Look at them
          </a>
        )}
      </header>
      <ul className={styles.results}>
        {run.results.map((file) => {
          const address = lookAtFile(file, run);
          return (
            <li key={file.port}>
              {address ? <a href={address}>{file.path}</a> : <span>{file.path}</span>}
              <span className={styles.size}>{shownBytes(file.bytes)}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
