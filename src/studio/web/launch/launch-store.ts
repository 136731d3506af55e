import { create } from "zustand";
import {
  eventsChannel,
  type RecordedRun,
  type RunsNews,
  type WorkflowChoice,
} from "../../protocol/workflow.ts";
import type { StudioSocket } from "../connection/socket.ts";
import { emptyRun, type RunModel, takeRecords } from "./run-model.ts";

export type Selection = { readonly kind: "step" | "task"; readonly id: string } | null;

interface LaunchState {
  readonly choice: WorkflowChoice | null;
  /** The newest first; null until they are known. */
  readonly runs: readonly RecordedRun[] | null;
  /** The run that is followed: the one that was asked for, else the newest. */
  readonly model: RunModel | null;
  /** Run that the person looks back at. */
  readonly pinned: string | null;
  readonly selection: Selection;
  select(selection: Selection): void;
  pin(run: string | null): void;
}

export const useLaunch = create<LaunchState>((set) => ({
  choice: null,
  runs: null,
  model: null,
  pinned: null,
  selection: null,
  select: (selection) => set({ selection }),
  pin: (pinned) => {
    set({ pinned });
    follow();
  },
}));

let socket: StudioSocket | undefined;
let followed: string | null = null;

/** Listens to the runs of a workflow until the returned function is called. */
export function watchWorkflow(choice: WorkflowChoice, own: StudioSocket): () => void {
  socket = own;
  const before = useLaunch.getState().choice;
  if (before?.path !== choice.path || before.variant !== choice.variant)
    useLaunch.setState({ choice, runs: null, model: null, pinned: null, selection: null });
  followed = useLaunch.getState().model?.run ?? null;
  return own.listen(eventsChannel, {
    onOpen: askFor,
    onMessage: (message) => take(message as unknown as RunsNews),
  });
}

/** Says what is wanted, from behind what is there: also after each lost connection. */
function askFor(): void {
  const { choice, model } = useLaunch.getState();
  if (choice === null) return;
  const run = followed === null ? {} : { run: followed, after: model?.run === followed ? model.last : 0 };
  socket?.send({ channel: eventsChannel, path: choice.path, variant: choice.variant, ...run });
}

function take(news: RunsNews): void {
  const { model } = useLaunch.getState();
  if (news.type === "runs") {
    useLaunch.setState({ runs: news.runs });
    follow();
  } else if (news.type === "records" && model?.run === news.run) {
    const { model: next, gap } = takeRecords(model, news.records);
    useLaunch.setState({ model: next });
    if (gap) askFor();
  }
}

/** The run asked for, else the newest. */
function follow(): void {
  const { runs, pinned } = useLaunch.getState();
  const wanted = pinned ?? runs?.[0]?.id ?? null;
  if (wanted === followed) return;
  followed = wanted;
  useLaunch.setState({ model: wanted === null ? null : emptyRun(wanted) });
  askFor();
}

/** The run in the list that `model` tells of. */
export const runOf = ({ runs, model }: Pick<LaunchState, "runs" | "model">): RecordedRun | undefined =>
  runs?.find(({ id }) => id === model?.run);
