import { useMemo, useState } from "react";
import type { ListedObject } from "../../protocol/lists.ts";
import { Select } from "../components/field.tsx";
import { folderOf, tomogramsOf, useProject, useTable } from "../project/project-queries.ts";
import { type ListPart, objectsOfPart, partFor, partsOf } from "./list-part.ts";
import styles from "./save-state.module.css";

export interface ChosenPart {
  readonly parts: readonly ListPart[];
  readonly part: ListPart | undefined;
  readonly objects: readonly ListedObject[];
  /** Id of the tomogram's row in the workflow. */
  readonly row: string | undefined;
  choose(value: ListPart["value"]): void;
}

/** Of a list for several tomograms, the objects of the one that is shown. */
export function useListPart(objects: readonly ListedObject[], tomogram: string): ChosenPart {
  const workflow = useProject().data?.workflow ?? null;
  const table = useTable(workflow).data?.table;
  const rows = table ? tomogramsOf(table, folderOf(workflow ?? "")) : [];
  const row = rows.find((one) => one.tomogram === tomogram)?.id;
  const [chosen, choose] = useState<{ readonly value: ListPart["value"] } | null>(null);
  const parts = useMemo(() => partsOf(objects), [objects]);
  const part = (chosen && parts.find(({ value }) => value === chosen.value)) ?? partFor(parts, row);
  const value = part?.value;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a part is another when its value is
  const shown = useMemo(() => objectsOfPart(objects, parts, part), [objects, parts, value]);
  return { parts, part, objects: shown, row, choose: (next) => choose({ value: next }) };
}

/** Which tomogram's objects are shown; nothing where the list is of one. */
export function PartChoice({ parts, part, choose }: Pick<ChosenPart, "parts" | "part" | "choose">) {
  if (parts.length < 2) return null;
  return (
    <Select
      aria-label="Objects of which tomogram"
      title="This list is of several tomograms: only these objects are shown, and what you add is of the same"
      className={styles.part}
      value={parts.findIndex((one) => one.value === part?.value)}
      onChange={(event) => choose(parts[Number(event.target.value)]!.value)}
    >
      {parts.map(({ value, count }, index) => (
        <option key={String(value)} value={index}>
          {value === undefined ? "no tomogram" : `tomogram ${value}`} ({count})
        </option>
      ))}
    </Select>
  );
}
