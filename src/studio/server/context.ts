/** What every room of the server shares. */
import type { AllowedFiles } from "./access/allowed-files.ts";
import type { Channels } from "./socket.ts";

export interface StudioContext {
  /** Folder of the project, absolute, links followed: nothing outside is read or written, but the files named at the start. */
  readonly root: string;
  /** The workflow named at the start, absolute. */
  readonly workflow?: string;
  readonly files: AllowedFiles;
  /** Live messages to and from the browser's windows. */
  readonly channels: Channels;
  /** Aborted when the studio ends: what runs stops, what is unsaved is saved. */
  readonly signal: AbortSignal;
  /** Module that exports `stepKinds`; the built-in kinds when not given. */
  readonly catalogPath?: string;
  /** Runs at the end, before the server closes its last connection. */
  onEnd(action: () => Promise<void>): void;
}
