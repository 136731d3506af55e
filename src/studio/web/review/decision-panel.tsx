import type { ListedObject, ObjectId } from "../../protocol/lists.ts";
import { Button } from "../components/button.tsx";
import { Badge, Swatch } from "../components/notice.tsx";
import type { ShownClass } from "../viewer/viewer-props.ts";
import styles from "./decision-panel.module.css";
import { decide, type ReviewTargets, step } from "./review-keys.ts";
import { progressOf, type Ranking } from "./review-order.ts";

interface DecisionPanelProps {
  readonly targets: ReviewTargets;
  readonly classes: readonly ShownClass[];
  readonly ranked: readonly ListedObject[];
  readonly ranking: Ranking;
  readonly selected: ReadonlySet<ObjectId>;
  readonly byId: ReadonlyMap<ObjectId, ListedObject>;
}

/** How far one is, what is chosen, and the decisions with their keys. */
export function DecisionPanel({ targets, classes, ranked, selected, byId }: DecisionPanelProps) {
  const { accepted, rejected, undecided } = progressOf(ranked);
  const share = (count: number): string => `${ranked.length === 0 ? 0 : (100 * count) / ranked.length}%`;
  const only = selected.size === 1 ? byId.get([...selected][0]!) : undefined;
  const known = only && classes.find(({ label }) => label === only.label);
  const place = only ? ranked.findIndex(({ id }) => id === only.id) + 1 : 0;
  return (
    <div className={styles.panel}>
      <div
        className={styles.bar}
        role="progressbar"
        aria-label="Decided"
        aria-valuemin={0}
        aria-valuemax={ranked.length}
        aria-valuenow={accepted + rejected}
      >
        <i data-part="accepted" style={{ width: share(accepted) }} />
        <i data-part="rejected" style={{ width: share(rejected) }} />
      </div>
      <p className={styles.counts}>
        <b>{accepted}</b> accepted · <b>{rejected}</b> rejected · <b>{undecided}</b> to go
      </p>
      <div className={styles.object}>
        {only ? (
          <>
            <span className={styles.name}>
              <Swatch color={known?.color ?? "#888888"} />
              {known?.name ?? `class ${only.label}`}
            </span>
            <span className={styles.place}>
              {place} of {ranked.length}
            </span>
            <Badge kind={only.mark === "accepted" ? "good" : only.mark === "rejected" ? "bad" : "idle"}>
              {only.mark ?? "undecided"}
            </Badge>
            <small>
              {[
                only.score !== undefined && `score ${only.score.toFixed(3)}`,
                only.margin !== undefined && `margin ${only.margin.toFixed(3)}`,
                only.clusterSize !== undefined && `${only.clusterSize} voxels`,
              ]
                .filter(Boolean)
                .join(" · ") || "no score"}
            </small>
          </>
        ) : (
          <span className={styles.place}>
            {selected.size > 1 ? `${selected.size} chosen: decide about all at once` : "None chosen"}
          </span>
        )}
      </div>
      <div className={styles.buttons}>
        <Button onClick={() => step(targets, -1)} title="The one before (p)">
          ‹
        </Button>
        <Button icon="check" className={styles.accept} onClick={() => decide(targets, "accepted")}>
          Accept <kbd>a</kbd>
        </Button>
        <Button icon="close" className={styles.reject} onClick={() => decide(targets, "rejected")}>
          Reject <kbd>r</kbd>
        </Button>
        <Button onClick={() => step(targets, 1)} title="The next (n)">
          ›
        </Button>
      </div>
      <ul className={styles.classes} aria-label="Accept as">
        {classes.slice(0, 9).map(({ label, name, color }, index) => (
          <li key={label}>
            <button
              type="button"
              title={`Accept as ${name} (${index + 1})`}
              aria-current={only?.label === label || undefined}
              onClick={() => decide(targets, "accepted", label)}
            >
              <kbd>{index + 1}</kbd>
              <Swatch color={color} />
              <span>{name}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
