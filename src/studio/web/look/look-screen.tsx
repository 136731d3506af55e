import { useEffect, useMemo, useRef, useState } from "react";
import type { ListedObject } from "../../protocol/lists.ts";
import type { VolumeAnswer } from "../../protocol/volumes.ts";
import { Button, IconButton } from "../components/button.tsx";
import { EmptyState, Waiting } from "../components/empty-state.tsx";
import { Mistakes, Notice } from "../components/notice.tsx";
import { ScreenBar } from "../components/panel.tsx";
import { toast } from "../components/toast.tsx";
import { mistakesOf } from "../connection/request.ts";
import { studioSocket } from "../connection/studio-socket.ts";
import { PartChoice, useListPart } from "../lists/part-choice.tsx";
import { nameOf, shownClasses, useClasses, useProject } from "../project/project-queries.ts";
import { remember } from "../project/recent-files.ts";
import type { ScreenProps } from "../screens.ts";
import { routeTo } from "../shell/route.ts";
import { goTo } from "../shell/use-route.ts";
import { LayoutChoice } from "../viewer/panels/layout-choice.tsx";
import { ViewerPanels } from "../viewer/panels/viewer-panels.tsx";
import { Viewer, type ViewerHandle } from "../viewer/viewer.tsx";
import { createViewerStore, type ViewerState } from "../viewer/viewer-store.ts";
import { useVolume } from "../volumes/open-volume.ts";
import { connectSlices } from "../volumes/slice-connection.ts";
import { useSliceNews } from "../volumes/use-slice-news.ts";
import { FilesPanel } from "./files-panel.tsx";
import { type LookFiles, lookAddress, readLookFiles } from "./look-address.ts";
import styles from "./look-screen.module.css";
import { useListedObjects } from "./use-listed-objects.ts";
import { readView, viewWords } from "./view-address.ts";

/** A tomogram with what lies over it. `#/look?volume=…&volume=…&labels=…&scores=…&objects=…` */
export function LookScreen({ query }: ScreenProps) {
  const files = useMemo(() => readLookFiles(query), [query]);
  const show = (part: Partial<LookFiles>): void => goTo(lookAddress({ ...files, ...part }));
  const volume = useVolume(files.volume);
  if (files.volume === null) return <NothingOpen files={files} onShow={show} />;
  if (volume.isError)
    return (
      <div className={styles.wrong}>
        <Mistakes mistakes={mistakesOf(volume.error)} />
        <Button onClick={() => goTo("#/")}>Choose another file</Button>
      </div>
    );
  if (!volume.data) return <Waiting what={`Opening ${nameOf(files.volume)}`} />;
  return <Looking key={volume.data.id} volume={volume.data} files={files} query={query} onShow={show} />;
}

interface LookingProps {
  readonly volume: VolumeAnswer;
  readonly files: LookFiles;
  readonly query: URLSearchParams;
  onShow(part: Partial<LookFiles>): void;
}

