/** The thread in which a volume's cache is made: the server goes on answering. One volume a thread. */
import { parentPort } from "node:worker_threads";
import { explainSystemError, type ToldError, tellError } from "../../../core/error.ts";
import { openVolume } from "../../../volume/formats.ts";
import { buildPyramid } from "./build-pyramid.ts";
import type { Coding } from "./coding.ts";

export interface PyramidJob {
  readonly path: string;
  readonly dataset?: string;
  readonly coding: Coding;
  readonly isLabels: boolean;
  /** Empty, for the files. */
  readonly folder: string;
}

export type PyramidNews =
  | { readonly type: "progress"; readonly done: number }
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly error: ToldError };

parentPort?.on("message", async ({ path, dataset, ...options }: PyramidJob) => {
  const tell = (news: PyramidNews): void => parentPort?.postMessage(news);
  try {
    const reader = await openVolume(path, dataset === undefined ? {} : { dataset });
    try {
      await buildPyramid(reader, { ...options, onProgress: (done) => tell({ type: "progress", done }) });
    } finally {
      await reader.close();
    }
    tell({ type: "done" });
  } catch (error) {
    tell({ type: "failed", error: tellError(explainSystemError(error, options.folder)) });
  }
});
