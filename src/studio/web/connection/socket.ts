import { waitBeforeTry } from "./backoff.ts";

export type ConnectionState =
  | { readonly kind: "connecting" }
  | { readonly kind: "open" }
  /** Lost, and tried again at `retryAt` (ms since 1970). */
  | { readonly kind: "lost"; readonly retryAt: number; readonly tries: number };

/** JSON that goes over the socket: every message names its channel. */
export type ChannelMessage = { readonly channel: string } & Readonly<Record<string, unknown>>;

export interface ChannelListener {
  /** Each JSON message of the channel, in order. */
  onMessage?(message: ChannelMessage): void;
  /** Each binary frame, for the one channel that has them (`slices`). */
  onFrame?(frame: ArrayBuffer): void;
  /** After each (re)connection: say again what to listen to, and from which event number. */
  onOpen?(): void;
  /** The connection is gone: whatever was asked for and not answered is asked again in onOpen. */
  onLost?(): void;
}

export interface StudioSocket {
  /** Listens to a channel until the returned function is called; `onOpen` runs at once where the socket is open. */
  listen(channel: string, listener: ChannelListener): () => void;
  /** Sends when the socket is open; false, and nothing is kept, when it is not: `onOpen` is the place to ask again. */
  send(message: ChannelMessage): boolean;
  state(): ConnectionState;
  onState(listener: (state: ConnectionState) => void): () => void;
  /** Tries now instead of waiting. */
  retry(): void;
  close(): void;
}

/** The channel that binary frames belong to. */
const frameChannel = "slices";

/** The one WebSocket of this window: many channels, opened again with growing pauses when it is lost. */
export function openSocket(
  address: string,
  { open = (url: string) => new WebSocket(url), chance = Math.random } = {},
): StudioSocket {
  const listeners = new Map<string, Set<ChannelListener>>();
  const watchers = new Set<(state: ConnectionState) => void>();
  let state: ConnectionState = { kind: "connecting" };
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let tries = 0;
  let closed = false;

  const all = (): ChannelListener[] => [...listeners.values()].flatMap((set) => [...set]);
  const become = (next: ConnectionState): void => {
    state = next;
    for (const watcher of watchers) watcher(next);
  };
  const connect = (): void => {
    clearTimeout(timer);
    const mine = open(address);
    socket = mine;
    mine.binaryType = "arraybuffer";
    mine.onopen = () => {
      tries = 0;
      become({ kind: "open" });
      for (const listener of all()) listener.onOpen?.();
    };
    mine.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer) {
        for (const listener of listeners.get(frameChannel) ?? []) listener.onFrame?.(data);
        return;
      }
      const message = JSON.parse(data as string) as ChannelMessage;
      for (const listener of listeners.get(message.channel) ?? []) listener.onMessage?.(message);
    };
    mine.onclose = () => {
      if (closed || socket !== mine) return;
      if (state.kind === "open") for (const listener of all()) listener.onLost?.();
      const wait = waitBeforeTry(tries++, chance());
      become({ kind: "lost", retryAt: Date.now() + wait, tries });
      timer = setTimeout(connect, wait);
    };
  };
  connect();

  return {
    listen: (channel, listener) => {
      const set = listeners.get(channel) ?? new Set();
      listeners.set(channel, set.add(listener));
      if (state.kind === "open") listener.onOpen?.();
      return () => void set.delete(listener);
    },
    send: (message) => {
      if (state.kind !== "open" || socket === null) return false;
      socket.send(JSON.stringify(message));
      return true;
    },
    state: () => state,
    onState: (watcher) => {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    retry: () => {
      if (state.kind === "lost") connect();
    },
    close: () => {
      closed = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}