function Looking({ volume, files, query, onShow }: LookingProps) {
  const [store] = useState(() => {
    const made = createViewerStore();
    made.getState().show(volume);
    made.setState(readView(query, made.getState()));
    return made;
  });
  const [source] = useState(() => connectSlices(studioSocket(), volume));
  useEffect(() => () => source.close(), [source]);
  const viewer = useRef<ViewerHandle>(null);
  const second = useVolume(files.second);
  const labels = useVolume(files.labels, "labels");
  const scores = useVolume(files.scores);
  const listed = useListedObjects(files.objects, volume.path);
  const project = useProject();
  const root = project.data?.root;
  useEffect(() => {
    if (root !== undefined) remember(root, volume.path);
  }, [root, volume.path]);
  const named = useClasses(project.data?.workflow ?? null);
  // a list may be of several tomograms: only the objects of one lie over it
  const part = useListPart(listed.data?.objects ?? noObjects, volume.path);
  const objects = useMemo(
    () =>
      part.objects.map(({ id, x, y, z, label, mark }) => ({
        id,
        x,
        y,
        z,
        label,
        faint: mark === "rejected",
      })),
    [part.objects],
  );
  const classes = useMemo(
    () =>
      shownClasses(named.data?.classes ?? [], [
        ...(labels.data?.labels ?? []),
        ...objects.map(({ label }) => label),
      ]),
    [named.data, labels.data, objects],
  );
  const [chosen, choose] = useState<ReadonlySet<string | number>>(new Set());
  useEffect(() => {
    if (second.data) store.getState().showSecond(second.data);
  }, [second.data, store]);
  const news = useSliceNews(source);
  const faults = [
    ...[second, labels, scores, listed].flatMap(({ error }) => (error ? mistakesOf(error) : [])),
    ...news.failures,
  ];
  const cached = news.done.get(volume.id) ?? 1;
  const fitting = (other: VolumeAnswer | undefined): VolumeAnswer | undefined =>
    other?.shape.every((length, axis) => length === volume.shape[axis]) ? other : undefined;
  const misfits = [second.data, labels.data, scores.data].filter((other) => other && !fitting(other));
  const shown = {
    volume,
    second: fitting(second.data),
    labels: fitting(labels.data),
    scores: fitting(scores.data),
    classes,
    objects,
  };
  return (
    <div className={styles.screen}>
      <ScreenBar title={volume.name} detail={detailOf(volume)}>
        {cached < 1 && (
          <span
            className={styles.progress}
            role="status"
            title="Until then XZ and YZ come in coarser, and slower"
          >
            Preparing fast slices <progress value={cached} aria-label="Preparing fast slices" />
          </span>
        )}
        <LayoutChoice store={store} />
        <IconButton
          icon="link"
          label="Copy a link to this view"
          onClick={() => void copyLink(files, store.getState())}
        />
        <IconButton
          icon="picture"
          label="Save the picture as PNG"
          onClick={() => void savePicture(viewer.current, volume.name)}
        />
        <Button
          icon="annotate"
          onClick={() => goTo(routeTo("annotate", { tomogram: volume.path, list: files.objects }))}
        >
          Annotate
        </Button>
      </ScreenBar>
      <div className={styles.work}>
        <div className={styles.viewer}>
          <Viewer
            ref={viewer}
            store={store}
            source={source}
            {...shown}
            selected={chosen}
            onPick={(object) => choose(new Set(object ? [object.id] : []))}
          />
        </div>
        <aside className={styles.side} aria-label="How it is shown">
          <FilesPanel files={files} onShow={onShow} />
          {part.parts.length > 1 && (
            <div className={styles.part}>
              <PartChoice {...part} />
            </div>
          )}
          {(faults.length > 0 || misfits.length > 0) && (
            <div className={styles.faults}>
              <Mistakes
                mistakes={[
                  ...faults,
                  ...misfits.map((other) => ({
                    code: "shape-differs",
                    message: `${other!.name} is ${other!.shape.join(" × ")} voxels, ${volume.name} ${volume.shape.join(" × ")}: it cannot lie over it`,
                    hint: "Both must have the same number of voxels.",
                  })),
                ]}
              />
            </div>
          )}
          {listed.data?.warnings.map(({ message, hint }) => (
            <Notice key={message} kind="warn" hint={hint}>
              {message}
            </Notice>
          ))}
          <ViewerPanels store={store} {...shown} />
        </aside>
      </div>
    </div>
  );
}

const noObjects: readonly ListedObject[] = [];

function detailOf({ shape, voxelSizeAngstrom, format }: VolumeAnswer): string {
  const size = voxelSizeAngstrom
    ? voxelSizeAngstrom.every((length) => length === voxelSizeAngstrom[0])
      ? `${round(voxelSizeAngstrom[0])} Å`
      : `${voxelSizeAngstrom.map(round).join(" × ")} Å`
    : "voxel size unknown";
  return `${shape.join(" × ")} voxels · ${size} · ${format}`;
}

const round = (length: number): number => Number(length.toPrecision(5));

async function savePicture(viewer: ViewerHandle | null, name: string): Promise<void> {
  const picture = await viewer?.picture();
  if (!picture) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(picture);
  link.download = `${name.replace(/\.[^.]+$/, "")}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  toast({ kind: "good", message: `The picture is saved as ${link.download}` });
}

async function copyLink(files: LookFiles, state: ViewerState): Promise<void> {
  const address = new URL(`${lookAddress(files)}&${viewWords(state)}`, location.href).href;
  try {
    await navigator.clipboard.writeText(address);
    toast({ kind: "good", message: "The link to this view is copied" });
  } catch {
    toast({ kind: "plain", message: "Copy the link yourself:", hint: address });
  }
}

function NothingOpen({
  files,
  onShow,
}: {
  readonly files: LookFiles;
  onShow(part: Partial<LookFiles>): void;
}) {
  return (
    <EmptyState icon="look" title="Choose a tomogram to look at">
      <p>Its three planes open linked, at once however large the file is. MRC and HDF5.</p>
      <FilesPanel files={files} onShow={onShow} onlyTomogram />
    </EmptyState>
  );
}
