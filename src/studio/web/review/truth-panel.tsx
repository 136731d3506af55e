import { useState } from "react";
import type { Comparison } from "../../protocol/list-tools.ts";
import type { Point } from "../../protocol/lists.ts";
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
  /** Chooses the objects, and goes to the first. */
  onShowSpurious(): void;
  onGoTo(place: Point): void;
}

/** The detections against a list that is true: what is wrong and what is missing, to click through. */
export function TruthPanel(props: TruthPanelProps) {
  const { truth, comparison, fault, onTruth, onCompare, onShowSpurious, onGoTo } = props;
  const [isBrowsing, browse] = useState(false);
  const [at, setAt] = useState(-1);
  const missed = comparison?.missed ?? [];
  const confused = comparison?.spurious.filter(({ confusedWith }) => confusedWith !== undefined).length ?? 0;
  const showMissed = (): void => {
    const next = (at + 1) % missed.length;
    setAt(next);
    onGoTo(comparison!.truth[missed[next]!]!);
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
            <Button size="small" disabled={comparison.spurious.length === 0} onClick={onShowSpurious}>
              {comparison.spurious.length} wrong
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
