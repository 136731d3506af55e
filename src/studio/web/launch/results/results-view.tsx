import { useMemo } from "react";
import type { PlanAnswer, ResultFile, WorkflowChoice } from "../../../protocol/workflow.ts";
import { EmptyState, Waiting } from "../../components/empty-state.tsx";
import { Icon, type IconName } from "../../components/icon.tsx";
import { Mistakes } from "../../components/notice.tsx";
import { mistakesOf } from "../../connection/request.ts";
import { colorOfLabel } from "../../design/class-colors.ts";
import { folderOf, nameOf, tomogramsOf, useTable } from "../../project/project-queries.ts";
import { bytesWords, timeWords } from "../amounts.ts";
import { pictureAddress, thumbnailAddress, useResults } from "../launch-api.ts";
import { ConfusionTable } from "./confusion-table.tsx";
import { lookOfFile, reviewOf } from "./look-of-file.ts";
import styles from "./results.module.css";
import { ScoreTable } from "./score-table.tsx";

const icons: Readonly<Record<ResultFile["kind"], IconName>> = {
  volume: "volume",
  labels: "labels",
  objects: "list",
  picture: "picture",
  metrics: "list",
  other: "file",
};

/** More results of a step than these are named without a picture. */
const mostPictures = 24;

/** Everything that was made, step by step, the last first: pictures, scores, files with a way into Look. */
export function ResultsView({
  choice,
  plan,
}: {
  readonly choice: WorkflowChoice;
  readonly plan: PlanAnswer;
}) {
  const results = useResults(choice);
  const table = useTable(choice.path);
  const colors = useMemo(() => {
    const most = Math.max(0, ...plan.classes.map(({ label }) => label));
    return Array.from({ length: most }, (_, index) => {
      const color = plan.classes.find(({ label }) => label === index + 1)?.color;
      return color && /^#[0-9a-f]{6}$/i.test(color) ? color : colorOfLabel(index + 1);
    });
  }, [plan.classes]);
  if (results.isPending) return <Waiting what="Looking for results" />;
  if (results.isError) return <Mistakes mistakes={mistakesOf(results.error)} />;
  const { files, confusions, tasks } = results.data;
  if (files.length === 0)
    return (
      <EmptyState icon="picture" title="No results yet">
        What the steps make appears here as it lands: pictures, scores, volumes and lists. Press Run.
      </EmptyState>
    );
  const rows = table.data?.table ? tomogramsOf(table.data.table, folderOf(choice.path)) : [];
  const steps = plan.steps.toReversed().filter(({ id }) => files.some(({ step }) => step === id));
  return (
    <div className={styles.view}>
      {steps.map(({ id, kind }) => {
        const own = files.filter(({ step }) => step === id);
        const scored = tasks.filter(({ step, metrics }) => step === id && Object.keys(metrics).length > 0);
        return (
          <section key={id} className={styles.step}>
            <h2>
              {id} {kind !== id && <small>{kind}</small>}
            </h2>
            {scored.length > 0 && <ScoreTable tasks={scored} classes={plan.classes} />}
            {confusions
              .filter(({ task }) => task.split("@")[0] === id)
              .map((confusion) => (
                <ConfusionTable key={confusion.task} confusion={confusion} classes={plan.classes} />
              ))}
            {/* the matrix stands above as a table */}
            <Pictures
              files={own.filter(
                ({ kind: of, port, task }) =>
                  of === "picture" &&
                  !(port === "confusionPicture" && confusions.some((each) => each.task === task)),
              )}
            />
            <ul className={styles.files}>
              {own
                .filter(({ kind: of }) => of !== "picture")
                .map((file, index) => (
                  <li key={`${file.task}.${file.port}`}>
                    <FileCard
                      file={file}
                      colors={colors}
                      drawn={index < mostPictures}
                      address={lookOfFile(file, { files, rows })}
                    />
                  </li>
                ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

function Pictures({ files }: { readonly files: readonly ResultFile[] }) {
  if (files.length === 0) return null;
  return (
    <div className={styles.pictures}>
      {files.slice(0, mostPictures).map(({ task, port, path, description, changedMs }) => (
        <a
          key={`${task}.${port}`}
          href={pictureAddress(path, changedMs)}
          target="_blank"
          rel="noreferrer"
          title={`${description}\n${path}`}
        >
          <img src={pictureAddress(path, changedMs)} alt={`${task}: ${description}`} loading="lazy" />
        </a>
      ))}
    </div>
  );
}

function FileCard({
  file,
  colors,
  drawn,
  address,
}: {
  readonly file: ResultFile;
  readonly colors: readonly string[];
  readonly drawn: boolean;
  readonly address: string | undefined;
}) {
  const { kind, port, row, path, bytes, changedMs, description } = file;
  const hasPicture = drawn && (kind === "volume" || kind === "labels");
  const content = (
    <>
      {hasPicture ? (
        <img
          className={styles.thumbnail}
          src={thumbnailAddress(path, { changedMs, ...(kind === "labels" && { labels: colors }) })}
          alt=""
          loading="lazy"
        />
      ) : (
        <span className={styles.icon}>
          <Icon name={icons[kind]} size={18} />
        </span>
      )}
      <span className={styles.name}>
        <strong>{row ?? nameOf(path)}</strong>
        <span>
          {row === undefined ? "" : `${port}, `}
          {bytesWords(bytes)}, {timeWords(changedMs)}
        </span>
      </span>
      {address && (
        <span className={styles.open}>
          <Icon name="look" /> Look
        </span>
      )}
    </>
  );
  const title = `${description}\n${path}`;
  const toReview = kind === "objects" && address ? reviewOf(address) : undefined;
  return address ? (
    <div className={styles.opened}>
      <a className={styles.card} href={address} title={title}>
        {content}
      </a>
      {toReview && (
        <a className={styles.next} href={toReview} title={`Accept and reject: ${path}`}>
          <Icon name="review" /> Review
        </a>
      )}
    </div>
  ) : (
    <div className={styles.card} title={title}>
      {content}
    </div>
  );
}
