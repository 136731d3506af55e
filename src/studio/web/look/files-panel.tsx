import { useState } from "react";
import type { FileKind } from "../../protocol/forms.ts";
import { Button, IconButton } from "../components/button.tsx";
import { Icon, type IconName } from "../components/icon.tsx";
import { Panel } from "../components/panel.tsx";
import { FileDialog } from "../project/file-browser.tsx";
import { folderOf, nameOf } from "../project/project-queries.ts";
import styles from "./files-panel.module.css";
import type { LookFiles } from "./look-address.ts";

interface Place {
  readonly part: keyof LookFiles;
  readonly title: string;
  readonly icon: IconName;
  readonly kinds: readonly FileKind[];
}

const places: readonly Place[] = [
  { part: "volume", title: "Tomogram", icon: "volume", kinds: ["tomogram", "weights"] },
  { part: "labels", title: "Label map", icon: "labels", kinds: ["tomogram", "weights"] },
  { part: "objects", title: "Objects", icon: "target", kinds: ["list", "table"] },
  { part: "scores", title: "Score map", icon: "contrast", kinds: ["tomogram", "weights"] },
  { part: "second", title: "Second tomogram", icon: "layout", kinds: ["tomogram", "weights"] },
];

interface FilesPanelProps {
  readonly files: LookFiles;
  /** Only a button that opens the tomogram. */
  readonly onlyTomogram?: boolean;
  onShow(part: Partial<LookFiles>): void;
}

/** What is shown and what could be: each file can be chosen, changed and taken away. */
export function FilesPanel({ files, onlyTomogram, onShow }: FilesPanelProps) {
  const [choosing, choose] = useState<Place | null>(null);
  const dialog = choosing && (
    <FileDialog
      title={`Choose: ${choosing.title.toLowerCase()}`}
      open
      kinds={choosing.kinds}
      start={folderOf(files[choosing.part] ?? files.volume ?? "")}
      onClose={() => choose(null)}
      onChoose={({ path }) => {
        choose(null);
        onShow({ [choosing.part]: path });
      }}
    />
  );
  if (onlyTomogram)
    return (
      <>
        <Button look="primary" icon="folder" className={styles.only} onClick={() => choose(places[0]!)}>
          Choose a tomogram
        </Button>
        {dialog}
      </>
    );
  return (
    <Panel title="Files">
      <ul className={styles.files}>
        {places.map((place) => {
          const path = files[place.part];
          return (
            <li key={place.part}>
              <button
                type="button"
                className={path ? styles.file : styles.add}
                title={path ?? undefined}
                onClick={() => choose(place)}
              >
                <Icon name={path ? place.icon : "plus"} size={14} />
                <span>{path ? nameOf(path) : place.title}</span>
                {path && <small>{place.title}</small>}
              </button>
              {path && place.part !== "volume" && (
                <IconButton
                  icon="close"
                  size="small"
                  label={`Take away ${nameOf(path)}`}
                  onClick={() => onShow({ [place.part]: null })}
                />
              )}
            </li>
          );
        })}
      </ul>
      {dialog}
    </Panel>
  );
}
