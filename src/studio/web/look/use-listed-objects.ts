import { useQuery } from "@tanstack/react-query";
import type { ListedObject, OpenedList } from "../../protocol/lists.ts";
import { request, type ServerMistake } from "../connection/request.ts";

export interface ListedObjects {
  readonly objects: readonly ListedObject[];
  /** What the reader of the file, and the comparison with the tomogram, have to say. */
  readonly warnings: readonly ServerMistake[];
}

/** The objects of a list, to look at, compared with the tomogram that they lie over; null path: none. */
export function useListedObjects(list: string | null, tomogram: string) {
  return useQuery({
    queryKey: ["listed-objects", list, tomogram],
    enabled: list !== null,
    retry: false,
    queryFn: async (): Promise<ListedObjects> => {
      const { objects, warnings } = await request<OpenedList>("/api/lists/open", {
        body: { list, tomogram, mode: "review", session: `look-${crypto.randomUUID()}` },
      });
      return { objects, warnings };
    },
  });
}
