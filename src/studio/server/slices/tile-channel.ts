/** The channel `slices`: each window's newest list of wishes, answered a few tiles ahead of what it has acknowledged. */
import { isMap } from "../../../schema/text/data-path.ts";
import { encodeTile, type TileAddress, tilesAhead } from "../../protocol/slices.ts";
import type { Channel, Client } from "../socket.ts";
import type { OpenedVolumes } from "../volumes/opened-volumes.ts";

/** Longest list that is looked at: the rest can be asked for again. */
const mostWanted = 4096;

/** Tiles of one window that are read at a time. */
const readingAtATime = 4;

interface Wishes {
  readonly client: Client;
  waiting: readonly TileAddress[];
  /** Being read, by address: aborted when it is not wished for any more. */
  readonly reading: Map<string, AbortController>;
  /** Aborted readings that have not ended yet: they count, so that moving fast does not begin more and more. */
  readonly givenUp: Set<AbortController>;
  /** When each tile that is not acknowledged yet was sent, ms, the first first. */
  readonly onTheWay: number[];
  /** Tiles that may be on their way: as many as the connection takes without making the next wish wait. */
  allowed: number;
}

/** A tile that takes longer than the first, ms, is one of too many on a slow connection; less than the second: there is room. */
const [tooLate, inTime] = [300, 150];
const leastAhead = 2;

const keyOf = ({ volume, plane, level, slice, row, column }: TileAddress): string =>
  [volume, plane, level, slice, row, column].join(" ");

export function tileChannel(volumes: Pick<OpenedVolumes, "find">): Channel {
  const windows = new Map<string, Wishes>();
  const giveUp = ({ reading }: Wishes): void => {
    for (const controller of reading.values()) controller.abort();
  };
  return {
    onOpen: (client) =>
      void windows.set(client.session, {
        client,
        waiting: [],
        reading: new Map(),
        givenUp: new Set(),
        onTheWay: [],
        allowed: tilesAhead,
      }),
    onClose(client) {
      const wishes = windows.get(client.session);
      windows.delete(client.session);
      if (!wishes) return;
      wishes.waiting = [];
      giveUp(wishes);
    },
    onMessage(client, message) {
      const wishes = windows.get(client.session);
      if (!wishes) return;
      if (message.type === "want") replaceWishes(wishes, readAddresses(message.tiles));
      else if (message.type === "got" && typeof message.tiles === "number")
        acknowledge(wishes, Math.max(0, Math.floor(message.tiles)));
      advance(wishes, volumes);
    },
  };
}

/** Fewer at once where they took long to arrive, more where they did not. */
function acknowledge(wishes: Wishes, tiles: number): void {
  const [first] = wishes.onTheWay.splice(0, tiles);
  if (first === undefined) return;
  const took = performance.now() - first;
  if (took > tooLate) wishes.allowed = Math.max(leastAhead, wishes.allowed - 1);
  else if (took < inTime) wishes.allowed = Math.min(tilesAhead, wishes.allowed + 1);
}

/** What is being read goes on where it is still wanted. */
function replaceWishes(wishes: Wishes, tiles: readonly TileAddress[]): void {
  const wanted = new Set(tiles.map(keyOf));
  for (const [key, controller] of wishes.reading)
    if (!wanted.has(key)) {
      controller.abort();
      // wished for again while this reading still ends, it is read anew
      wishes.reading.delete(key);
      wishes.givenUp.add(controller);
    }
  wishes.waiting = tiles.filter((tile) => !wishes.reading.has(keyOf(tile)));
}

function advance(wishes: Wishes, volumes: Pick<OpenedVolumes, "find">): void {
  while (
    wishes.waiting.length > 0 &&
    wishes.reading.size + wishes.givenUp.size < readingAtATime &&
    wishes.onTheWay.length + wishes.reading.size < wishes.allowed
  ) {
    const [address, ...rest] = wishes.waiting;
    wishes.waiting = rest;
    void answer(address!, wishes, volumes).finally(() => advance(wishes, volumes));
  }
}

async function answer(
  address: TileAddress,
  wishes: Wishes,
  volumes: Pick<OpenedVolumes, "find">,
): Promise<void> {
  const key = keyOf(address);
  const controller = new AbortController();
  wishes.reading.set(key, controller);
  try {
    const volume = await volumes.find(address.volume);
    const tile = await volume.readTile(address, controller.signal);
    // nobody waits for it any more
    if (tile === undefined || controller.signal.aborted || !wishes.client.isOpen) return;
    wishes.onTheWay.push(performance.now());
    wishes.client.sendFrame(encodeTile({ address, ...tile }));
  } catch (error) {
    if (!controller.signal.aborted)
      wishes.client.send({ type: "failed", volume: address.volume, error: told(error) });
  } finally {
    wishes.givenUp.delete(controller);
    if (wishes.reading.get(key) === controller) wishes.reading.delete(key);
  }
}

const told = (error: unknown): { code: string; message: string } => ({
  code: (error as { code?: string }).code ?? "studio-error",
  message: (error as Error).message,
});

function readAddresses(tiles: unknown): readonly TileAddress[] {
  if (!Array.isArray(tiles)) return [];
  const seen = new Set<string>();
  return tiles.slice(0, mostWanted).flatMap((tile: unknown) => {
    if (!isMap(tile) || typeof tile.volume !== "string" || typeof tile.plane !== "string") return [];
    const { volume, plane, level, slice, row, column } = tile as unknown as TileAddress;
    const address = { volume, plane, level, slice, row, column };
    if (seen.has(keyOf(address))) return [];
    seen.add(keyOf(address));
    return [address];
  });
}
