import { Ajv2020 } from "ajv/dist/2020.js";
import type { FastifyInstance } from "fastify";

/**
 * Bodies are taken as they are sent: Fastify's own validator makes the text "1" the number 1 and leaves out what it does not know, which
 * would change what a user means without a word.
 */
export function takeStrictBodies(app: FastifyInstance): void {
  const ajv = new Ajv2020({ allErrors: false, strict: false });
  app.setValidatorCompiler(({ schema }) => ajv.compile(schema as object));
}
