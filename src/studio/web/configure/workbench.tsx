import { type FocusEvent, useEffect, useMemo, useState } from "react";
import type { FolderEntry } from "../../protocol/forms.ts";
import type { EditPath } from "../../protocol/workflow-text/operation.ts";
import { Button, IconButton } from "../components/button.tsx";
import { Notice } from "../components/notice.tsx";
import { ScreenBar } from "../components/panel.tsx";
import { type KeyGroup, useKeys } from "../shell/keys.ts";
import { routeTo } from "../shell/route.ts";
import { goTo } from "../shell/use-route.ts";
import styles from "./configure-screen.module.css";
import {
  kindOf,
  save,
  showInText,
  stepBack,
  stepForward,
  typeText,
  useConfigure,
} from "./configure-store.ts";
import { ConflictDialog } from "./conflict-dialog.tsx";
import { isUnsaved } from "./draft.ts";
import { SurroundingsContext } from "./fields/surroundings.ts";
import { FileDialog, type FileWish } from "./files/file-dialog.tsx";
import { asData, expressionsFor, stepsOf } from "./outline.ts";
import { OutlinePanel, type Part } from "./outline-panel.tsx";
import { ProblemsBar } from "./problems-bar.tsx";
import { ClassesSection } from "./sections/classes-section.tsx";
import { OverviewSection } from "./sections/overview-section.tsx";
import { ParamsSection } from "./sections/params-section.tsx";
import { TomogramsSection } from "./sections/tomograms-section.tsx";
import { folderOf, relativeTo } from "./sheet/table-edits.ts";
import { AddStepDialog } from "./steps/add-step-dialog.tsx";
import { StepSection } from "./steps/step-section.tsx";
import { YamlEditor } from "./yaml/yaml-editor.tsx";

/** The open workflow: its parts, the form of one, and the text beside it. */
export function Workbench({ onNew }: { readonly onNew: () => void }) {
  const { draft, data, check, isBroken, conflict, shownPath } = useConfigure();
  const [part, setPart] = useState<Part>("overview");
  const [hasText, setText] = useState(true);
  const [isAdding, setAdding] = useState(false);
  const [isSettling, setSettling] = useState(false);
  useKeys(useMemo(() => keys(() => setText((on) => !on)), []));
  useUnloadWarning();
  const shown = usePart(part, data);
  const goToPath = (path: EditPath): void => {
    const next = partOf(path);
    if (next) setPart(next);
    showInText(path.length > 0 ? path : null);
  };
  return (
    <div className={styles.screen}>
      <Bar hasText={hasText} onText={() => setText(!hasText)} onNew={onNew} />
      {conflict && (
        <div className={styles.banner}>
          <Notice
            kind="warn"
            hint="Your changes are kept here. Look at both and choose."
            action={
              <Button size="small" onClick={() => setSettling(true)}>
                Show both
              </Button>
            }
          >
            {conflict.path} was changed by another program while you edited it.
          </Notice>
        </div>
      )}
      <div className={hasText ? styles.withText : styles.withoutText}>
        <OutlinePanel
          part={shown}
          onPart={(next) => {
            setPart(next);
            showInText(pathOf(next));
          }}
          onAdd={() => setAdding(true)}
        />
        <Around step={shown.startsWith("step:") ? shown.slice(5) : ""}>
          <section aria-label="Form" className={styles.form} onFocus={(event) => showField(event, shown)}>
            {isBroken && (
              <div className={styles.broken}>
                <Notice
                  kind="bad"
                  hint="Mend it there; until then the form shows the last text that was right."
                >
                  The text is not valid YAML.
                </Notice>
              </div>
            )}
            <PartPage key={shown} part={shown} onPart={setPart} />
          </section>
        </Around>
        {hasText && draft && (
          <section className={styles.text} aria-label="Text of the workflow">
            <YamlEditor
              text={draft.text}
              mistakes={check?.mistakes ?? []}
              shownPath={shownPath}
              onType={typeText}
              onUndo={stepBack}
              onRedo={stepForward}
              onSave={() => void save()}
              onCursor={(path) => {
                const next = partOf(path);
                if (next) setPart(next);
              }}
            />
          </section>
        )}
      </div>
      <ProblemsBar onShow={goToPath} />
      <AddStepDialog
        open={isAdding}
        onClose={() => setAdding(false)}
        onAdded={(id) => {
          setPart(`step:${id}`);
          showInText(["steps", id]);
        }}
      />
      <ConflictDialog open={isSettling} onClose={() => setSettling(false)} />
    </div>
  );
}

/** A part that is gone (a step that was taken out or renamed in the text) gives way to the overview. */
function usePart(part: Part, data: unknown): Part {
  const isThere = !part.startsWith("step:") || stepsOf(data).some(({ id }) => part === `step:${id}`);
  return isThere ? part : "overview";
}

