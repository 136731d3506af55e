/** Where the results of a step are looked at. Pure. */
import type { StepResultFile, StepRun } from "../../protocol/one-step.ts";
import { lookAddress } from "../look/look-address.ts";

/**
 * The Look screen with everything that a run read and wrote that can be seen: labels over their tomogram, detections over their labels.
 * Undefined where there is nothing to be seen.
 */
export function lookAtRun({ request, results }: Pick<StepRun, "request" | "results">): string | undefined {
  const inputs = request.rows[0]?.inputs ?? {};
  const made = (port: string) => results.find((file) => file.port === port)?.path;
  const labels = made("labels") ?? made("target") ?? made("truth") ?? inputs.labels;
  const objects = made("detections") ?? made("objects") ?? inputs.detections ?? inputs.objects;
  const volume = made("tomogram") ?? inputs.tomogram ?? labels;
  if (volume === undefined || results.every((file) => !isSeen(file))) return undefined;
  return lookAddress({
    volume,
    labels: labels ?? null,
    objects: objects ?? null,
    scores: made("scores") ?? null,
  });
}

/** One result alone. */
export function lookAtFile(
  file: StepResultFile,
  run: Pick<StepRun, "request" | "results">,
): string | undefined {
  if (file.kind === "tomogram" && file.port !== "labels" && file.port !== "target")
    return lookAddress({ volume: file.path });
  return isSeen(file) ? lookAtRun({ ...run, results: run.results }) : undefined;
}

const isSeen = ({ kind, port }: StepResultFile): boolean =>
  kind === "tomogram" || port === "detections" || port === "objects" || port === "scores";
