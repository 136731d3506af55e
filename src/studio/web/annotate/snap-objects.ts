import type { SnapAnswer } from "../../protocol/list-tools.ts";
import { toast, toastMistake } from "../components/toast.tsx";
import { request } from "../connection/request.ts";
import type { ListStore } from "../lists/list-store.ts";
import { countObjects } from "../lists/list-sync.ts";
import type { ShownClass } from "../viewer/viewer-props.ts";

interface Snapping {
  readonly tomogram: string;
  readonly to: "minimum" | "maximum";
  readonly classes: readonly ShownClass[];
}

/** Moves the chosen objects to the darkest or brightest spot within their class's radius, as one edit. */
export async function snapObjects(store: ListStore, { tomogram, to, classes }: Snapping): Promise<void> {
  const { selected, byId, edit } = store.getState();
  const objects = [...selected].flatMap((id) => byId.get(id) ?? []);
  if (objects.length === 0) {
    toast({ kind: "plain", message: "Choose the objects to snap first" });
    return;
  }
  const radii = new Map(classes.map(({ label, radius }) => [label, radius]));
  const labels = [...new Set(objects.map(({ label }) => label))];
  try {
    const operations = [];
    for (const label of labels) {
      const some = objects.filter((object) => object.label === label);
      const points = some.map(({ x, y, z }) => ({ x, y, z }));
      const radius = Math.max(1, Math.min(64, radii.get(label) ?? 8));
      const body = { tomogram, to, points, radius };
      const answer = await request<SnapAnswer>("/api/lists/snap", { body });
      for (const [index, { id }] of some.entries())
        operations.push({ type: "move", id, ...answer.points[index]! } as const);
    }
    const isMoved = edit({ type: "batch", operations });
    const spot = to === "minimum" ? "darkest" : "brightest";
    toast({
      kind: "plain",
      message: isMoved
        ? `Snapped ${countObjects(objects.length)} to the ${spot} spot nearby`
        : `Already at the ${spot} spot nearby`,
    });
  } catch (thrown) {
    toastMistake(thrown);
  }
}
