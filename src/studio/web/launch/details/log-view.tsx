import { useEffect, useRef, useState } from "react";
import type { WorkflowChoice } from "../../../protocol/workflow.ts";
import { mistakesOf } from "../../connection/request.ts";
import { readLog } from "../launch-api.ts";
import styles from "./details.module.css";
import { addLogText } from "./log-text.ts";

const interval = 1000;

/** The log of a task's last attempt, as it is written; it stays at its end unless the person scrolls up. */
export function LogView({
  choice,
  task,
  live,
}: {
  readonly choice: WorkflowChoice;
  readonly task: string;
  readonly live: boolean;
}) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const frame = useRef<HTMLPreElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    let [stopped, from, attempt] = [false, undefined as number | undefined, 0];
    let timer: ReturnType<typeof setTimeout> | undefined;
    setText("");
    const look = async (): Promise<void> => {
      try {
        let answer = await readLog(choice, task, from);
        // a new attempt writes another file
        if (attempt !== 0 && answer.attempt !== attempt) answer = await readLog(choice, task);
        if (stopped) return;
        const isNew = answer.attempt !== attempt;
        attempt = answer.attempt;
        from = answer.end;
        setText((before) => addLogText(isNew ? "" : before, answer.text));
        setProblem(null);
      } catch (error) {
        if (!stopped) setProblem(mistakesOf(error)[0]!.message);
      }
      if (!stopped && live) timer = setTimeout(look, interval);
    };
    void look();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [choice, task, live]);
  useEffect(() => {
    const element = frame.current;
    if (element && atEnd.current && text !== "") element.scrollTop = element.scrollHeight;
  }, [text]);
  return (
    <pre
      ref={frame}
      className={styles.log}
      role="log"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by keys
      tabIndex={0}
      aria-label={`Log of ${task}`}
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        atEnd.current = scrollTop + clientHeight > scrollHeight - 24;
      }}
    >
      {text || problem || "The log is empty so far."}
    </pre>
  );
}
