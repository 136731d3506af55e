import { useQuery } from "@tanstack/react-query";
import type { OpenedList } from "../../protocol/lists.ts";
import { request } from "../connection/request.ts";
import type { ShownObject } from "../viewer/viewer-props.ts";

/** The objects of a list, to look at; null path: none. */
export function useListedObjects(list: string | null) {
  return useQuery({
    queryKey: ["listed-objects", list],
    enabled: list !== null,
    retry: false,
    queryFn: async (): Promise<readonly ShownObject[]> => {
      const { objects } = await request<OpenedList>("/api/lists/open", {
        body: { list, mode: "review", session: `look-${crypto.randomUUID()}` },
      });
      return objects.map(({ id, x, y, z, label, mark }) => ({
        id,
        x,
        y,
        z,
        label,
        faint: mark === "rejected",
      }));
    },
  });
}
