import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import type { ClassesAnswer, ListClass } from "../../protocol/list-tools.ts";
import type { ListedObject, ListKey, ObjectId } from "../../protocol/lists.ts";
import { request } from "../connection/request.ts";
import { shownClasses, useClasses, useProject } from "../project/project-queries.ts";
import type { ShownClass, ShownObject } from "../viewer/viewer-props.ts";
import { listSurroundings } from "./list-connection.ts";
import { createListStore, type ListStore } from "./list-store.ts";

/** A list that is open for as long as the component is shown; give the component a key of the list's name. */
export function useList(key: ListKey, tomogram: string | null): ListStore {
  const [store] = useState(() => createListStore(key, listSurroundings(key, tomogram)));
  useEffect(() => () => store.getState().close(), [store]);
  return store;
}

export interface ListClasses {
  readonly classes: readonly ShownClass[];
  readonly counts: ReadonlyMap<number, number>;
  readonly workflow: string | null;
  change(change: ListClass): Promise<void>;
}

/** The workflow's classes and those that these objects have, with how many objects each. */
export function useListClasses(objects: readonly ListedObject[]): ListClasses {
  const workflow = useProject().data?.workflow ?? null;
  const named = useClasses(workflow).data;
  const queries = useQueryClient();
  const counts = useMemo(() => countClasses(objects), [objects]);
  const seen = [...counts.keys()].sort((a, b) => a - b).join();
  const classes = useMemo(
    () => shownClasses(named?.classes ?? [], seen === "" ? [] : seen.split(",").map(Number)),
    [named, seen],
  );
  return {
    classes,
    counts,
    workflow,
    change: async (change) => {
      const body = { ...(workflow !== null && { workflow }), change };
      const answer = await request<ClassesAnswer>("/api/lists/classes", { method: "PUT", body });
      queries.setQueryData(["classes", workflow], answer);
    },
  };
}

function countClasses(objects: readonly ListedObject[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { label } of objects) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

/** An object on its way to another place, before it is let go. */
export interface Preview {
  readonly id: ObjectId;
  readonly place: { readonly x: number; readonly y: number; readonly z: number };
}

/** Objects as the viewer draws them. */
export function useShownObjects(
  objects: readonly ListedObject[],
  preview: Preview | null,
): readonly ShownObject[] {
  const shown = useMemo(
    () =>
      objects.map(
        ({ id, x, y, z, label, mark }): ShownObject => ({ id, x, y, z, label, faint: mark === "rejected" }),
      ),
    [objects],
  );
  return useMemo(() => {
    if (!preview) return shown;
    const index = shown.findIndex(({ id }) => id === preview.id);
    return index < 0 ? shown : shown.with(index, { ...shown[index]!, ...preview.place });
  }, [shown, preview]);
}

/** Adds an element to a set, or takes it out. */
export function toggled<T>(set: ReadonlySet<T>, element: T): ReadonlySet<T> {
  const next = new Set(set);
  if (!next.delete(element)) next.add(element);
  return next;
}
