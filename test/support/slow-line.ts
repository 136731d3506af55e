/** A line as `ssh -L` to a far machine is: a TCP proxy on 127.0.0.1 with a delay and a bandwidth. */
import { once } from "node:events";
import { type AddressInfo, createServer, connect as openConnection, type Socket } from "node:net";

export interface SlowLineOptions {
  /** Of the far end, on 127.0.0.1. */
  readonly port: number;
  /** From the far end back, ms: half of it each way. */
  readonly roundTripMs: number;
  /** From the far end to here, all connections together. */
  readonly megabitsPerSecond: number;
}

export interface SlowLine {
  readonly port: number;
  /** Bytes that came from the far end. */
  received(): number;
  close(): Promise<void>;
}

/** Bytes handed on at a time: what a line sends in one piece is not seen in parts. */
const pieceBytes = 16_384;

/** Bytes of one connection that wait before the far end is held back, as the windows of TCP do. */
const mostWaiting = 262_144;

export async function openSlowLine({
  port,
  roundTripMs,
  megabitsPerSecond,
}: SlowLineOptions): Promise<SlowLine> {
  const bytesPerMs = (megabitsPerSecond * 1e6) / 8 / 1000;
  const sockets = new Set<Socket>();
  /** When the line has sent all that it was given, ms. */
  let free = 0;
  let received = 0;
  const server = createServer((near) => {
    const far = openConnection(port, "127.0.0.1");
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      socket.on("error", () => socket.destroy());
    }
    near.on("data", (bytes) => void setTimeout(() => far.write(bytes), roundTripMs / 2));
    near.on("close", () => far.destroy());
    let waiting = 0;
    far.on("data", (bytes: Buffer) => {
      for (let from = 0; from < bytes.length; from += pieceBytes) {
        const piece = bytes.subarray(from, from + pieceBytes);
        free = Math.max(free, performance.now()) + piece.length / bytesPerMs;
        waiting += piece.length;
        received += piece.length;
        setTimeout(
          () => {
            waiting -= piece.length;
            near.write(piece);
            if (waiting < mostWaiting) far.resume();
          },
          free + roundTripMs / 2 - performance.now(),
        );
      }
      if (waiting >= mostWaiting) far.pause();
    });
    // what is under way still arrives
    far.on("close", () => setTimeout(() => near.end(), Math.max(0, free - performance.now()) + roundTripMs));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    received: () => received,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
