/** Opening volumes, their values, and the channel with their slices. */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { cacheFolder } from "../../../core/cache-folder.ts";
import { splitDataset } from "../../../core/dataset-path.ts";
import { TomoflowError } from "../../../core/error.ts";
import { formatShape, type Shape3, type Triple, type VolumeReader } from "../../../volume/volume.ts";
import type { Position } from "../../protocol/coordinates.ts";
import { sliceChannel } from "../../protocol/slices.ts";
import {
  type BoxRequest,
  largestBox,
  type OpenVolumeRequest,
  type ValueAnswer,
} from "../../protocol/volumes.ts";
import type { StudioContext } from "../context.ts";
import { createCubeMemory } from "../slices/cube-memory.ts";
import { openPyramidStore, type PyramidStore } from "../slices/pyramid-store.ts";
import { tileChannel } from "../slices/tile-channel.ts";
import { openedVolumes } from "./opened-volumes.ts";

/** Of half a MiB each: 256 MiB. */
const cubesInMemory = 512;

const triple = { type: "array", items: { type: "integer" }, minItems: 3, maxItems: 3 };

const openBody = {
  type: "object",
  additionalProperties: false,
  required: ["path"],
  properties: {
    path: { type: "string", minLength: 1, maxLength: 4096 },
    dataset: { type: "string", maxLength: 4096 },
    as: { enum: ["density", "labels"] },
  },
};

const boxBody = {
  type: "object",
  additionalProperties: false,
  required: ["start", "shape"],
  properties: { start: triple, shape: triple },
};

export async function volumeRoutes(app: FastifyInstance, context: StudioContext): Promise<void> {
  const { channels, files, signal } = context;
  let store: Promise<PyramidStore> | undefined;
  const volumes = openedVolumes({
    memory: createCubeMemory(cubesInMemory),
    store: () => {
      store ??= openStore(context);
      return store;
    },
    signal,
    tell: (news) => channels.broadcast(sliceChannel, news),
  });
  context.onEnd(async () => {
    await volumes.close();
    await (await store)?.close();
  });
  channels.register(sliceChannel, tileChannel(volumes));

  app.post<{ Body: OpenVolumeRequest }>(
    "/api/volumes/open",
    { schema: { body: openBody } },
    async ({ body }) => {
      const { file, dataset } = splitDataset(body.path);
      return volumes.open(await files.resolve(file), { ...body, ...(dataset !== undefined && { dataset }) });
    },
  );

  app.get<{ Params: { id: string }; Querystring: Record<"x" | "y" | "z", string> }>(
    "/api/volumes/:id/value",
    async ({ params, query }): Promise<ValueAnswer> => {
      const { reader } = await volumes.find(params.id);
      const voxel: Position = [Number(query.x), Number(query.y), Number(query.z)];
      const [value] = await readVoxels(reader, { start: voxel, shape: [1, 1, 1] });
      return { value: Number.isFinite(value) ? value! : null };
    },
  );

  app.post<{ Params: { id: string }; Body: BoxRequest }>(
    "/api/volumes/:id/box",
    { schema: { body: boxBody } },
    async ({ params, body }, reply) => {
      const { reader } = await volumes.find(params.id);
      const voxels = Float32Array.from(await readVoxels(reader, body));
      return reply.type("application/octet-stream").send(Buffer.from(voxels.buffer));
    },
  );
}

/** In the project where there is one, else among what is kept for the user. */
async function openStore({ root, workflow }: StudioContext): Promise<PyramidStore> {
  const ours = join(root, ".tomoflow");
  const isThere = existsSync(ours);
  const isProject = workflow !== undefined || isThere;
  if (isProject && !isThere) {
    await mkdir(ours);
    await writeFile(join(ours, ".gitignore"), "*\n");
  }
  const folder = isProject ? join(ours, "cache", "slices") : join(cacheFolder(), "slices");
  return openPyramidStore(folder, isProject ? join(ours, "stat-cache") : join(cacheFolder(), "stat-cache"));
}

/** Throws `box-outside` for what the volume does not have. */
function readVoxels(reader: VolumeReader, { start, shape }: BoxRequest) {
  const [from, size] = [turned(start), turned(shape) as Shape3];
  const isInside = from.every(
    (at, axis) =>
      Number.isInteger(at) && at >= 0 && size[axis]! > 0 && at + size[axis]! <= reader.info.shape[axis]!,
  );
  if (!isInside || size[0] * size[1] * size[2] > largestBox) {
    const message = `there is no box of ${formatShape(size)} voxels (z, y, x) at ${from.join(", ")} in a volume of ${formatShape(reader.info.shape)}, or it is too large`;
    throw new TomoflowError("box-outside", message);
  }
  return reader.readBox(from, size);
}

const turned = ([x, y, z]: Position): Triple => [z, y, x];