function PartPage({ part, onPart }: { readonly part: Part; onPart(part: Part): void }) {
  switch (part) {
    case "overview":
      return <OverviewSection />;
    case "tomograms":
      return <TomogramsSection />;
    case "classes":
      return <ClassesSection />;
    case "params":
      return <ParamsSection />;
    default:
      return (
        <StepSection id={part.slice(5)} onGone={(id) => onPart(id === null ? "overview" : `step:${id}`)} />
      );
  }
}

const pathOf = (part: Part): EditPath | null =>
  part === "overview" ? null : part.startsWith("step:") ? ["steps", part.slice(5)] : [part];

/** Where a value of the workflow is edited. */
function partOf(path: EditPath): Part | undefined {
  const [first, second] = path;
  if (first === "steps") return second === undefined ? undefined : `step:${second}`;
  if (first === "tomograms" || first === "classes" || first === "params") return first;
  return first === undefined ? undefined : "overview";
}

/** The field that has the focus is marked in the text. */
function showField({ target }: FocusEvent, part: Part): void {
  const field = (target as HTMLElement).closest<HTMLElement>("[data-field]")?.dataset.field;
  if (field === undefined) return;
  const at = field.split(".");
  const isOfStep = part.startsWith("step:");
  const plain = ["from", "where", "out", "resources", "retries", "checkpoint", "engine"].includes(at[0]!);
  showInText(isOfStep ? ["steps", part.slice(5), ...(plain ? at : ["with", ...at])] : at);
}

function Bar({ hasText, onText, onNew }: { readonly hasText: boolean; onText(): void; onNew(): void }) {
  const { draft, isSaving } = useConfigure();
  const unsaved = draft !== null && isUnsaved(draft);
  const name = draft?.path.split("/").at(-1);
  return (
    <ScreenBar
      title={name}
      detail={
        <span className={unsaved ? styles.unsaved : undefined} role="status">
          {unsaved ? "unsaved changes" : "saved"}
          {draft?.path.includes("/") && ` · ${folderOf(draft.path)}`}
        </span>
      }
    >
      <IconButton
        icon="undo"
        label="Undo"
        shortcut="Ctrl+Z"
        disabled={!draft?.past.length}
        onClick={stepBack}
      />
      <IconButton
        icon="redo"
        label="Redo"
        shortcut="Ctrl+Shift+Z"
        disabled={!draft?.future.length}
        onClick={stepForward}
      />
      <Button look="quiet" pressed={hasText} icon="file" onClick={onText}>
        YAML
      </Button>
      <Button icon="plus" onClick={onNew}>
        New
      </Button>
      <Button look="primary" disabled={!unsaved || isSaving} onClick={() => void save()}>
        Save
      </Button>
      <Button
        icon="launch"
        disabled={unsaved || draft === null}
        title={unsaved ? "Save first" : undefined}
        onClick={() => goTo(routeTo("launch", { workflow: draft!.path }))}
      >
        Launch
      </Button>
    </ScreenBar>
  );
}

/** Gives controls what is around them: classes, expressions, the project's files. */
function Around({ step, children }: { readonly step: string; readonly children: React.ReactNode }) {
  const { data, forms, draft } = useConfigure();
  const [wish, setWish] = useState<(FileWish & { chosen(path: string): void }) | null>(null);
  const folder = folderOf(draft?.path ?? "");
  const surroundings = useMemo(
    () => ({
      classes: Object.entries(asData(asData(data).classes)).map(([label, fields]) => {
        const { name, color } = asData(fields);
        return { label, name: String(name ?? `class ${label}`), ...(typeof color === "string" && { color }) };
      }),
      expressions: expressionsFor(data, {
        step,
        outputsOf: (uses) => kindOf(forms, uses)?.outputs.map(({ name }) => name) ?? [],
      }),
      choose: (wanted: FileWish, chosen: (path: string) => void) => setWish({ ...wanted, chosen }),
    }),
    [data, forms, step],
  );
  return (
    <SurroundingsContext value={surroundings}>
      {children}
      <FileDialog
        wish={wish}
        onChoose={([entry]: readonly FolderEntry[]) => entry && wish?.chosen(relativeTo(folder, entry.path))}
        onClose={() => setWish(null)}
      />
    </SurroundingsContext>
  );
}

const keys = (toggleText: () => void): KeyGroup => ({
  title: "Configure",
  bindings: [
    { keys: ["ctrl+s", "meta+s"], does: "Save the workflow", run: () => void save() },
    { keys: ["ctrl+z", "meta+z"], does: "Undo", run: stepBack },
    { keys: ["ctrl+shift+z", "ctrl+y", "meta+shift+z"], does: "Redo", run: stepForward },
    { keys: ["y"], does: "Show or hide the YAML", run: toggleText },
  ],
});

/** The draft outlives a reload, but a closed window with unsaved work should not go by unseen. */
function useUnloadWarning(): void {
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent): void => {
      const { draft } = useConfigure.getState();
      if (draft && isUnsaved(draft)) event.preventDefault();
    };
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, []);
}
