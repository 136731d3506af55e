import type { SaveState } from "../../protocol/lists.ts";
import { Button } from "../components/button.tsx";
import { Icon } from "../components/icon.tsx";
import { Notice } from "../components/notice.tsx";
import { useConnection } from "../connection/studio-socket.ts";
import styles from "./save-state.module.css";

interface SaveLineProps {
  readonly save: SaveState;
  /** Edits that have not reached the server. */
  readonly pending: number;
  readonly others: number;
}

/** Whether all is in the file, in a few words beside the title. */
export function SaveLine({ save, pending, others }: SaveLineProps) {
  const connection = useConnection();
  const { kind, words, title } = describe(save, { pending, isLost: connection.kind !== "open" });
  return (
    <output className={styles.line} data-state={kind} title={title}>
      <Icon name={kind === "good" ? "check" : kind === "bad" ? "warning" : "refresh"} size={13} />
      {words}
      {others > 0 && (
        <span className={styles.others} title="What they do is seen here at once">
          {others === 1 ? "1 other window" : `${others} other windows`}
        </span>
      )}
    </output>
  );
}

interface Described {
  readonly kind: "good" | "busy" | "bad";
  readonly words: string;
  readonly title?: string;
}

export function describe(
  save: SaveState,
  { pending, isLost }: { readonly pending: number; readonly isLost: boolean },
): Described {
  if (isLost && pending > 0)
    return {
      kind: "bad",
      words: `${pending} not sent yet`,
      title: "No connection to the server: this browser keeps the edits and sends them when it is back",
    };
  switch (save.state) {
    case "saved":
      return pending > 0 ? { kind: "busy", words: "Saving" } : { kind: "good", words: "Saved" };
    case "waiting":
    case "saving":
      return { kind: "busy", words: "Saving" };
    case "failed":
      return { kind: "bad", words: "Not saved", title: save.message };
    case "read-only":
      return { kind: "bad", words: "Read-only", title: save.reason };
    case "conflict":
      return { kind: "bad", words: "Waits for you", title: save.message };
    case "kept":
      return pending > 0 ? { kind: "busy", words: "Keeping" } : { kind: "good", words: "Decisions kept" };
  }
}

interface SaveNoticeProps {
  readonly save: SaveState;
  onResolve(choice: "mine" | "theirs"): void;
  onSaveAs(): void;
}

/** What needs a person: a file that another program changed, or that cannot be written. */
export function SaveNotice({ save, onResolve, onSaveAs }: SaveNoticeProps) {
  if (save.state === "failed")
    return (
      <div className={styles.notice}>
        <Notice
          kind="bad"
          hint={save.hint ?? "It is tried again every few seconds; nothing is lost meanwhile."}
        >
          The list cannot be saved: {save.message}
        </Notice>
      </div>
    );
  if (save.state === "read-only")
    return (
      <div className={styles.notice}>
        <Notice
          kind="warn"
          action={
            <Button size="small" onClick={onSaveAs}>
              Save as …
            </Button>
          }
        >
          {save.reason}
        </Notice>
      </div>
    );
  if (save.state !== "conflict") return null;
  const mine =
    save.kind === "gone" ? "Write it again" : save.kind === "changed" ? "Keep mine" : "Write over it";
  const theirs = save.kind === "changed" ? "Take the file's" : "Read it again";
  return (
    <div className={styles.notice}>
      <Notice
        kind="warn"
        hint={
          save.kind === "changed"
            ? "All other changes of both sides are kept. Nothing is written before you choose."
            : "Nothing is written before you choose; a file that is written over is kept in .tomoflow/studio/originals."
        }
        action={
          <span className={styles.choices}>
            {save.kind !== "gone" && (
              <Button size="small" onClick={() => onResolve("theirs")}>
                {theirs}
              </Button>
            )}
            <Button size="small" look="primary" onClick={() => onResolve("mine")}>
              {mine}
            </Button>
          </span>
        }
      >
        {save.message}
      </Notice>
    </div>
  );
}
