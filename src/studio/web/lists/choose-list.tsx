import { useState } from "react";
import type { FileKind } from "../../protocol/forms.ts";
import { Button } from "../components/button.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { Field, TextInput } from "../components/field.tsx";
import type { IconName } from "../components/icon.tsx";
import { FileDialog } from "../project/file-browser.tsx";
import {
  folderOf,
  nameOf,
  tomogramsOf,
  useFolder,
  useProject,
  useTable,
} from "../project/project-queries.ts";
import { routeTo } from "../shell/route.ts";
import { goTo } from "../shell/use-route.ts";
import styles from "./choose-list.module.css";

interface ChooseListProps {
  readonly icon: IconName;
  readonly title: string;
  readonly about: string;
  /** Where one goes from here. */
  readonly screen: "annotate" | "review";
  readonly tomogram: string | null;
  /** A list that is not there yet may be named. */
  readonly mayBeNew?: boolean;
}

/** A tomogram and a list to begin with: those of the workflow's table at one click, others by browsing. */
export function ChooseList({ icon, title, about, screen, tomogram, mayBeNew }: ChooseListProps) {
  const project = useProject().data;
  const workflow = project?.workflow ?? null;
  const table = useTable(workflow).data?.table;
  const rows = table ? tomogramsOf(table, folderOf(workflow ?? "")) : [];
  const known = rows.filter((row) => row.tomogram !== null && (mayBeNew || row.objects !== null));
  const others = (useFolder("").data?.entries ?? []).filter(
    ({ kind, path }) => kind === "tomogram" && !known.some((row) => row.tomogram === path),
  );
  const [chosen, setChosen] = useState(tomogram ?? "");
  const proposed = rows.find((row) => row.tomogram === chosen)?.objects ?? listFor(chosen, mayBeNew);
  const [typed, setTyped] = useState<string | null>(null);
  const [browsing, browse] = useState<"tomogram" | "list" | null>(null);
  const list = typed ?? proposed;
  const go = (): void => goTo(routeTo(screen, { tomogram: chosen, list }));
  return (
    <div className={styles.page}>
      <EmptyState icon={icon} title={title}>
        <p>{about}</p>
      </EmptyState>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen !== "" && list !== "") go();
        }}
      >
        <Field label="Tomogram">
          {(ids) => (
            <>
              <TextInput
                {...ids}
                value={chosen}
                placeholder="t1.mrc"
                onChange={(event) => setChosen(event.target.value)}
              />
              <Button onClick={() => browse("tomogram")}>Browse</Button>
            </>
          )}
        </Field>
        <Field
          label={mayBeNew ? "Object list" : "Detections"}
          help={
            mayBeNew
              ? "Made when it is not there yet; .xml, .xlsx, .csv and .tsv."
              : "Stays as it is: what you decide is kept beside it, and written as a new list when you say so."
          }
        >
          {(ids) => (
            <>
              <TextInput
                {...ids}
                value={list}
                placeholder="t1.xml"
                onChange={(event) => setTyped(event.target.value)}
              />
              <Button onClick={() => browse("list")}>Browse</Button>
            </>
          )}
        </Field>
        <Button type="submit" look="primary" disabled={chosen === "" || list === ""}>
          {screen === "annotate" ? "Annotate" : "Review"}
        </Button>
      </form>
      {known.length > 0 && (
        <section className={styles.known} aria-label="Tomograms of the workflow">
          <h2>Tomograms of {nameOf(workflow ?? "")}</h2>
          <ul>
            {known.map(({ id, tomogram: path, objects }) => (
              <li key={id}>
                <a href={routeTo(screen, { tomogram: path, list: objects ?? listFor(path ?? "", true) })}>
                  <b>{id}</b>
                  <span>{objects ?? `new list ${listFor(path ?? "", true)}`}</span>
                </a>
              </li>
            ))}
          </ul>
        </section>
      )}
      {mayBeNew && others.length > 0 && (
        <section className={styles.known} aria-label="In the project's folder">
          <h2>{known.length > 0 ? "Others in the project's folder" : "In the project's folder"}</h2>
          <ul>
            {others.slice(0, 20).map(({ name, path }) => (
              <li key={path}>
                <a href={routeTo(screen, { tomogram: path, list: listFor(path, true) })}>
                  <b>{name}</b>
                  <span>new list {listFor(path, true)}</span>
                </a>
              </li>
            ))}
          </ul>
        </section>
      )}
      {browsing && (
        <FileDialog
          open
          title={browsing === "tomogram" ? "Choose a tomogram" : "Choose a list"}
          kinds={browsing === "tomogram" ? tomogramKinds : listKinds}
          start={folderOf(chosen)}
          onClose={() => browse(null)}
          onChoose={({ path }) => {
            if (browsing === "tomogram") setChosen(path);
            else setTyped(path);
            browse(null);
          }}
        />
      )}
    </div>
  );
}

const tomogramKinds: readonly FileKind[] = ["tomogram", "weights"];
const listKinds: readonly FileKind[] = ["list", "table"];

/** Beside the project's own files, named as the tomogram. */
function listFor(tomogram: string, mayBeNew = false): string {
  if (tomogram === "" || !mayBeNew) return "";
  return `objects/${nameOf(tomogram).replace(/\.(mrc|map|rec|st|ali|h5|hdf5?|hdf)(\.gz|\.bz2)?$/i, "")}.xml`;
}
