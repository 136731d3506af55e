import { useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import type { ListedObject, Point } from "../../protocol/lists.ts";
import type { VolumeAnswer } from "../../protocol/volumes.ts";
import { Button, IconButton } from "../components/button.tsx";
import { EmptyState, Waiting } from "../components/empty-state.tsx";
import { Mistakes, Notice } from "../components/notice.tsx";
import { ScreenBar } from "../components/panel.tsx";
import { mistakesOf } from "../connection/request.ts";
import { studioSocket } from "../connection/studio-socket.ts";
import { ClassPanel } from "../lists/class-panel.tsx";
import type { ObjectColumn } from "../lists/object-columns.ts";
import { ObjectsPanel } from "../lists/objects-panel.tsx";
import { PartChoice, useListPart } from "../lists/part-choice.tsx";
import { SaveAsDialog } from "../lists/save-as-dialog.tsx";
import { SaveLine, SaveNotice } from "../lists/save-state.tsx";
import { UseForTraining } from "../lists/use-for-training.tsx";
import { type Preview, toggled, useList, useListClasses, useShownObjects } from "../lists/use-list.ts";
import { nameOf } from "../project/project-queries.ts";
import { useKeys } from "../shell/keys.ts";
import { routeTo } from "../shell/route.ts";
import { goTo } from "../shell/use-route.ts";
import { LayoutChoice } from "../viewer/panels/layout-choice.tsx";
import { ViewerPanels } from "../viewer/panels/viewer-panels.tsx";
import { Viewer } from "../viewer/viewer.tsx";
import { createViewerStore } from "../viewer/viewer-store.ts";
import { connectSlices } from "../volumes/slice-connection.ts";
import { annotateKeys } from "./annotate-keys.ts";
import { createAnnotateTool } from "./annotate-tool.ts";
import styles from "./annotating.module.css";
import { snapObjects } from "./snap-objects.ts";

interface AnnotatingProps {
  readonly volume: VolumeAnswer;
  readonly list: string;
}

/** The tomogram with its objects, the classes, the table; everything that is done here is an edit of the list. */
export function Annotating({ volume, list }: AnnotatingProps) {
  const [view] = useState(() => {
    const made = createViewerStore();
    made.getState().show(volume);
    return made;
  });
  const [source] = useState(() => connectSlices(studioSocket(), volume));
  useEffect(() => () => source.close(), [source]);
  const store = useList({ list, mode: "annotate" }, volume.path);
  const state = useStore(store);
  const part = useListPart(state.objects, volume.path);
  const { classes, counts, workflow, change } = useListClasses(part.objects);
  const [label, setLabel] = useState(1);
  const [preview, setPreview] = useState<Preview | null>(null);
  const [isSavingAs, saveAs] = useState(false);
  const [isUsing, use] = useState(false);
  const hidden = useStore(view, ({ objects }) => objects.hidden);
  const objects = useShownObjects(part.objects, preview);
  const isReadOnly = state.save.state === "read-only";

  const latest = useRef({ label, classes, isReadOnly, fields: part.part?.fields });
  latest.current = { label, classes, isReadOnly, fields: part.part?.fields };
  const add = useMemo(
    () => (place: Point) =>
      store.getState().add({ ...place, ...latest.current.fields, label: latest.current.label }),
    [store],
  );
  const tool = useMemo(
    () =>
      createAnnotateTool({
        add,
        select: (id, { more }) =>
          store.getState().select(more ? toggled(store.getState().selected, id) : [id]),
        preview: setPreview,
        move: (id, place) => void store.getState().edit({ type: "move", id, ...place }),
        isReadOnly: () => latest.current.isReadOnly,
      }),
    [store, add],
  );
  const snap = useMemo(
    () => (to: "minimum" | "maximum") =>
      void snapObjects(store, { tomogram: volume.path, to, classes: latest.current.classes }),
    [store, volume.path],
  );
  useKeys(
    useMemo(
      () =>
        annotateKeys({
          store,
          view,
          snap,
          add,
          label: () => latest.current.label,
          classes: () => latest.current.classes,
          choose: setLabel,
        }),
      [store, view, snap, add],
    ),
  );
  const jump = (object: Pick<ListedObject, "x" | "y" | "z">): void =>
    view.getState().moveTo([object.x, object.y, object.z], { centre: true });

  if (state.status === "failed")
    return (
      <EmptyState
        icon="list"
        title={`${nameOf(list)} cannot be opened`}
        actions={
          <Button onClick={() => goTo(routeTo("annotate", { tomogram: volume.path }))}>
            Choose another list
          </Button>
        }
      >
        <Mistakes mistakes={mistakesOf(state.fault)} />
      </EmptyState>
    );
  if (state.status === "opening") return <Waiting what={`Opening ${nameOf(list)}`} />;
  return (
    <div className={styles.screen}>
      <ScreenBar
        title={nameOf(list)}
        detail={
          <>
            in {volume.name} <PartChoice {...part} /> <SaveLine {...state} />
          </>
        }
      >
        <LayoutChoice store={view} />
        <IconButton
          icon="undo"
          label={state.undoes ? `Undo: ${state.undoes}` : "Nothing to undo"}
          shortcut="Ctrl Z"
          disabled={!state.undoes}
          onClick={state.undo}
        />
        <IconButton
          icon="redo"
          label={state.redoes ? `Redo: ${state.redoes}` : "Nothing to redo"}
          shortcut="Ctrl Shift Z"
          disabled={!state.redoes}
          onClick={state.redo}
        />
        <Button onClick={() => saveAs(true)}>Save as …</Button>
        <Button
          look={state.objects.length > 0 ? "primary" : "plain"}
          icon="launch"
          disabled={state.objects.length === 0}
          title="To learn from, or to validate with"
          onClick={() => use(true)}
        >
          Use it
        </Button>
      </ScreenBar>
      <SaveNotice save={state.save} onResolve={state.resolve} onSaveAs={() => saveAs(true)} />
      {state.warnings.length > 0 && <Warnings warnings={state.warnings} />}
      <div className={styles.work}>
        <div className={styles.viewer}>
          <Viewer
            store={view}
            source={source}
            volume={volume}
            classes={classes}
            objects={objects}
            selected={state.selected}
            tool={tool}
            onPick={(object) => state.select(object ? [String(object.id)] : [])}
          />
        </div>
        <aside className={styles.side} aria-label="Classes and objects">
          <ClassPanel
            {...{ classes, counts, hidden, workflow }}
            chosen={label}
            onChoose={setLabel}
            onHide={(one) =>
              view.setState(({ objects: before }) => ({
                objects: { ...before, hidden: toggled(before.hidden, one) },
              }))
            }
            onChange={async (changed) => {
              await change(changed);
              setLabel(changed.label);
            }}
          />
          <details className={styles.look}>
            <summary>Contrast and view</summary>
            <ViewerPanels store={view} volume={volume} classes={classes} objects={objects} />
          </details>
          <ObjectsPanel
            store={store}
            objects={part.objects}
            classes={classes}
            readOnly={isReadOnly}
            onJump={jump}
            onEdit={(object, column, value) => editCell(store, { object, column, value })}
            onSnap={snap}
          />
        </aside>
      </div>
      {isUsing && (
        <UseForTraining
          title="Use these objects"
          list={list}
          tomogram={volume.path}
          onClose={() => use(false)}
        />
      )}
      <SaveAsDialog
        key={String(isSavingAs)}
        open={isSavingAs}
        title="Save as another file"
        about={`All ${state.objects.length} objects are written. This list stays open.`}
        list={{ list, mode: "annotate" }}
        start={list.replace(/\.[^./]+$/, "-copy.csv")}
        onClose={() => saveAs(false)}
      />
    </div>
  );
}

function Warnings({ warnings }: { readonly warnings: readonly { message: string; hint?: string }[] }) {
  const [isShown, show] = useState(true);
  if (!isShown) return null;
  return (
    <div className={styles.warnings}>
      {warnings.map(({ message, hint }) => (
        <Notice
          key={message}
          kind="warn"
          hint={hint}
          action={<IconButton icon="close" size="small" label="Close" onClick={() => show(false)} />}
        >
          {message}
        </Notice>
      ))}
    </div>
  );
}

interface CellEdit {
  readonly object: ListedObject;
  readonly column: ObjectColumn;
  readonly value: number | string | null;
}

/** A cell that was typed into is an edit like any other. */
export function editCell(store: ReturnType<typeof useList>, { object, column, value }: CellEdit): void {
  const { edit } = store.getState();
  const { id, x, y, z } = object;
  if (column.kind === "place" && typeof value === "number")
    edit({ type: "move", id, x, y, z, [column.id]: value });
  else if (column.kind === "label" && typeof value === "number")
    edit({ type: "setClass", ids: [id], label: value });
  else edit({ type: "setField", ids: [id], field: column.id as `extra:${string}`, value });
}
