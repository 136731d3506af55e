/** A head process of its own, to be killed: runs the toy project in the folder given and prints events, one a line. */
import type { OpenExecutor } from "../../src/runner/index.ts";
import { detachedExecutor } from "./detached-executor.ts";
import { openToyProject } from "./toy-project.ts";

const [folder, executor] = process.argv.slice(2);
const stop = new AbortController();
process.on("SIGINT", () => stop.abort());
const sink = (event: unknown) => process.stdout.write(`${JSON.stringify(event)}\n`);
/** The head dies when it has written down what it is about to submit. */
const dyingExecutor: OpenExecutor = (options) => ({
  ...detachedExecutor(options),
  async submit() {
    process.kill(process.pid, "SIGKILL");
    return new Promise(() => undefined);
  },
});
const executors = { detached: detachedExecutor, dying: dyingExecutor };
await openToyProject(folder!).run({
  sink,
  signal: stop.signal,
  ...(executor !== "local" && {
    executors: { detached: executors[executor as keyof typeof executors] },
    executorOf: () => "detached",
  }),
});
