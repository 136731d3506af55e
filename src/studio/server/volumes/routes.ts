import type { FastifyInstance } from "fastify";
import type { StudioContext } from "../context.ts";

export async function volumeRoutes(_app: FastifyInstance, _context: StudioContext): Promise<void> {}
