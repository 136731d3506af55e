import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { FileKind, FolderEntry } from "../../../protocol/forms.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Waiting } from "../../components/empty-state.tsx";
import { Icon, type IconName } from "../../components/icon.tsx";
import { Mistakes } from "../../components/notice.tsx";
import { mistakesOf } from "../../connection/request.ts";
import { browse } from "../configure-api.ts";
import styles from "./file-dialog.module.css";
import { shownBytes } from "./shown-bytes.ts";

export interface FileWish {
  readonly title: string;
  /** Only files of these kinds can be chosen; all when empty. */
  readonly kinds: readonly FileKind[];
  readonly multiple?: boolean;
  /** A folder is chosen instead of a file. */
  readonly folder?: boolean;
}

interface FileDialogProps {
  /** Another object is another wish: what was chosen is forgotten. */
  readonly wish: FileWish | null;
  onChoose(chosen: readonly FolderEntry[], beside: readonly FolderEntry[]): void;
  onClose(): void;
}

/** Where the last choice was made. */
let lastFolder = "";

/** The project's folders, to choose files from. */
export function FileDialog({ wish, onChoose, onClose }: FileDialogProps) {
  const [folder, setFolder] = useState(lastFolder);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  useEffect(() => {
    if (wish) setChosen([]);
  }, [wish]);
  const answer = useQuery({
    queryKey: ["folder", folder],
    queryFn: () => browse(folder),
    enabled: wish !== null,
  });
  const entries = answer.data?.entries ?? [];
  const go = (path: string): void => {
    lastFolder = path;
    setFolder(path);
    setChosen([]);
  };
  const finishWith = (wanted: readonly FolderEntry[]): void => {
    onChoose(wanted, entries);
    onClose();
  };
  const finish = (paths: readonly string[]): void => {
    const wanted = entries.filter(({ path }) => paths.includes(path));
    if (wanted.length > 0) finishWith(wanted);
  };
  const isFit = ({ kind }: FolderEntry): boolean =>
    kind !== "folder" && !wish?.folder && (!wish?.kinds.length || wish.kinds.includes(kind));
  const toggle = (path: string): void =>
    // of what is chosen by then: two clicks may come before the picture is drawn anew
    setChosen((before) =>
      before.includes(path)
        ? before.filter((each) => each !== path)
        : wish?.multiple
          ? [...before, path]
          : [path],
    );
  return (
    <Dialog
      title={wish?.title ?? ""}
      open={wish !== null}
      onClose={onClose}
      width="normal"
      actions={
        <Actions
          wish={wish}
          folder={folder}
          chosen={chosen}
          fitting={entries.filter(isFit)}
          onAll={(paths) => setChosen(paths)}
          onFinish={() =>
            wish?.folder ? finishWith([{ name: folder, path: folder, kind: "folder" }]) : finish(chosen)
          }
          onClose={onClose}
        />
      }
    >
      <Crumbs folder={folder} onGo={go} />
      {answer.isError && <Mistakes mistakes={mistakesOf(answer.error)} />}
      {answer.isLoading && <Waiting what="Looking into the folder" />}
      {answer.data && entries.length === 0 && <p className={styles.nothing}>This folder is empty.</p>}
      <ul className={styles.entries} aria-label="Files">
        {entries.map((entry) => (
          <li key={entry.path}>
            <Entry
              entry={entry}
              isFit={isFit(entry)}
              isChosen={chosen.includes(entry.path)}
              onOpen={() => (entry.kind === "folder" ? go(entry.path) : toggle(entry.path))}
              onTake={() => finish([entry.path])}
            />
          </li>
        ))}
      </ul>
      {answer.data?.isCut && <p className={styles.nothing}>Only the first {entries.length} are shown.</p>}
    </Dialog>
  );
}

interface ActionsProps {
  readonly wish: FileWish | null;
  readonly folder: string;
  readonly chosen: readonly string[];
  readonly fitting: readonly FolderEntry[];
  onAll(paths: readonly string[]): void;
  onFinish(): void;
  onClose(): void;
}

function Actions({ wish, folder, chosen, fitting, onAll, onFinish, onClose }: ActionsProps) {
  const words = wish?.folder
    ? `Choose ${folder === "" ? "the project's folder" : folder}`
    : wish?.multiple && chosen.length > 0
      ? `Add ${chosen.length}`
      : "Choose";
  return (
    <>
      {wish?.multiple && (
        <Button
          look="quiet"
          className={styles.all}
          disabled={fitting.length === 0}
          onClick={() => onAll(chosen.length === fitting.length ? [] : fitting.map(({ path }) => path))}
        >
          {chosen.length === fitting.length && chosen.length > 0
            ? "Choose none"
            : `Choose all ${fitting.length}`}
        </Button>
      )}
      <Button onClick={onClose}>Cancel</Button>
      <Button look="primary" disabled={!wish?.folder && chosen.length === 0} onClick={onFinish}>
        {words}
      </Button>
    </>
  );
}

function Crumbs({ folder, onGo }: { readonly folder: string; onGo(path: string): void }) {
  const parts = folder.split("/").filter(Boolean);
  return (
    <nav className={styles.crumbs} aria-label="Folder">
      <button type="button" onClick={() => onGo("")}>
        <Icon name="folder" size={14} /> project
      </button>
      {parts.map((part, index) => {
        const path = parts.slice(0, index + 1).join("/");
        return (
          <span key={path}>
            <Icon name="chevron" size={10} />
            <button type="button" onClick={() => onGo(path)}>
              {part}
            </button>
          </span>
        );
      })}
    </nav>
  );
}

const icons: Readonly<Record<FileKind, IconName>> = {
  folder: "folder",
  tomogram: "volume",
  list: "list",
  table: "list",
  weights: "step",
  workflow: "configure",
  picture: "picture",
  other: "file",
};

interface EntryProps {
  readonly entry: FolderEntry;
  readonly isFit: boolean;
  readonly isChosen: boolean;
  onOpen(): void;
  onTake(): void;
}

function Entry({ entry, isFit, isChosen, onOpen, onTake }: EntryProps) {
  const isFolder = entry.kind === "folder";
  return (
    <button
      type="button"
      className={styles.entry}
      disabled={!isFolder && !isFit}
      aria-pressed={isFolder ? undefined : isChosen}
      onClick={onOpen}
      onDoubleClick={isFolder ? undefined : onTake}
    >
      <Icon name={icons[entry.kind]} />
      <span className={styles.name}>{entry.name}</span>
      <span className={styles.size}>{entry.bytes === undefined ? "" : shownBytes(entry.bytes)}</span>
      <Icon name={isFolder ? "chevron" : "check"} size={12} />
    </button>
  );
}
