import { useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import type { ListedObject, Point } from "../../protocol/lists.ts";
import type { VolumeAnswer } from "../../protocol/volumes.ts";
import screen from "../annotate/annotating.module.css";
import { editCell } from "../annotate/annotating.tsx";
import { Button, IconButton } from "../components/button.tsx";
import { EmptyState, Waiting } from "../components/empty-state.tsx";
import { Choice, Select } from "../components/field.tsx";
import { Mistakes } from "../components/notice.tsx";
import { Panel, ScreenBar } from "../components/panel.tsx";
import { mistakesOf } from "../connection/request.ts";
import { studioSocket } from "../connection/studio-socket.ts";
import { ObjectsPanel } from "../lists/objects-panel.tsx";
import { PartChoice, useListPart } from "../lists/part-choice.tsx";
import { SaveLine } from "../lists/save-state.tsx";
import { useList, useListClasses } from "../lists/use-list.ts";
import { nameOf } from "../project/project-queries.ts";
import { useKeys } from "../shell/keys.ts";
import { routeTo } from "../shell/route.ts";
import { goTo } from "../shell/use-route.ts";
import { LayoutChoice } from "../viewer/panels/layout-choice.tsx";
import { ViewerPanels } from "../viewer/panels/viewer-panels.tsx";
import { Viewer } from "../viewer/viewer.tsx";
import type { ShownObject } from "../viewer/viewer-props.ts";
import { createViewerStore } from "../viewer/viewer-store.ts";
import { connectSlices } from "../volumes/slice-connection.ts";
import { CorrectedList } from "./corrected-list.tsx";
import { DecisionPanel } from "./decision-panel.tsx";
import { Gallery } from "./gallery.tsx";
import { reviewKeys } from "./review-keys.ts";
import {
  isKept,
  nextUndecided,
  type Ranking,
  rankingsOf,
  rankObjects,
  type Thresholds,
} from "./review-order.ts";
import { reviewedObjects } from "./reviewed-objects.ts";
import { ThresholdPanel } from "./threshold-panel.tsx";
import { TruthPanel } from "./truth-panel.tsx";
import { useComparison } from "./use-comparison.ts";

interface ReviewingProps {
  readonly volume: VolumeAnswer;
  readonly list: string;
  readonly startsWithTruth: string;
}

/** Detections in the tomogram or as a gallery, in the order of the ranking; decisions are edits of the list's journal. */
export function Reviewing({ volume, list, startsWithTruth }: ReviewingProps) {
  const [view] = useState(() => {
    const made = createViewerStore();
    made.getState().show(volume);
    return made;
  });
  const [source] = useState(() => connectSlices(studioSocket(), volume));
  useEffect(() => () => source.close(), [source]);
  const store = useList({ list, mode: "review" }, volume.path);
  const state = useStore(store);
  const part = useListPart(state.objects, volume.path);
  const { objects } = part;
  const { classes } = useListClasses(objects);
  const contrast = useStore(view, (one) => one.contrast);
  const [show, setShow] = useState<"picture" | "gallery">("picture");
  const [wanted, setWanted] = useState<Ranking | null>(null);
  const [bestFirst, setBestFirst] = useState(false);
  const [by, setBy] = useState<"score" | "size">("score");
  const [least, setLeast] = useState<Thresholds>({});
  const [isWriting, write] = useState(false);
  const comparing = useComparison(startsWithTruth, {
    list,
    classes,
    rankBy: by,
    tomogramId: part.part?.fields.tomogramId ?? part.row,
    tomogramIndex: part.part?.fields.tomogramIndex,
  });

  const rankings = useMemo(() => rankingsOf(objects), [objects]);
  const ranking = wanted && rankings.includes(wanted) ? wanted : (rankings[0] ?? "file");
  const ranked = useMemo(
    () => rankObjects(objects, { by: ranking, bestFirst }),
    [objects, ranking, bestFirst],
  );
  const shown = useMemo(
    (): readonly ShownObject[] => reviewedObjects(ranked, { least, by, comparison: comparing.comparison }),
    [ranked, least, by, comparing.comparison],
  );
  const goToPlace = ({ x, y, z }: Point): void => view.getState().moveTo([x, y, z], { centre: true });
  const goToObject = (object: ListedObject): void => {
    store.getState().select([object.id]);
    goToPlace(object);
  };
  const latest = useRef({ ranked, classes });
  latest.current = { ranked, classes };
  const targets = useMemo(
    () => ({
      store,
      ranked: () => latest.current.ranked,
      classes: () => latest.current.classes,
      goTo: (object: ListedObject) => {
        store.getState().select([object.id]);
        view.getState().moveTo([object.x, object.y, object.z], { centre: true });
      },
    }),
    [store, view],
  );
  useKeys(useMemo(() => reviewKeys(targets), [targets]));
  const isOpen = state.status === "open";
  // one begins where one stopped
  useEffect(() => {
    if (!isOpen || store.getState().selected.size > 0) return;
    const first = nextUndecided(latest.current.ranked, null) ?? latest.current.ranked[0];
    if (first) targets.goTo(first);
  }, [isOpen, store, targets]);

  if (state.status === "failed")
    return (
      <EmptyState
        icon="list"
        title={`${nameOf(list)} cannot be opened`}
        actions={
          <Button onClick={() => goTo(routeTo("review", { tomogram: volume.path }))}>
            Choose another list
          </Button>
        }
      >
        <Mistakes mistakes={mistakesOf(state.fault)} />
      </EmptyState>
    );
  if (state.status === "opening") return <Waiting what={`Opening ${nameOf(list)}`} />;
  return (
    <div className={screen.screen}>
      <ScreenBar
        title={nameOf(list)}
        detail={
          <>
            in {volume.name} <PartChoice {...part} /> <SaveLine {...state} />
          </>
        }
      >
        <Choice<"picture" | "gallery"> label="View" value={show} options={views} onChange={setShow} />
        {show === "picture" && <LayoutChoice store={view} />}
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
        <Button look="primary" onClick={() => write(true)}>
          Write corrected list …
        </Button>
      </ScreenBar>
      <div className={screen.work}>
        <div className={screen.viewer}>
          {show === "picture" ? (
            <Viewer
              store={view}
              source={source}
              volume={volume}
              classes={classes}
              objects={shown}
              selected={state.selected}
              onPick={(object) => {
                const known = object && state.byId.get(String(object.id));
                state.select(known ? [known.id] : []);
              }}
            />
          ) : (
            <Gallery
              ranked={ranked}
              tomogram={volume.path}
              classes={classes}
              selected={state.selected}
              contrast={contrast}
              isKept={(object) => isKept(object, { least, by })}
              numberOf={(object) => valueText(object, ranking)}
              onSelect={state.select}
              onOpen={(object) => {
                setShow("picture");
                goToObject(object);
              }}
            />
          )}
        </div>
        <aside className={screen.side} aria-label="Decisions">
          <div className={screen.scroll}>
            <Panel
              title="Ranking"
              actions={
                <span className={screen.ranking}>
                  <Select
                    aria-label="Rank by"
                    value={ranking}
                    onChange={(event) => setWanted(event.target.value as Ranking)}
                  >
                    {rankings.map((one) => (
                      <option key={one} value={one}>
                        {rankingNames[one]}
                      </option>
                    ))}
                  </Select>
                  <Button size="small" onClick={() => setBestFirst(!bestFirst)}>
                    {bestFirst ? "Best first" : "Doubtful first"}
                  </Button>
                </span>
              }
            >
              <DecisionPanel
                {...{ targets, classes, ranked, ranking }}
                selected={state.selected}
                byId={state.byId}
              />
            </Panel>
            <ThresholdPanel
              {...{ classes, by, least }}
              objects={objects}
              comparison={comparing.comparison}
              onBy={(next) => {
                setBy(next);
                setLeast({});
              }}
              onLeast={setLeast}
            />
            <TruthPanel
              {...comparing}
              onTruth={comparing.setTruth}
              onCompare={() => void comparing.compare()}
              onChoose={(ids) => {
                state.select(ids);
                const first = ids.length === 1 ? state.byId.get(ids[0]!) : undefined;
                if (first) goToPlace(first);
              }}
              onGoTo={goToPlace}
            />
            <details className={screen.look}>
              <summary>Contrast and view</summary>
              <ViewerPanels store={view} volume={volume} classes={classes} objects={shown} />
            </details>
          </div>
          <ObjectsPanel
            store={store}
            objects={objects}
            classes={classes}
            canRemove={false}
            onJump={goToPlace}
            onEdit={(object, column, value) => editCell(store, { object, column, value })}
          />
        </aside>
      </div>
      <CorrectedList
        key={String(isWriting)}
        open={isWriting}
        list={list}
        tomogram={volume.path}
        objects={state.objects}
        {...{ least, by }}
        onClose={() => write(false)}
      />
    </div>
  );
}

const views = [
  { value: "picture", label: "Picture" },
  { value: "gallery", label: "Gallery" },
] as const;

const rankingNames: Readonly<Record<Ranking, string>> = {
  margin: "Margin",
  score: "Score",
  size: "Size",
  file: "Order of the file",
};

function valueText({ margin, score, clusterSize, order }: ListedObject, ranking: Ranking): string {
  if (ranking === "size") return String(clusterSize ?? "");
  if (ranking === "file") return `#${order}`;
  return ((ranking === "margin" ? margin : score) ?? 0).toFixed(3);
}
