/** What was put into the form of a step is there again the next time, in this browser. */
import type { StepRequest } from "../../protocol/one-step.ts";

const nameOf = (uses: string): string => `tomoflow-step:${uses}`;

export function keepRequest(request: StepRequest): void {
  try {
    localStorage.setItem(nameOf(request.uses), JSON.stringify(request));
  } catch {
    // it is in this window all the same
  }
}

export function keptRequest(uses: string): StepRequest | undefined {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(nameOf(uses)) ?? "null");
    const request = kept as Partial<StepRequest> | null;
    const isWhole =
      request?.uses === uses &&
      Array.isArray(request.rows) &&
      request.rows.every((row) => typeof row?.inputs === "object" && typeof row.values === "object") &&
      [request.parameters, request.classes].every((each) => typeof each === "object" && each !== null) &&
      typeof request.folder === "string" &&
      typeof request.engine === "string";
    return isWhole ? (request as StepRequest) : undefined;
  } catch {
    return undefined;
  }
}
