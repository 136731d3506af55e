import { useStore } from "zustand";
import { IconButton } from "../../components/button.tsx";
import { Choice, Slider, Switch } from "../../components/field.tsx";
import { Swatch } from "../../components/notice.tsx";
import { Panel } from "../../components/panel.tsx";
import { ContrastPanel } from "../contrast/contrast-panel.tsx";
import { mostAveraged } from "../gl/slice-shaders.ts";
import type { ShownVolume } from "../slice-source.ts";
import type { ShownClass, ShownObject } from "../viewer-props.ts";
import type { ViewerStore } from "../viewer-store.ts";
import styles from "./viewer-panels.module.css";

interface ViewerPanelsProps {
  readonly store: ViewerStore;
  readonly volume: ShownVolume;
  readonly second?: ShownVolume;
  readonly labels?: ShownVolume;
  readonly scores?: ShownVolume;
  readonly classes: readonly ShownClass[];
  readonly objects: readonly ShownObject[];
}

/** The side bar of a viewer: contrast, average, and a panel for each thing that lies over the slices. */
export function ViewerPanels({ store, volume, second, labels, scores, classes, objects }: ViewerPanelsProps) {
  return (
    <>
      <Panel title="Contrast">
        <TomogramContrast store={store} volume={volume} />
      </Panel>
      <Panel title="Denoise">
        <Average store={store} />
      </Panel>
      {labels && (
        <Panel title="Label map">
          <LabelsPanel store={store} classes={classes} />
        </Panel>
      )}
      {scores && (
        <Panel title="Score map">
          <ScoresPanel store={store} />
        </Panel>
      )}
      {objects.length > 0 && (
        <Panel title="Objects">
          <ObjectsPanel store={store} classes={classes} objects={objects} />
        </Panel>
      )}
      {second && (
        <Panel title="Second tomogram">
          <SecondPanel store={store} second={second} />
        </Panel>
      )}
      <Panel title="Picture">
        <PicturePanel store={store} />
      </Panel>
    </>
  );
}

function TomogramContrast({ store, volume }: { readonly store: ViewerStore; readonly volume: ShownVolume }) {
  const contrast = useStore(store, (state) => state.contrast);
  const keep = useStore(store, (state) => state.keepContrast);
  const histogram = useStore(store, (state) => state.histograms.get(volume.id) ?? null);
  return (
    <ContrastPanel
      histogram={histogram}
      contrast={contrast}
      keep={keep}
      onChange={(next) => store.setState({ contrast: next })}
      onKeep={(keepContrast) => store.setState({ keepContrast })}
    />
  );
}

function Average({ store }: { readonly store: ViewerStore }) {
  const averaged = useStore(store, (state) => state.averaged);
  return (
    <Slider
      label="Average of neighbours"
      value={averaged}
      min={1}
      max={mostAveraged}
      shown={averaged === 1 ? "off" : `${averaged} slices`}
      onChange={(next) => store.setState({ averaged: next })}
    />
  );
}

function LabelsPanel({
  store,
  classes,
}: {
  readonly store: ViewerStore;
  readonly classes: readonly ShownClass[];
}) {
  const look = useStore(store, (state) => state.labels);
  const change = (part: Partial<typeof look>): void => store.setState({ labels: { ...look, ...part } });
  return (
    <>
      <Switch label="Shown" shortcut="l" on={look.shown} onChange={(shown) => change({ shown })} />
      <Choice
        label="How labels are drawn"
        value={look.outlined ? "outlined" : "filled"}
        options={[
          { value: "filled", label: "Filled" },
          { value: "outlined", label: "Outlines" },
        ]}
        onChange={(value) => change({ outlined: value === "outlined" })}
      />
      <Slider
        label="Opacity"
        value={look.opacity}
        min={0.05}
        max={1}
        step={0.05}
        shown={`${Math.round(look.opacity * 100)} %`}
        onChange={(opacity) => change({ opacity })}
      />
      <ClassList classes={classes} hidden={look.hidden} onHide={(hidden) => change({ hidden })} />
    </>
  );
}

function ScoresPanel({ store }: { readonly store: ViewerStore }) {
  const look = useStore(store, (state) => state.scores);
  const change = (part: Partial<typeof look>): void => store.setState({ scores: { ...look, ...part } });
  return (
    <>
      <Switch label="Shown" on={look.shown} onChange={(shown) => change({ shown })} />
      <Slider
        label="From"
        value={look.least}
        min={0}
        max={1}
        step={0.01}
        shown={look.least.toFixed(2)}
        onChange={(least) => change({ least })}
      />
      <Slider
        label="Opacity"
        value={look.opacity}
        min={0.05}
        max={1}
        step={0.05}
        shown={`${Math.round(look.opacity * 100)} %`}
        onChange={(opacity) => change({ opacity })}
      />
    </>
  );
}

