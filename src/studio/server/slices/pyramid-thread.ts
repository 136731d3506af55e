/** The thread in which a volume's cache is made: the server goes on answering. One volume a thread. */
import { parentPort } from "node:worker_threads";
import { explainSystemError, TomoflowError } from "../../../core/error.ts";
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
  /** `code` where the user can mend it. */
  | {
      readonly type: "failed";
      readonly error: { readonly code?: string; readonly message: string; readonly hint?: string };
    };

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
    const told = explainSystemError(error, options.folder);
    const { message } = told as Error;
    const known = told instanceof TomoflowError ? { code: told.code, hint: told.hint } : {};
    tell({ type: "failed", error: { message, ...known } });
  }
});
