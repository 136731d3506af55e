import { useState } from "react";
import type { FileKind, FolderEntry } from "../../protocol/forms.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Waiting } from "../components/empty-state.tsx";
import { Icon, type IconName } from "../components/icon.tsx";
import { Mistakes } from "../components/notice.tsx";
import { mistakesOf } from "../connection/request.ts";
import styles from "./file-browser.module.css";
import { useFolder } from "./project-queries.ts";

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

interface FileBrowserProps {
  /** Kinds that can be chosen; the rest is shown faint. */
  readonly kinds: readonly FileKind[];
  /** Folder to begin in. */
  readonly start?: string;
  onChoose(entry: FolderEntry): void;
}

/** The project's folders and files, to choose one. */
export function FileBrowser({ kinds, start = "", onChoose }: FileBrowserProps) {
  const [path, setPath] = useState(start);
  const folder = useFolder(path);
  const parts = path.split("/").filter(Boolean);
  return (
    <div className={styles.browser}>
      <nav className={styles.trail} aria-label="Folder">
        <button type="button" onClick={() => setPath("")} aria-label="The project's folder">
          <Icon name="home" size={14} />
        </button>
        {parts.map((part, index) => (
          <span key={parts.slice(0, index + 1).join("/")}>
            <Icon name="chevron" size={10} />
            <button type="button" onClick={() => setPath(parts.slice(0, index + 1).join("/"))}>
              {part}
            </button>
          </span>
        ))}
      </nav>
      {folder.isPending && <Waiting what="Reading the folder" />}
      {folder.isError && <Mistakes mistakes={mistakesOf(folder.error)} />}
      {folder.data && (
        <ul className={styles.entries}>
          {parts.length > 0 && (
            <li>
              <button type="button" onClick={() => setPath(parts.slice(0, -1).join("/"))}>
                <Icon name="back" />
                <span className={styles.name}>Folder above</span>
              </button>
            </li>
          )}
          {folder.data.entries.map((entry) => (
            <li key={entry.path}>
              <button
                type="button"
                disabled={entry.kind !== "folder" && !kinds.includes(entry.kind)}
                onClick={() => (entry.kind === "folder" ? setPath(entry.path) : onChoose(entry))}
              >
                <Icon name={icons[entry.kind]} />
                <span className={styles.name}>{entry.name}</span>
                {entry.bytes !== undefined && <span className={styles.size}>{bytesWords(entry.bytes)}</span>}
              </button>
            </li>
          ))}
          {folder.data.entries.length === 0 && <li className={styles.empty}>This folder is empty.</li>}
          {folder.data.isCut && <li className={styles.empty}>There are more files than are shown here.</li>}
        </ul>
      )}
    </div>
  );
}

/** The browser in a window of its own. */
export function FileDialog({
  title,
  open,
  onClose,
  ...browser
}: FileBrowserProps & { readonly title: string; readonly open: boolean; onClose(): void }) {
  return (
    <Dialog title={title} open={open} onClose={onClose} actions={<Button onClick={onClose}>Cancel</Button>}>
      <FileBrowser {...browser} />
    </Dialog>
  );
}

/** `3.2 GB`: powers of 1000, as file managers write them. */
export function bytesWords(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}
