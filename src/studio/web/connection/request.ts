import { readMistakes, type ServerMistake } from "./mistakes.ts";

export { readMistakes, type ServerMistake } from "./mistakes.ts";

/** A request that the server refused or that never arrived; `mistakes` hold what to show, at least one. */
export class RequestError extends Error {
  readonly status: number;
  readonly mistakes: readonly ServerMistake[];

  constructor(status: number, mistakes: readonly ServerMistake[]) {
    super(mistakes.map(({ message }) => message).join("; "));
    this.name = "RequestError";
    this.status = status;
    this.mistakes = mistakes;
  }
}

/**
 * Sends a request to the server's API and gives its JSON.
 * @param path below the studio's address, e.g. `/api/project`
 * @param body sent as JSON by POST (or `method`); none: GET
 * @throws RequestError for anything but 2xx, and when the server cannot be reached (status 0)
 */
export async function request<T>(
  path: string,
  {
    body,
    method = body === undefined ? "GET" : "POST",
    signal,
  }: { body?: unknown; method?: string; signal?: AbortSignal } = {},
): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      signal,
      credentials: "same-origin",
      headers: body === undefined ? undefined : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new RequestError(0, [unreachable]);
  }
  if (!response.ok)
    throw new RequestError(response.status, readMistakes(response.status, await response.text()));
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

const unreachable: ServerMistake = {
  code: "server-unreachable",
  message: "the studio's server does not answer",
  hint: "Look whether `tomoflow studio` still runs in its terminal, and whether the ssh tunnel is open.",
};

/** What to show of anything that was thrown: the server's mistakes, or the error's own words. */
export function mistakesOf(thrown: unknown): readonly ServerMistake[] {
  if (thrown instanceof RequestError) return thrown.mistakes;
  return [{ code: "unexpected", message: thrown instanceof Error ? thrown.message : String(thrown) }];
}
