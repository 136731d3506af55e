/** What the built-in kinds read of parts of files: for the keys of their tasks. Loaded with every command, so it imports when asked. */
import type { FilePart, FileParts } from "../schema/step-description.ts";
import { tomogramIndexColumn } from "./step-kind.ts";

/** For a kind that reads data sets with `openVolume` and lists with `readRowObjects`, and nothing else of these inputs. */
export const fileParts = (inputs: Pick<FileParts, "datasets" | "tomograms">): FileParts => ({
  ...inputs,
  indexColumn: tomogramIndexColumn,
  content: async (file: string, part: FilePart) =>
    part.type === "dataset"
      ? (await import("./parts/dataset-content.ts")).datasetContent(file, part.name)
      : (await import("./parts/objects-content.ts")).objectsContent(file, part),
});
