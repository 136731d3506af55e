/** Toy steps for a cluster: they take time and memory, and leave a trace of every time they run. */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { StepKind } from "../../src/steps/step-kind.ts";
import { stepKinds as toyKinds } from "../support/toy-steps.ts";

const number = (description: string, value: number) => ({
  description,
  type: "number" as const,
  default: value,
  "x-affects-result": false,
});

/** The text in capitals. `ran/` beside the workflow has a file for each time that it was done to the end. */
const work: StepKind = {
  name: "work",
  version: 1,
  scope: "row",
  summary: "A toy that works.",
  parameters: {
    type: "object",
    additionalProperties: false,
    properties: {
      seconds: number("Time that it takes.", 0),
      firstSeconds: number("Time that it takes until it has a checkpoint.", 0),
      megabytes: number("Memory that it takes.", 0),
    },
  },
  cpus: () => 1,
  ports: () => ({
    inputs: [{ name: "text", required: true, description: "The text." }],
    outputs: [{ name: "loud", file: "loud.txt", description: "The text in capitals." }],
    columns: [],
    classFields: [],
  }),
  async run({ rows, parameters, outputs, checkpointFolder, report, signal }) {
    const path = rows[0]!.files.text!;
    const { seconds, firstSeconds, megabytes } = parameters as Record<string, number>;
    const checkpoint = join(checkpointFolder, "here");
    const isFirst = (await readFile(checkpoint, "utf8").catch(() => "")) === "";
    await writeFile(checkpoint, "before");
    report({ type: "log", text: `working on ${process.env.SLURMD_NODENAME ?? "no node"}` });
    report({ type: "progress", done: 1, total: 2, unit: "half" });
    const held: Buffer[] = [];
    for (let taken = 0; taken < megabytes!; taken += 20) {
      held.push(Buffer.alloc(20 * 2 ** 20, 1));
      await wait(100, undefined, { signal });
    }
    await wait((isFirst ? firstSeconds! || seconds! : seconds!) * 1000, undefined, { signal });
    await writeFile(outputs.loud!, (await readFile(path, "utf8")).toUpperCase());
    const traces = join(dirname(dirname(path)), "ran");
    await mkdir(traces, { recursive: true });
    await writeFile(
      join(traces, `${basename(path, ".txt")}-${randomBytes(4).toString("hex")}`),
      String(held.length),
    );
  },
};

export const stepKinds: ReadonlyMap<string, StepKind> = new Map([...toyKinds, [work.name, work]]);
