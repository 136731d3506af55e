import { useQuery } from "@tanstack/react-query";
import type {
  CompareAnswer,
  CompareRequest,
  HistoryAnswer,
  LogAnswer,
  PlanAnswer,
  ResultsAnswer,
  RunRequest,
  StopAnswer,
  Training,
  WorkflowChoice,
} from "../../protocol/workflow.ts";
import { request } from "../connection/request.ts";

const words = (query: Readonly<Record<string, string | number | undefined>>): string => {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parts.set(name, String(value));
  return parts.toString();
};

const plainChoice = ({ path, variant }: WorkflowChoice) => ({ path, variant });

/** The first word of the keys of all that a run changes. */
export const workflowQueries = "workflow";

export const usePlan = (choice: WorkflowChoice) =>
  useQuery({
    queryKey: [workflowQueries, "plan", choice],
    queryFn: () => request<PlanAnswer>(`/api/workflow/plan?${words(plainChoice(choice))}`),
    placeholderData: (before) => before,
    retry: false,
    refetchOnWindowFocus: true,
  });

export const useResults = (choice: WorkflowChoice) =>
  useQuery({
    queryKey: [workflowQueries, "results", choice],
    queryFn: () => request<ResultsAnswer>(`/api/workflow/results?${words(plainChoice(choice))}`),
    placeholderData: (before) => before,
    retry: false,
  });

export const useTrainings = (choice: WorkflowChoice) =>
  useQuery({
    queryKey: [workflowQueries, "trainings", choice],
    queryFn: async () =>
      (
        await request<{ trainings: readonly Training[] }>(
          `/api/workflow/trainings?${words(plainChoice(choice))}`,
        )
      ).trainings,
    placeholderData: (before) => before,
  });

export const useHistory = (choice: WorkflowChoice) =>
  useQuery({
    queryKey: [workflowQueries, "history", choice],
    queryFn: () => request<HistoryAnswer>(`/api/workflow/history?${words(plainChoice(choice))}`),
  });

export const useComparison = (asked: CompareRequest | null) =>
  useQuery({
    queryKey: [workflowQueries, "compare", asked],
    enabled: asked !== null,
    queryFn: () => request<CompareAnswer>("/api/workflow/compare", { body: asked }),
    placeholderData: (before) => before,
    retry: false,
  });

export const readLog = (choice: WorkflowChoice, task: string, from?: number): Promise<LogAnswer> =>
  request<LogAnswer>(`/api/workflow/log?${words({ ...plainChoice(choice), task, from })}`);

export const startRun = (asked: RunRequest): Promise<{ run: string }> =>
  request("/api/workflow/run", { body: asked });

export const stopRun = (choice: WorkflowChoice, run: string): Promise<StopAnswer> =>
  request("/api/workflow/stop", { body: { ...plainChoice(choice), run } });

export const pictureAddress = (path: string, changedMs: number): string =>
  `/api/workflow/picture?${words({ path, at: changedMs })}`;

/** @param labels colours by label from 1, `#rrggbb`, for a label map */
export const thumbnailAddress = (
  path: string,
  { changedMs, labels }: { readonly changedMs: number; readonly labels?: readonly string[] },
): string =>
  `/api/workflow/thumbnail?${words({ path, at: changedMs, labels: labels?.map((color) => color.slice(1)).join(",") })}`;
