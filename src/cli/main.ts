#!/usr/bin/env node
import { nodeProblem } from "./node-version.ts";

/** A reader that closes the pipe early (`| head`) is no mistake: what is left to say is dropped. */
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });

const problem = nodeProblem(process.versions.node);
if (problem) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 2;
} else {
  // loaded only now: it uses what older versions of Node do not have
  const { runProgram } = await import("./program.ts");
  process.exitCode = await runProgram(process.argv.slice(2));
}
