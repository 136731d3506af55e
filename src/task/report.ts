/** What a step tells while it works: from its process to the runner, and on to every face. */
export type TaskReport =
  /** `done` of `total` units, e.g. `{done: 12, total: 100, unit: "epoch"}`; `detail` is a short free text. */
  | {
      readonly type: "progress";
      readonly done: number;
      readonly total: number;
      readonly unit: string;
      readonly detail?: string;
    }
  /** Latest values, e.g. `{loss: 1.3, "f1.ribosome": 0.9}`. */
  | { readonly type: "metrics"; readonly values: Readonly<Record<string, number>>; readonly step?: number }
  /** A line for the log. */
  | { readonly type: "log"; readonly text: string }
  /** The engine in use, recorded in the lock: `onnx (CPU)`. */
  | { readonly type: "engine"; readonly name: string }
  /** A process group that the step has started: it is ended with the step's own process, however that ends. */
  | { readonly type: "program"; readonly pid: number; readonly state: "started" | "ended" };
