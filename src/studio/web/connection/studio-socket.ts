import { useSyncExternalStore } from "react";
import { type ConnectionState, openSocket, type StudioSocket } from "./socket.ts";

let opened: StudioSocket | undefined;

/** The window's one socket, opened at the first call. */
export function studioSocket(): StudioSocket {
  opened ??= openSocket(new URL("/api/socket", location.href).href.replace(/^http/, "ws"));
  return opened;
}

/** How the connection to the server is, for what shows it. */
export function useConnection(): ConnectionState {
  const socket = studioSocket();
  return useSyncExternalStore(socket.onState, socket.state);
}
