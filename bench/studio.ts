/**
 * Prints how fast the studio's server gives slices of a large tomogram, and the memory it takes:
 * `node --import tsx bench/studio.ts [PLANES]`, some five minutes. Makes a tomogram of 4 GB in the temporary folder (TMPDIR), whose cache
 * takes another 2.5 GB, and removes both; a number of planes makes it smaller than 1000. The server is a process of its own,
 * `tomoflow studio`; whoever asks is a window without a browser, which acknowledges every tile as browsers do.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import WebSocket from "ws";
import { type Plane, planeAxes } from "../src/studio/protocol/coordinates.ts";
import { decodeTile, type TileAddress, tileEdge } from "../src/studio/protocol/slices.ts";
import type { VolumeAnswer } from "../src/studio/protocol/volumes.ts";
import { writeNoise } from "./noise-volume.ts";

/** (z, y, x), float32: 4.2 GB. */
const shape = [Number(process.argv[2] ?? 1000), 1024, 1024] as const;

export async function benchStudio(print: (line: string) => void): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "tomoflow-bench-studio-"));
  let server: ChildProcess | undefined;
  try {
    await mkdir(join(root, ".tomoflow"));
    await writeNoise(join(root, "large.mrc"), shape);
    const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
    server = spawn(process.execPath, ["--import", "tsx", main, "studio", root, "--no-open"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const window = await openWindow(await linkOf(server));
    await measure(window, server.pid!, print);
    window.close();
  } finally {
    if (server?.exitCode === null) {
      server.kill("SIGINT");
      await once(server, "exit");
    }
    await rm(root, { recursive: true, force: true });
  }
}

async function measure(window: Window, pid: number, print: (line: string) => void): Promise<void> {
  const opened = performance.now();
  const since = (): string => `${(performance.now() - opened).toFixed(0)} ms`;
  const volume = await window.open("large.mrc");
  const [x, y, z] = volume.shape;
  print(`${((4 * x * y * z) / 1e9).toFixed(1)} GB: opened, with contrast and histogram, after ${since()}`);
  await window.slice(volume, { plane: "xy", slice: z >> 3, level: 2 });
  print(`first picture (XY, coarse) after ${since()}`);
  await window.slice(volume, { plane: "xy", slice: z >> 1, level: 0 });
  print(`XY at full detail after ${since()}`);
  await window.news("finer", volume.id);
  print(`XZ and YZ can be had, coarsely, after ${since()}`);
  for (const plane of ["xz", "yz"] as const)
    print(`${plane}, coarse, without a cache: ${await rate(window, volume, { plane, level: 3, count: 20 })}`);
  print(
    `xy, full detail, without a cache: ${await rate(window, volume, { plane: "xy", level: 0, count: 60 })}`,
  );
  print(`server at that time: ${await memoryOf(pid)}`);
  await window.news("finer", volume.id);
  print(`cache whole after ${since()}`);
  for (const plane of ["xy", "xz", "yz"] as const)
    print(
      `${plane}, full detail, from the cache: ${await rate(window, volume, { plane, level: 0, count: 60 })}`,
    );
  for (const plane of ["xz", "yz"] as const)
    print(
      `${plane}, slices far apart: ${await rate(window, volume, { plane, level: 0, count: 12, step: 80 })}`,
    );
  print(`server in all: ${await memoryOf(pid)}`);
}

interface Turn {
  readonly plane: Plane;
  readonly level: number;
  readonly count: number;
  /** From one slice to the next. */
  readonly step?: number;
}

/** Slices one after the other, each waited for. */
async function rate(
  window: Window,
  volume: VolumeAnswer,
  { plane, level, count, step = 1 }: Turn,
): Promise<string> {
  const depth = Math.ceil(volume.shape[planeAxes[plane].through] / 2 ** level);
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    await window.slice(volume, { plane, level, slice: (Math.floor(depth / 3) + i * step) % depth });
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const all = times.reduce((sum, time) => sum + time, 0);
  const ms = (time: number): string => `${time.toFixed(0)} ms`;
  return `${((1000 * count) / all).toFixed(0)} slices a second; ${ms(times[count >> 1]!)} in the middle, ${ms(times.at(-1)!)} at most`;
}

interface Window {
  open(path: string): Promise<VolumeAnswer>;
  /** When all tiles of a slice have come. */
  slice(
    volume: VolumeAnswer,
    at: { readonly plane: Plane; readonly slice: number; readonly level: number },
  ): Promise<void>;
  /** The next news of this type, or one that nobody has waited for yet. */
  news(type: string, volume: string): Promise<void>;
  close(): void;
}

async function openWindow(link: string): Promise<Window> {
  const { origin } = new URL(link);
  const welcome = await fetch(link, { redirect: "manual" });
  const cookie = welcome.headers.getSetCookie()[0]!.split(";")[0]!;
  const socket = new WebSocket(`${origin.replace("http", "ws")}/api/socket`, { headers: { cookie, origin } });
  await once(socket, "open");
  const kept: string[] = [];
  const waiting = new Map<string, () => void>();
  const missing = new Set<string>();
  let done = (): void => undefined;
  socket.on("message", (data: Buffer, isBinary: boolean) => {
    if (!isBinary) {
      const { type, volume } = JSON.parse(data.toString()) as Record<string, string>;
      const name = `${type} ${volume}`;
      const taken = waiting.get(name);
      waiting.delete(name);
      if (taken) taken();
      else kept.push(name);
      return;
    }
    socket.send(JSON.stringify({ channel: "slices", type: "got", tiles: 1 }));
    const frame = data.buffer.slice(data.byteOffset, data.byteOffset + data.length) as ArrayBuffer;
    if (missing.delete(JSON.stringify(decodeTile(frame).address)) && missing.size === 0) done();
  });
  return {
    async open(path) {
      const headers = { cookie, origin, "content-type": "application/json" };
      const body = JSON.stringify({ path });
      const answer = await fetch(`${origin}/api/volumes/open`, { method: "POST", body, headers });
      if (!answer.ok) throw new Error(await answer.text());
      return (await answer.json()) as VolumeAnswer;
    },
    slice: (volume, { plane, slice, level }) =>
      new Promise((resolve) => {
        const { across, down } = planeAxes[plane];
        const [rows, columns] = [down, across].map((axis) =>
          Math.ceil(Math.ceil(volume.shape[axis] / 2 ** level) / tileEdge),
        );
        const tiles: TileAddress[] = [];
        for (let row = 0; row < rows!; row++)
          for (let column = 0; column < columns!; column++)
            tiles.push({ volume: volume.id, plane, level, slice, row, column });
        missing.clear();
        for (const tile of tiles) missing.add(JSON.stringify(tile));
        done = resolve;
        socket.send(JSON.stringify({ channel: "slices", type: "want", tiles }));
      }),
    news(type, volume) {
      const name = `${type} ${volume}`;
      const index = kept.indexOf(name);
      if (index >= 0) {
        kept.splice(index, 1);
        return Promise.resolve();
      }
      return new Promise((resolve) => void waiting.set(name, resolve));
    },
    close: () => socket.terminate(),
  };
}

async function linkOf({ stdout }: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: stdout! })) {
    const link = /http:\/\/\S+/.exec(line)?.[0];
    if (link !== undefined) return link;
  }
  throw new Error("the studio ended before it gave a link");
}

/** Of Linux alone. */
async function memoryOf(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kibibytes = (name: string): string => {
    const found = new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1];
    return found === undefined ? "unknown" : `${(Number(found) / 1024).toFixed(0)} MiB`;
  };
  return `memory ${kibibytes("VmRSS")}, at most ${kibibytes("VmHWM")}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await benchStudio((line) => void process.stdout.write(`${line}\n`));
