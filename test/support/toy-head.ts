/** A head process of its own, to be killed: runs the toy project in the folder given and prints events, one a line. */
import { openToyProject } from "./toy-project.ts";

const stop = new AbortController();
process.on("SIGINT", () => stop.abort());
const sink = (event: unknown) => process.stdout.write(`${JSON.stringify(event)}\n`);
await openToyProject(process.argv[2]!).run({ sink, signal: stop.signal });
