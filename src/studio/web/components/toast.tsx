import { create } from "zustand";
import { mistakesOf } from "../connection/request.ts";
import { IconButton } from "./button.tsx";
import { Icon } from "./icon.tsx";
import styles from "./toast.module.css";

export interface ToastContent {
  readonly kind: "good" | "bad" | "plain";
  readonly message: string;
  readonly hint?: string;
  readonly action?: { readonly label: string; run(): void };
}

interface Toasts {
  readonly shown: readonly (ToastContent & { readonly id: number })[];
}

const useToasts = create<Toasts>(() => ({ shown: [] }));
let last = 0;

/** Says something in the corner for a while: mistakes until they are closed, the rest for six seconds. */
export function toast(content: ToastContent): void {
  const id = ++last;
  useToasts.setState(({ shown }) => ({ shown: [...shown.slice(-3), { ...content, id }] }));
  if (content.kind !== "bad") setTimeout(() => drop(id), 6000);
}

/** Says what went wrong, with the server's own words and hint. */
export function toastMistake(thrown: unknown): void {
  for (const { message, hint } of mistakesOf(thrown).slice(0, 3)) toast({ kind: "bad", message, hint });
}

const drop = (id: number): void =>
  useToasts.setState(({ shown }) => ({ shown: shown.filter((one) => one.id !== id) }));

/** The corner where they appear; the shell has it once. */
export function ToastCorner() {
  const shown = useToasts((state) => state.shown);
  return (
    <section className={styles.corner} aria-label="Messages" aria-live="polite">
      {shown.map(({ id, kind, message, hint, action }) => (
        <div key={id} className={`${styles.toast} ${styles[kind]}`}>
          <Icon name={kind === "bad" ? "error" : "check"} />
          <div className={styles.words}>
            <p>{message}</p>
            {hint && <p className={styles.hint}>{hint}</p>}
          </div>
          {action && (
            <button
              type="button"
              className={styles.action}
              onClick={() => {
                action.run();
                drop(id);
              }}
            >
              {action.label}
            </button>
          )}
          <IconButton icon="close" label="Close this message" size="small" onClick={() => drop(id)} />
        </div>
      ))}
    </section>
  );
}