function ObjectsPanel({
  store,
  classes,
  objects,
}: {
  readonly store: ViewerStore;
  readonly classes: readonly ShownClass[];
  readonly objects: readonly ShownObject[];
}) {
  const look = useStore(store, (state) => state.objects);
  const change = (part: Partial<typeof look>): void => store.setState({ objects: { ...look, ...part } });
  const counts = new Map<number, number>();
  for (const { label } of objects) counts.set(label, (counts.get(label) ?? 0) + 1);
  return (
    <>
      <Switch label="Shown" shortcut="t" on={look.shown} onChange={(shown) => change({ shown })} />
      <Switch label="Filled" on={look.fill} onChange={(fill) => change({ fill })} />
      <ClassList
        classes={classes.filter(({ label }) => counts.has(label))}
        counts={counts}
        hidden={look.hidden}
        onHide={(hidden) => change({ hidden })}
      />
    </>
  );
}

interface ClassListProps {
  readonly classes: readonly ShownClass[];
  readonly counts?: ReadonlyMap<number, number>;
  readonly hidden: ReadonlySet<number>;
  onHide(hidden: ReadonlySet<number>): void;
}

/** Classes with their colours; an eye for each, and with alt only that one is shown. */
function ClassList({ classes, counts, hidden, onHide }: ClassListProps) {
  const flip = (label: number, alone: boolean): void => {
    const next = new Set(alone ? classes.map((one) => one.label).filter((one) => one !== label) : hidden);
    if (!alone && !next.delete(label)) next.add(label);
    onHide(next);
  };
  return (
    <ul className={styles.classes}>
      {classes.map(({ label, name, color }) => (
        <li key={label} className={hidden.has(label) ? styles.hidden : undefined}>
          <Swatch color={color} />
          <span className={styles.name}>{name}</span>
          {counts && <span className={styles.count}>{(counts.get(label) ?? 0).toLocaleString("en")}</span>}
          <IconButton
            icon={hidden.has(label) ? "eye-off" : "eye"}
            size="small"
            label={`${hidden.has(label) ? "Show" : "Hide"} ${name}`}
            title={`${hidden.has(label) ? "Show" : "Hide"} ${name}; with Alt, show it alone`}
            onClick={(event) => flip(label, event.altKey)}
          />
        </li>
      ))}
    </ul>
  );
}

function SecondPanel({ store, second }: { readonly store: ViewerStore; readonly second: ShownVolume }) {
  const look = useStore(store, (state) => state.second);
  const histogram = useStore(store, (state) => state.histograms.get(second.id) ?? null);
  const change = (part: Partial<typeof look>): void => store.setState({ second: { ...look, ...part } });
  return (
    <>
      <p className={styles.file}>{second.name}</p>
      <Choice
        label="How the second tomogram is shown"
        value={look.how}
        options={[
          { value: "beside", label: "Side by side" },
          { value: "blended", label: "Blended" },
        ]}
        onChange={(how) => change({ how })}
      />
      {look.how === "blended" && (
        <Slider
          label="First to second"
          value={look.mix}
          min={0}
          max={1}
          step={0.05}
          shown={`${Math.round(look.mix * 100)} %`}
          onChange={(mix) => change({ mix })}
        />
      )}
      <ContrastPanel
        histogram={histogram}
        contrast={look.contrast}
        onChange={(contrast) => change({ contrast })}
      />
    </>
  );
}

function PicturePanel({ store }: { readonly store: ViewerStore }) {
  const state = useStore(store);
  return (
    <>
      <Switch
        label="Y upwards, as in IMOD"
        on={state.view.yUp}
        onChange={(yUp) => store.setState(({ view }) => ({ view: { ...view, yUp } }))}
      />
      <Switch
        label="Smooth between voxels"
        on={state.smooth}
        onChange={(smooth) => store.setState({ smooth })}
      />
      <Switch
        label="Cross-hair"
        shortcut="c"
        on={state.crossHair}
        onChange={(crossHair) => store.setState({ crossHair })}
      />
      <Switch label="Scale bar" on={state.scaleBar} onChange={(scaleBar) => store.setState({ scaleBar })} />
    </>
  );
}
