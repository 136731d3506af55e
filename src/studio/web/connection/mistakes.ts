/** What a mistake looks like when it comes from the server: `{error}` or `{diagnostics}`. */
export interface ServerMistake {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** Where in which file, as the server words it. */
  readonly location?: unknown;
}

/** The mistakes in the text of an answer that is not 2xx; always at least one. */
export function readMistakes(status: number, text: string): readonly ServerMistake[] {
  const answer = parse(text);
  const listed = Array.isArray(answer?.diagnostics) ? answer.diagnostics : [answer?.error];
  const mistakes = listed.filter(isMistake);
  if (mistakes.length > 0) return mistakes;
  if (status === 401 || status === 403)
    return [
      {
        code: "not-signed-in",
        message: "this window is not signed in to the studio any more",
        hint: "Open the link that `tomoflow studio` printed in its terminal.",
      },
    ];
  return [{ code: "request-failed", message: `the server answered with status ${status}` }];
}

function parse(text: string): { diagnostics?: unknown; error?: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

function isMistake(value: unknown): value is ServerMistake {
  return typeof value === "object" && value !== null && typeof (value as ServerMistake).message === "string";
}
