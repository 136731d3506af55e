/** Steps that run alone: what each form holds, how the one that runs fares. */
import { create } from "zustand";
import type { FormsAnswer, WorkflowText } from "../../protocol/forms.ts";
import type {
  OneStepMessage,
  StepCheckAnswer,
  StepMistake,
  StepRequest,
  StepRun,
} from "../../protocol/one-step.ts";
import { toastMistake } from "../components/toast.tsx";
import { request as ask } from "../connection/request.ts";
import { studioSocket } from "../connection/studio-socket.ts";
import { keepRequest, keptRequest } from "./kept-request.ts";
import { emptyRequest } from "./step-request.ts";

export interface StepState {
  readonly forms: FormsAnswer | null;
  /** By kind. */
  readonly requests: Readonly<Record<string, StepRequest>>;
  /** Of the kind that was checked last. */
  readonly mistakes: readonly StepMistake[];
  readonly run: StepRun | null;
  readonly isStarting: boolean;
}

export const useStep = create<StepState>(() => ({
  forms: null,
  requests: {},
  mistakes: [],
  run: null,
  isStarting: false,
}));

const { getState: get, setState: set } = useStep;

export const requestOf = (state: Pick<StepState, "requests">, uses: string): StepRequest =>
  state.requests[uses] ?? emptyRequest(uses);

/** Puts another request into the form of its kind. */
export function putRequest(request: StepRequest): void {
  set(({ requests, mistakes }) => ({
    requests: { ...requests, [request.uses]: request },
    // what was said of a value that is another one now is said no more
    mistakes: mistakes.filter(({ severity }) => severity === "warning"),
  }));
  keepRequest(request);
}

/** What was in the form before, in this browser. */
export function recallRequest(uses: string): void {
  const kept = get().requests[uses] ?? keptRequest(uses);
  set(({ requests }) => ({
    requests: { ...requests, [uses]: kept ?? emptyRequest(uses) },
    mistakes: [],
  }));
}

export async function loadForms(): Promise<void> {
  if (get().forms) return;
  const forms = await ask<FormsAnswer>("/api/editing/forms", { body: { path: ".", uses: [] } });
  set({ forms });
}

/** Follows the run of this server until the returned function is called. */
export function followRun(): () => void {
  const socket = studioSocket();
  return socket.listen("one-step", {
    onOpen: () => void socket.send({ channel: "one-step", type: "tell" }),
    onMessage: (message) => {
      const { run } = message as unknown as OneStepMessage;
      if (run !== undefined) set({ run });
    },
  });
}

export async function start(request: StepRequest): Promise<void> {
  set({ isStarting: true, mistakes: [] });
  try {
    const answer = await ask<StepCheckAnswer & { readonly run?: StepRun }>("/api/one-step/start", {
      body: request,
    });
    set({ mistakes: answer.mistakes, ...(answer.run && { run: answer.run }) });
  } catch (thrown) {
    toastMistake(thrown);
  } finally {
    set({ isStarting: false });
  }
}

export const stop = (): Promise<void> =>
  ask<void>("/api/one-step/stop", { body: {} }).catch((thrown: unknown) => toastMistake(thrown));

/** Writes the step as a workflow. Throws what the request throws. */
export const makeWorkflow = (path: string, request: StepRequest): Promise<WorkflowText> =>
  ask<WorkflowText>("/api/one-step/workflow", { body: { path, request } });
