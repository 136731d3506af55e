import type { EditPath } from "../../protocol/workflow-text/operation.ts";
import { Icon, type IconName } from "../components/icon.tsx";
import { edit, kindOf, useConfigure } from "./configure-store.ts";
import { hasErrors, mistakesAt } from "./mistakes.ts";
import { asData, type StepOutline, stepsOf } from "./outline.ts";
import styles from "./outline-panel.module.css";

/** What of the workflow the form shows: a part of it, or a step. */
export type Part = "overview" | "tomograms" | "classes" | "params" | `step:${string}`;

interface OutlinePanelProps {
  readonly part: Part;
  onPart(part: Part): void;
  onAdd(): void;
}

/** The parts of the workflow and its steps in order, each with what is wrong in it. */
export function OutlinePanel({ part, onPart, onAdd }: OutlinePanelProps) {
  const data = useConfigure((state) => asData(state.data));
  const count = useConfigure((state) => state.check?.table.count ?? 0);
  const steps = stepsOf(data);
  const item = (name: Part, icon: IconName, title: string, more: { count?: number; path: EditPath[] }) => (
    <PartButton
      key={name}
      name={name}
      icon={icon}
      title={title}
      isShown={part === name}
      onPart={onPart}
      {...more}
    />
  );
  return (
    <nav className={styles.panel} aria-label="Parts of the workflow">
      {item("overview", "file", "Overview", {
        path: ["name", "description", "engine", "executor", "cache", "version"].map((each) => [each]),
      })}
      {item("tomograms", "volume", "Tomograms", { count, path: [["tomograms"]] })}
      {item("classes", "labels", "Classes", {
        count: Object.keys(asData(data.classes)).length,
        path: [["classes"]],
      })}
      {item("params", "configure", "Params", {
        count: Object.keys(asData(data.params)).length,
        path: [["params"], ["variants"]],
      })}
      <div className={styles.heading}>
        <h2>Steps</h2>
        <button type="button" className={styles.add} onClick={onAdd}>
          <Icon name="plus" size={12} />
          Add
        </button>
      </div>
      <ol className={styles.steps}>
        {steps.map((step, index) => (
          <StepItem
            key={step.id}
            step={step}
            index={index}
            count={steps.length}
            isShown={part === `step:${step.id}`}
            onPart={onPart}
          />
        ))}
      </ol>
      {steps.length === 0 && <p className={styles.none}>No step yet. Add the first.</p>}
    </nav>
  );
}

interface PartButtonProps {
  readonly name: Part;
  readonly icon: IconName;
  readonly title: string;
  readonly count?: number;
  readonly path: readonly EditPath[];
  readonly isShown: boolean;
  onPart(part: Part): void;
}

function PartButton({ name, icon, title, count, path, isShown, onPart }: PartButtonProps) {
  return (
    <button
      type="button"
      className={styles.part}
      aria-current={isShown ? "page" : undefined}
      onClick={() => onPart(name)}
    >
      <Icon name={icon} />
      <span className={styles.title}>{title}</span>
      {count !== undefined && count > 0 && <span className={styles.count}>{count}</span>}
      <Dot paths={path} />
    </button>
  );
}

interface StepItemProps {
  readonly step: StepOutline;
  readonly index: number;
  readonly count: number;
  readonly isShown: boolean;
  onPart(part: Part): void;
}

function StepItem({ step, index, count, isShown, onPart }: StepItemProps) {
  const forms = useConfigure((state) => state.forms);
  const label = kindOf(forms, step.uses)?.label ?? step.uses;
  const move = (to: number): void => edit([{ type: "move", path: ["steps", step.id], to }]);
  return (
    <li className={step.enabled ? undefined : styles.off}>
      <button
        type="button"
        className={styles.step}
        aria-current={isShown ? "page" : undefined}
        aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
        title="Alt+↑ and Alt+↓ move it"
        onClick={() => onPart(`step:${step.id}`)}
        onKeyDown={({ altKey, key }) => {
          if (altKey && key === "ArrowUp" && index > 0) move(index - 1);
          if (altKey && key === "ArrowDown" && index < count - 1) move(index + 1);
        }}
      >
        <span className={styles.line}>
          <span className={styles.title}>{step.id}</span>
          {label.toLowerCase() !== step.id.toLowerCase() && <span className={styles.kind}>{label}</span>}
          <Dot paths={[["steps", step.id]]} />
        </span>
        <span className={styles.wiring}>
          <Icon name="back" size={10} />
          {step.from}
          {step.where && ` · ${step.where}`}
          {step.reads.filter((each) => each !== step.from).map((each) => ` + ${each}`)}
        </span>
      </button>
    </li>
  );
}

/** Red where something in a part is wrong, amber where there is a warning. */
function Dot({ paths }: { readonly paths: readonly EditPath[] }) {
  const mistakes = useConfigure((state) => state.check?.mistakes);
  const found = paths.flatMap((path) => mistakesAt(mistakes ?? [], path));
  if (found.length === 0) return null;
  const words = found.length === 1 ? "1 problem" : `${found.length} problems`;
  return (
    <span className={hasErrors(found) ? styles.bad : styles.warn} role="img" aria-label={words} title={words}>
      {found.length}
    </span>
  );
}
