/** What goes wrong in a request, as the browser is told: coded errors in their words, of anything else nothing of the server's inside. */
import type { FastifyError, FastifyInstance } from "fastify";
import type { Diagnostic } from "../../core/diagnostic.ts";
import { TomoflowError } from "../../core/error.ts";

/** Throw it in a route to answer with all of a user's mistakes at once. */
export class Mistakes extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(({ message }) => message).join("; "));
    this.name = "Mistakes";
    this.diagnostics = diagnostics;
  }
}

export interface ToldError {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

const notFoundCodes: ReadonlySet<string> = new Set(["file-missing", "not-open"]);

/** Of an error that a route or a channel threw. */
export function explainError(error: unknown): ToldError {
  if (error instanceof TomoflowError) {
    const { code, message, hint } = error;
    return { code, message, ...(hint !== undefined && { hint }) };
  }
  const fault = error as Partial<FastifyError>;
  if (typeof fault.statusCode === "number" && fault.statusCode < 500)
    return { code: "bad-request", message: fault.message ?? "the request is wrong" };
  return {
    code: "studio-error",
    message: "the studio's server made a mistake",
    hint: "its terminal says which; please report it",
  };
}

export function tellMistakes(app: FastifyInstance, onFault: (error: unknown) => void): void {
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof Mistakes) return reply.code(422).send({ diagnostics: error.diagnostics });
    const told = explainError(error);
    if (told.code === "studio-error") onFault(error);
    return reply.code(statusOf(error, told)).send({ error: told });
  });
  app.setNotFoundHandler((request, reply) => {
    const message = `there is nothing at ${request.url.slice(0, 200)}`;
    return reply.code(404).send({ error: { code: "not-found", message } });
  });
}

function statusOf(error: unknown, { code }: ToldError): number {
  if (code === "studio-error") return 500;
  if (code === "outside-project") return 403;
  if (notFoundCodes.has(code)) return 404;
  return error instanceof TomoflowError ? 422 : ((error as FastifyError).statusCode ?? 400);
}
