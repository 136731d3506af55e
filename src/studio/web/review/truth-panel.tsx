import { useState } from "react";
import type { Comparison } from "../../protocol/list-tools.ts";
import type { ObjectId, Point } from "../../protocol/lists.ts";
import { Button } from "../components/button.tsx";
import { Field, TextInput } from "../components/field.tsx";
import { Mistakes } from "../components/notice.tsx";
import { Panel } from "../components/panel.tsx";
import { mistakesOf } from "../connection/request.ts";
import { FileDialog } from "../project/file-browser.tsx";
import { folderOf } from "../project/project-queries.ts";
import styles from "./threshold-panel.module.css";
import { Scores } from "./threshold-panel.tsx";

interface TruthPanelProps {
  readonly truth: string;
  readonly comparison: Comparison | null;
  readonly fault: unknown;
  onTruth(path: string): void;
  onCompare(): void;
  onChoose(ids: readonly ObjectId[]): void;
  onGoTo(place: Point): void;
}

/** The detections against a list that is true: what is wrong and what is missing, to click through. */
export function TruthPanel(props: TruthPanelProps) {
  const { truth, comparison, fault, onTruth, onCompare, onChoose, onGoTo } = props;
  const [isBrowsing, browse] = useState(false);
  const [at, setAt] = useState(-1);
  const [wrongAt, setWrongAt] = useState(-1);
  const missed = comparison?.missed ?? [];
  const confused = comparison?.spurious.filter(({ confusedWith }) => confusedWith !== undefined).length ?? 0;
  const showMissed = (): void => {
    const next = (at + 1) % missed.length;
    setAt(next);
    onGoTo(comparison!.truth[missed[next]!]!);
  };
  const wrong = comparison?.spurious ?? [];
  const showWrong = (): void => {
    const next = (wrongAt + 1) % wrong.length;
    setWrongAt(next);
    onChoose([wrong[next]!.id]);
  };
  return (
    <Panel title="Against a truth" startsOpen={truth !== ""}>
      <form
        className={styles.truth}
        onSubmit={(event) => {
          event.preventDefault();
          if (truth.trim() !== "") onCompare();
        }}
      >
        <Field
          label="True objects"
          help="Matched one to one within the radius of each class, as the step evaluate does."
        >
          {(ids) => (
            <>
              <TextInput
                {...ids}
                value={truth}
                placeholder="t1.xml"
                onChange={(event) => onTruth(event.target.value)}
              />
              <Button onClick={() => browse(true)}>Browse</Button>
            </>
          )}
        </Field>
        <Button type="submit" disabled={truth.trim() === ""}>
          {comparison ? "Compare again" : "Compare"}
        </Button>
      </form>
      {fault !== null && <Mistakes mistakes={mistakesOf(fault)} />}
      {comparison && (
        <>
          <Scores scores={comparison.overall} />
          <div className={styles.buttons}>
            <Button size="small" disabled={wrong.length === 0} onClick={showWrong}>
              {wrong.length} wrong
              {wrongAt >= 0 && wrong.length > 0 ? ` · ${(wrongAt % wrong.length) + 1}` : ""}
            </Button>
            <Button
              size="small"
              look="quiet"
              disabled={wrong.length === 0}
              onClick={() => onChoose(wrong.map(({ id }) => id))}
            >
              Choose them all
            </Button>
            <Button size="small" disabled={missed.length === 0} onClick={showMissed}>
              {missed.length} missed{at >= 0 && missed.length > 0 ? ` · ${(at % missed.length) + 1}` : ""}
            </Button>
          </div>
          <p className={styles.hint}>
            {confused > 0 && `${confused} of the wrong ones are at a true object of another class. `}
            Missed objects are white rings, wrong detections red ones.
          </p>
        </>
      )}
      {isBrowsing && (
        <FileDialog
          open
          title="Choose the true objects"
          kinds={["list", "table"]}
          start={folderOf(truth)}
          onClose={() => browse(false)}
          onChoose={({ path }) => {
            browse(false);
            onTruth(path);
          }}
        />
      )}
    </Panel>
  );
}
