#!/usr/bin/env node
import { runProgram } from "./program.ts";

/** A reader that closes the pipe early (`| head`) is no mistake: what is left to say is dropped. */
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });

process.exitCode = await runProgram(process.argv.slice(2));
