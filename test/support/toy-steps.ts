/** Real steps with little work, so that the runner is tested with real processes and real files. */
import { execFileSync } from "node:child_process";
import {
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { TomoflowError } from "../../src/core/error.ts";
import type { OutputPort, Ports } from "../../src/schema/step-description.ts";
import type { RunContext, StepKind } from "../../src/steps/step-kind.ts";

const input = (name: string) => ({ name, required: true, description: `The ${name}.` });
const output = (name: string, file: string): OutputPort => ({ name, file, description: `The ${name}.` });
const ports = (some: Partial<Ports>): Ports => ({
  inputs: [],
  outputs: [],
  columns: [],
  classFields: [],
  ...some,
});
type Kind = Omit<StepKind, "version" | "summary" | "parameters"> & {
  readonly version?: number;
  readonly properties?: StepKind["parameters"]["properties"];
};
const kind = ({ properties = {}, ...rest }: Kind): StepKind => ({
  version: 1,
  summary: `A toy ${rest.name}.`,
  parameters: { type: "object", additionalProperties: false, properties },
  cpus: () => 1,
  ...rest,
});

/** Rows of text in capitals, with a suffix and the class names that exist. */
const shout = kind({
  name: "shout",
  scope: "row",
  properties: {
    suffix: { description: "Put at the end.", type: "string", default: "!" },
    speed: { description: "Changes nothing.", type: "integer", default: 1, "x-affects-result": false },
  },
  ports: () =>
    ports({ inputs: [input("text")], outputs: [output("loud", "loud.txt")], classFields: ["radius"] }),
  async run({ rows, parameters, outputs, classes, report }) {
    const text = (await readFile(rows[0]!.files.text!, "utf8")).trim().toUpperCase();
    const radii = classes.map(({ label, radius }) => `${label}:${radius}`).join();
    report({ type: "engine", name: "toy (CPU)" });
    process.stdout.write(`shouting ${text}\n`);
    if (parameters.suffix === "fail") throw new TomoflowError("toy-failure", "boom");
    await writeFile(outputs.loud!, `${text}${parameters.suffix}${radii}\n`);
  },
});

/** The length of each row's text: an early cutoff, since different texts may be equally long. */
const measure = kind({
  name: "measure",
  scope: "row",
  ports: () => ports({ inputs: [input("loud")], outputs: [output("length", "length.txt")] }),
  async run({ rows, outputs }) {
    await writeFile(outputs.length!, `${(await readFile(rows[0]!.files.loud!, "utf8")).length}\n`);
  },
});

/** All texts in one, with metrics. */
const join_ = kind({
  name: "join",
  scope: "table",
  ports: () =>
    ports({
      inputs: [input("loud")],
      outputs: [
        output("all", "all.txt"),
        { name: "metrics", file: "metrics.json", description: "Counts.", metrics: true },
      ],
      columns: ["split"],
    }),
  async run({ rows, outputs }) {
    const texts = await Promise.all(rows.map(({ files }) => readFile(files.loud!, "utf8")));
    const lines = rows.map(({ values }, index) => `${values.split ?? "-"} ${texts[index]}`);
    await writeFile(outputs.all!, lines.join(""));
    await writeFile(
      outputs.metrics!,
      JSON.stringify({ rows: rows.length, nested: { letters: lines.join("").length } }),
    );
  },
});

/** Puts the content of a file parameter after each text. */
const append = kind({
  name: "append",
  scope: "row",
  properties: { tail: { description: "A file.", type: "string", "x-file": true } },
  ports: () => ports({ inputs: [input("text")], outputs: [output("longer", "longer.txt")] }),
  async run({ rows, parameters, outputs }) {
    const parts = [rows[0]!.files.text!, String(parameters.tail)].map((path) => readFile(path, "utf8"));
    await writeFile(outputs.longer!, (await Promise.all(parts)).join(""));
  },
});

/**
 * Counts epochs in checkpoints, like a training. After epoch `pauseAt` it waits until it is stopped or killed; a run
 * that goes on from there does not wait again.
 */
const learn = kind({
  name: "learn",
  scope: "table",
  properties: {
    epochs: { description: "Epochs.", type: "integer", default: 5 },
    pauseAt: { description: "Waits after it.", type: "integer", default: 0, "x-affects-result": false },
  },
  ports: () => ports({ inputs: [input("text")], outputs: [output("model", "model.txt")] }),
  continues: () => ["epochs"],
  async run({ parameters, checkpointFolder, outputs, report, signal }) {
    const checkpoint = join(checkpointFolder, "epochs.json");
    const done: number[] = JSON.parse(await readFile(checkpoint, "utf8").catch(() => "[]"));
    const found = done.length;
    report({ type: "log", text: `found ${found} epochs` });
    const total = parameters.epochs as number;
    while (done.length < total) {
      signal.throwIfAborted();
      done.push((done.at(-1) ?? 7) * 3);
      await writeFile(`${checkpoint}.new`, JSON.stringify(done));
      await rename(`${checkpoint}.new`, checkpoint);
      report({ type: "progress", done: done.length, total, unit: "epoch" });
      report({ type: "metrics", values: { loss: 1 / done.length }, step: done.length });
      if (done.length === parameters.pauseAt) await untilAborted(signal);
    }
    await writeFile(outputs.model!, JSON.stringify(done.slice(0, total)));
  },
});

/** Goes wrong in the way asked for, unless the row's text is `fine`. */
const stumble = kind({
  name: "stumble",
  scope: "row",
  properties: { how: { description: "The way.", type: "string", default: "throw" } },
  ports: () => ports({ inputs: [input("text")], outputs: [output("out", "out.txt")] }),
  async run(context) {
    const text = (await readFile(context.rows[0]!.files.text!, "utf8")).trim();
    const how = String(context.parameters.how);
    if (text !== "fine") await goWrong(how, context);
    if (text !== "fine" && /-output$|move-attempt/.test(how)) return;
    await writeFile(context.outputs.out!, text);
  },
});

async function goWrong(
  how: string,
  { rows, outputs, checkpointFolder, signal, report }: RunContext,
): Promise<void> {
  switch (how) {
    case "throw":
      throw new TomoflowError("toy-trouble", "the toy is broken", { hint: "mend it" });
    case "bug":
      throw new TypeError("x is not a function");
    case "exit":
      process.stderr.write("last words\n");
      return process.exit(3);
    case "kill":
      process.kill(process.pid, "SIGKILL");
      return new Promise(() => undefined);
    case "half":
      await writeFile(outputs.out!, "half a res");
      throw new TomoflowError("toy-trouble", "stopped half way");
    case "once": {
      const marker = join(checkpointFolder, "tried");
      const tried = await readFile(marker, "utf8").catch(() => "");
      await writeFile(marker, "yes");
      if (!tried) throw new TomoflowError("toy-trouble", "not at the first try");
      return;
    }
    case "change-input":
      return writeFile(rows[0]!.files.text!, "something else\n");
    case "change-input-and-back":
    case "change-input-and-back-and-throw": {
      const path = rows[0]!.files.text!;
      const [before, { atime, mtime }] = [await readFile(path), await stat(path)];
      await writeFile(join(checkpointFolder, "seen"), "something else");
      await writeFile(path, "something else\n");
      await writeFile(path, before);
      await utimes(path, atime, mtime);
      if (how.endsWith("throw")) throw new TomoflowError("toy-trouble", "after the change");
      return;
    }
    case "link-output":
      return symlink(rows[0]!.files.text!, outputs.out!);
    case "hard-link-output":
      return link(rows[0]!.files.text!, outputs.out!);
    case "move-attempt": {
      const [own, theirs] = [dirname(outputs.out!), dirname(rows[0]!.files.text!)];
      await writeFile(join(theirs, "out.txt"), "theirs");
      await rm(own, { recursive: true });
      return symlink(theirs, own);
    }
    case "wait":
      report({ type: "progress", done: 1, total: 2, unit: "step" });
      return untilAborted(signal);
    case "deaf":
      return new Promise(() => undefined);
    default:
      throw new Error(`no such way to go wrong: ${how}`);
  }
}

/** Each letter of the row's text in a file of its own, below a folder with the same of all rows; `odd` adds what is no plain file. */
const spell = kind({
  name: "spell",
  scope: "row",
  properties: { odd: { description: "What else is there.", type: "string", default: "" } },
  ports: () => ports({ inputs: [input("text")], outputs: [output("letters", "letters/")] }),
  async run({ rows, outputs, parameters, signal }) {
    const text = (await readFile(rows[0]!.files.text!, "utf8")).trim();
    const folder = outputs.letters!;
    await mkdir(join(folder, "all"), { recursive: true });
    if (parameters.odd === "empty") return;
    await writeFile(join(folder, "all", "same.txt"), "the same for all\n");
    for (const [index, letter] of [...text].entries()) await writeFile(join(folder, `${index}.txt`), letter);
    if (parameters.odd === "file") {
      await rm(folder, { recursive: true });
      await writeFile(folder, text);
    }
    if (parameters.odd === "link") await symlink(rows[0]!.files.text!, join(folder, "link.txt"));
    if (parameters.odd === "circle") await symlink("..", join(folder, "all", "up"));
    if (parameters.odd === "dangling") await symlink("nowhere", join(folder, "gone"));
    if (parameters.odd === "pipe") execFileSync("mkfifo", [join(folder, "pipe")]);
    if (parameters.odd === "wait") await untilAborted(signal);
  },
});

/** The names and contents of all files in a folder. */
const list = kind({
  name: "list",
  scope: "row",
  ports: () =>
    ports({
      inputs: [{ ...input("letters"), folders: true }],
      outputs: [output("listing", "listing.txt")],
    }),
  async run({ rows, outputs }) {
    const folder = rows[0]!.files.letters!;
    const names = (await readdir(folder, { recursive: true })).sort();
    const files = [];
    for (const name of names)
      if ((await stat(join(folder, name))).isFile())
        files.push(`${name}: ${(await readFile(join(folder, name), "utf8")).trim()}\n`);
    await writeFile(outputs.listing!, files.join(""));
  },
});

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });

export const stepKinds: ReadonlyMap<string, StepKind> = new Map(
  [shout, measure, join_, append, learn, stumble, spell, list].map((each) => [each.name, each]),
);
