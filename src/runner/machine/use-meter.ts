/** Measures what a task takes while it is at work, beside what was reserved for it. */
import type { EventSink, TaskUse } from "../events.ts";
import { forgetPeak, useOf } from "./process-use.ts";

const intervalMilliseconds = 2000;

/** Seconds of work from which a share of the processors says something. */
const leastSeconds = 0.05;

/** Measures until the returned function is called, which tells the use of the whole task; undefined where none is known. */
export function measureUse(task: string, pid: number, sink: EventSink): () => TaskUse | undefined {
  const first = useOf(pid);
  if (first === undefined) return () => undefined;
  forgetPeak(pid);
  const started = performance.now();
  let [last, lastAt, peak] = [first, started, first.memoryBytes];
  const look = (): void => {
    const [now, at] = [useOf(pid), performance.now()];
    if (now === undefined) return;
    peak = Math.max(peak, now.memoryBytes);
    const cores = (now.cpuSeconds - last.cpuSeconds) / ((at - lastAt) / 1000);
    [last, lastAt] = [now, at];
    sink({ type: "task-use", task, use: { cores: Math.max(0, cores), memoryBytes: now.memoryBytes } });
  };
  const timer = setInterval(look, intervalMilliseconds);
  timer.unref();
  return () => {
    clearInterval(timer);
    const end = useOf(pid) ?? last;
    const seconds = (performance.now() - started) / 1000;
    const cores = seconds < leastSeconds ? 0 : (end.cpuSeconds - first.cpuSeconds) / seconds;
    return { cores: Math.max(0, cores), memoryBytes: Math.max(peak, end.memoryBytes, end.peakBytes) };
  };
}
