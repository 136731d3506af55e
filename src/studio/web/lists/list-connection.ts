/** The list store's surroundings in a browser: the window's socket, requests, messages in the corner, storage. */
import type { ListKey, ListMessage, ListRequest, OpenedList } from "../../protocol/lists.ts";
import { toast } from "../components/toast.tsx";
import { RequestError, request } from "../connection/request.ts";
import { studioSocket } from "../connection/studio-socket.ts";
import type { ListSurroundings } from "./list-store.ts";
import type { PendingEdit } from "./list-sync.ts";

/** Bytes of a message above which it does not go over the socket. */
const longestMessage = 2 << 20;

/** @param tomogram the list is compared with it when it is opened */
export function listSurroundings(key: ListKey, tomogram: string | null): ListSurroundings {
  let answerTo: ((message: ListMessage) => void) | undefined;
  let big: Promise<void> | undefined;
  let waiting = 0;
  const sendLong = async (message: Extract<ListRequest, { type: "edit" }>): Promise<void> => {
    try {
      const { answers } = await request<{ answers: readonly ListMessage[] }>("/api/lists/edit", {
        body: message,
      });
      for (const answer of answers) answerTo?.(answer);
    } catch (thrown) {
      // without an answer it is sent again when the connection is back; one that is too long never arrives
      const { list, mode, number } = message;
      if (thrown instanceof RequestError && thrown.status >= 400)
        answerTo?.({ list, mode, type: "refused", number, message: thrown.message });
    }
  };
  const place = (session: string) => `tomoflow.edits ${session} ${key.mode} ${key.list}`;
  return {
    open: async () => {
      const body = { ...key, session: sessionOfTab(), ...(tomogram !== null && { tomogram }) };
      const opened = await request<OpenedList & { readonly session: string }>("/api/lists/open", { body });
      sessionStorage.setItem(sessionKey, opened.session);
      return opened;
    },
    send: (message) => {
      const socket = studioSocket();
      if (socket.state().kind !== "open") return false;
      if (message.type === "edit" && (big || JSON.stringify(message).length > longestMessage)) {
        // in their order: what comes after one that is long waits for it
        big = (big ?? Promise.resolve())
          .then(() => sendLong(message))
          .finally(() => {
            if (--waiting === 0) big = undefined;
          });
        waiting++;
        return true;
      }
      return socket.send({ channel: "lists", ...message });
    },
    listen: ({ onOpen, onMessage }) => {
      answerTo = onMessage;
      return studioSocket().listen("lists", {
        onOpen,
        onMessage: (message) => onMessage(message as unknown as ListMessage),
      });
    },
    tell: (kind, message) => toast({ kind, message }),
    keep: (edits) => {
      const name = place(sessionOfTab());
      if (edits.length === 0) localStorage.removeItem(name);
      else
        store(
          name,
          JSON.stringify(edits.map(({ number, role, operation }) => ({ number, role, operation }))),
        );
    },
    kept: (session) => readEdits(localStorage.getItem(place(session))),
  };
}

const sessionKey = "tomoflow.session";

/** Each tab is a session of its own, and stays it when the page is loaded again. */
function sessionOfTab(): string {
  const known = sessionStorage.getItem(sessionKey);
  if (known) return known;
  const made = crypto.randomUUID();
  sessionStorage.setItem(sessionKey, made);
  return made;
}

function store(name: string, text: string): void {
  try {
    localStorage.setItem(name, text);
  } catch {
    // full: the edits are on their way to the server all the same
  }
}

function readEdits(text: string | null): readonly PendingEdit[] {
  try {
    const edits: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(edits) ? (edits as PendingEdit[]) : [];
  } catch {
    return [];
  }
}
