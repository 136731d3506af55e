/** The channel `lists` of one window's socket: follows lists, takes edits, sends what everybody did. */
import { TomoflowError } from "../../../core/error.ts";
import type { ListKey, ListMessage, ListRequest } from "../../protocol/lists.ts";
import type { OpenLists } from "./open-lists.ts";

export interface ListChannel {
  receive(message: unknown): Promise<void>;
  /** The window is gone. */
  close(): void;
}

/** @param send to this window */
export function openListChannel(lists: OpenLists, send: (message: ListMessage) => void): ListChannel {
  const followed = new Map<string, () => void>();
  let isClosed = false;
  const leave = (key: ListKey): void => {
    followed.get(nameOf(key))?.();
    followed.delete(nameOf(key));
  };
  const answer = async (request: ListRequest): Promise<void> => {
    const { list, mode } = request;
    if (request.type === "leave") return leave(request);
    const document = await lists.open({ list, mode });
    switch (request.type) {
      case "follow": {
        leave(request);
        // while the list was opened the window may have gone
        if (!isClosed) followed.set(nameOf(request), document.follow(request, send));
        return;
      }
      case "edit":
        return document.edit(request, send);
      case "resolve":
        return document.resolve(request.choice);
      case "save":
        return document.flush();
    }
  };
  return {
    receive: async (message) => {
      if (!isRequest(message)) return;
      const { list, mode } = message;
      await answer(message).catch((error: unknown) => {
        const text = error instanceof TomoflowError ? error.message : "the server could not do this";
        if (message.type === "edit")
          send({ list, mode, type: "refused", number: message.number, message: text });
        else send({ list, mode, type: "told", message: text });
      });
    },
    close: () => {
      isClosed = true;
      for (const stop of followed.values()) stop();
      followed.clear();
    },
  };
}

const nameOf = ({ list, mode }: ListKey): string => `${mode}\n${list}`;

const sessionPattern = /^[A-Za-z0-9-]{1,64}$/;

/** Whether a session's name is one: it is part of ids of objects. */
export const isSession = (value: unknown): value is string =>
  typeof value === "string" && sessionPattern.test(value) && value !== "disk";

function isRequest(message: unknown): message is ListRequest {
  if (typeof message !== "object" || message === null) return false;
  const { list, mode, session, type, epoch, since, number, role, choice } = message as Record<
    string,
    unknown
  >;
  if (typeof list !== "string" || (mode !== "annotate" && mode !== "review") || !isSession(session))
    return false;
  switch (type) {
    case "leave":
    case "save":
      return true;
    case "follow":
      return typeof epoch === "string" && Number.isInteger(since);
    case "edit":
      return (
        typeof epoch === "string" &&
        Number.isSafeInteger(number) &&
        (role === "edit" || role === "undo" || role === "redo")
      );
    case "resolve":
      return choice === "mine" || choice === "theirs";
    default:
      return false;
  }
}
