/** A window that has a list open, as the browser's part does it, without the connection between. */
import type {
  LeftAlone,
  ListedObject,
  ListMessage,
  Operation,
  Role,
  SaveState,
} from "../../../../src/studio/protocol/lists.ts";
import type { ListDocument } from "../../../../src/studio/server/lists/document.ts";

export interface ListWindow {
  readonly session: string;
  readonly epoch: string;
  readonly objects: readonly ListedObject[];
  readonly messages: readonly ListMessage[];
  edit(operation: Operation, role?: Exclude<Role, "disk">): Promise<LeftAlone | undefined>;
  saved(): Promise<SaveState>;
  until(what: (message: ListMessage) => boolean): Promise<ListMessage>;
  leave(): void;
}

export async function openWindow(document: ListDocument, wanted = "session1"): Promise<ListWindow> {
  const opened = await document.open(wanted);
  const { session, epoch, version } = opened;
  const messages: ListMessage[] = [];
  const waiting = new Set<() => void>();
  let number = opened.lastNumber;
  const listener = (message: ListMessage) => {
    messages.push(message);
    for (const look of waiting) look();
  };
  const leave = document.follow({ session, epoch, since: version }, listener);
  const until = (what: (message: ListMessage) => boolean): Promise<ListMessage> =>
    new Promise((resolve) => {
      const look = () => {
        const found = messages.find(what);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return {
    session,
    epoch,
    objects: opened.objects,
    messages,
    edit: async (operation, role = "edit") => {
      const { list, mode } = opened;
      const mine = ++number;
      const edit = { list, mode, session, epoch, number: mine, role, operation } as const;
      await document.edit({ ...edit, type: "edit" }, listener);
      const answer = messages.findLast(
        (one) => one.type === "applied" && one.session === session && one.number === mine,
      );
      return answer?.type === "applied" ? answer.leftAlone : undefined;
    },
    saved: async () => {
      const isSaved = (one: ListMessage) => one.type === "save" && one.save.state === "saved";
      const before = messages.length;
      const message = await until((one) => messages.indexOf(one) >= before && isSaved(one));
      return message.type === "save" ? message.save : { state: "kept" };
    },
    until,
    leave,
  };
}
